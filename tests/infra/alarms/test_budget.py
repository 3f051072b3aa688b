"""A stage's budget: e-mailed to the receiver of its alarms; none unless configured."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.observability.budget import add_budget
from tests.infra.stages import settings_with


def _budgets(**changes: object) -> list[dict[str, Any]]:
    stack = cdk.Stack(cdk.App(), "Alone")
    add_budget(stack, settings=settings_with(**changes), prefix="alone")
    resources = Template.from_stack(stack).to_json().get("Resources", {})
    return [resource["Properties"] for resource in resources.values()]


def test_somebody_hears_at_four_fifths_of_a_months_budget_and_when_it_will_be_more() -> None:
    [budget] = _budgets(monthlyBudget=200, alarmEmail="on-call@example.com")

    assert budget["Budget"]["BudgetLimit"] == {"Amount": 200, "Unit": "USD"}
    assert budget["Budget"]["TimeUnit"] == "MONTHLY"
    assert budget["Budget"]["CostFilters"] == {"TagKeyValue": ["user:stage$alone"]}
    told = {
        (each["Notification"]["NotificationType"], each["Notification"]["Threshold"], *each["Subscribers"][0].values())
        for each in budget["NotificationsWithSubscribers"]
    }
    assert told == {
        ("ACTUAL", 80, "on-call@example.com", "EMAIL"),
        ("FORECASTED", 100, "on-call@example.com", "EMAIL"),
    }


@pytest.mark.parametrize("changes", [{"monthlyBudget": 0, "alarmEmail": "on-call@example.com"}, {"monthlyBudget": 200}])
def test_there_is_no_budget_without_a_limit_or_somebody_to_tell(changes: dict[str, Any]) -> None:
    assert _budgets(**changes) == []
