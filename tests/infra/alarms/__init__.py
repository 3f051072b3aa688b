"""Alarms, evaluated by CloudWatch's documented rules on the template; and the dashboard."""
