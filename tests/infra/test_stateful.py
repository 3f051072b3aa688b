"""A refactoring can't lose what holds data: logical ids and replacing properties are agreed on, by stage."""

from copy import deepcopy

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template
from constructs import Construct

from infra.standards.stateful import REPLACED_BY, Stateful, agreed, losses, stateful
from infra.tables import Tables
from tests.infra.every import every_stage
from tests.infra.stages import Stage, settings_with
from tests.scaffolding.template import template


@every_stage
def test_nothing_that_holds_data_would_be_lost(stage: Stage) -> None:
    now = stateful(template(stage.name))

    assert list(losses(agreed(stage.name), now)) == []
    assert now == agreed(stage.name), "what is new must be agreed on too: make stateful"


@every_stage
def test_all_that_outlives_the_stack_is_in_the_list(stage: Stage) -> None:
    resources = template(stage.name)["Resources"]
    outliving = {name for name, each in resources.items() if each.get("DeletionPolicy", "Delete") != "Delete"}
    logs = set(stage.all("AWS::Logs::LogGroup"))
    assert outliving - logs <= set(agreed(stage.name))


def _tables(place: str | None) -> Stateful:
    """What holds data in a stack of tables alone, which are put together in a construct `place`."""
    stack = cdk.Stack(cdk.App(), "Platform")
    Tables(Construct(stack, place) if place else stack, settings=settings_with(retainData=True))
    return stateful(Template.from_stack(stack).to_json())


def test_tables_that_are_moved_into_another_construct_are_missed_each_by_name() -> None:
    before, now = _tables(None), _tables("Storage")

    lost = list(losses(before, now))

    assert len(lost) == len(before) == 5
    orders = next(name for name in before if name.startswith("TablesOrders"))
    heir = next(name for name in now if name.startswith("StorageTablesOrders"))
    assert any(
        loss.startswith(f"DynamoDB::Table {orders} is gone, and what it holds; it is {heir} now") for loss in lost
    )


@pytest.mark.parametrize("kind", REPLACED_BY)
def test_a_resource_that_moves_is_missed_and_its_heir_named(kind: str) -> None:
    before = agreed("prod")
    moved = next(name for name, each in before.items() if each["Type"] == kind)
    now = {("Renamed" + name if name == moved else name): each for name, each in before.items()}

    [loss] = losses(before, now)

    assert loss.startswith(
        f"{kind.removeprefix('AWS::')} {moved} is gone, and what it holds; it is Renamed{moved} now:"
    )
    assert "override_logical_id" in loss


def test_a_table_with_another_key_would_be_replaced() -> None:
    before = agreed("prod")
    now = deepcopy(before)
    table = next(name for name in now if name.startswith("TablesOrders"))
    now[table]["KeySchema"][0]["AttributeName"] = "orderId"

    [loss] = losses(before, now)

    assert loss.startswith(f"DynamoDB::Table {table} would be replaced by an empty one: its KeySchema changes")


def test_what_is_taken_away_is_missed() -> None:
    before = agreed("prod")
    gone = next(name for name, each in before.items() if each["Type"] == "AWS::Cognito::UserPool")

    [loss] = losses(before, {name: each for name, each in before.items() if name != gone})

    assert loss == f"Cognito::UserPool {gone} is gone, and what it holds: take it out of the list by hand"
