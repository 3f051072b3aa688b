"""What an operator watches: alarms, objectives, the dashboard and the budget."""
