"""What a stage may cost in a month; AWS Budgets e-mails before it is more."""

from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.settings import StageSettings

_EARLY = 80
"""Percent of the budget that were spent, when somebody should know."""


def add_budget(scope: Construct, *, settings: StageSettings, prefix: str) -> None:
    """Have `alarmEmail` told when four fifths are spent, and when the forecast of the month is above the budget.

    Counted is what has the stage's tag, once the tag was activated for cost allocation:
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
