"""The monthly budget of a stage; AWS Budgets e-mails before it is exceeded."""

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.settings import StageSettings

_EARLY = 80
"""Percent of the budget spent at which AWS Budgets notifies."""


def add_budget(scope: Construct, *, settings: StageSettings, prefix: str) -> None:
    """Notify `alarmEmail` when four fifths are spent, and when the forecast of the month is above the budget.

    Counts what has the stage's tag, once the tag is activated for cost allocation:
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """
    if not settings.monthly_budget or settings.alarm_email == "nobody":
        return
    somebody = budgets.CfnBudget.SubscriberProperty(subscription_type="EMAIL", address=settings.alarm_email)
    budgets.CfnBudget(
        scope,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_name=prefix,
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=settings.monthly_budget, unit="USD"),
            cost_filters={"TagKeyValue": [f"user:stage${settings.stage}"]},
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=[somebody],
            )
            for kind, percent in (("ACTUAL", _EARLY), ("FORECASTED", 100))
        ],
    )
