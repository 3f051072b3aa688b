"""What an operator sees of a stage: alarms, objectives, the dashboard and the budget."""
