"""The simulation itself: it plays the same twice, and sees what is wrong; a slice of it runs with every test run."""

from collections.abc import Callable

import pytest

from shared.dynamodb import to_item
from tests.integration import factories
from tests.scaffolding.releases import latest
from tests.scaffolding.world import Item
from tests.simulation.crash_matrix import Case, recorded, violations
from tests.simulation.histories import play, play_seed, steps_of
from tests.simulation.scenarios import ADA, SCENARIOS
from tests.simulation.scene import Scene, scene
from tests.simulation.wire import Fault, faults_of

pytestmark = pytest.mark.untraced
CONFIRM = next(scenario for scenario in SCENARIOS if scenario.name == "CONFIRM")
CONFIRM_CALLS = ("UpdateItem", "Invoke", "BatchGetItem", "TransactWriteItems", "PutItem")


def test_confirming_takes_five_calls_in_all_services_together() -> None:
    assert tuple(recorded(CONFIRM)) == CONFIRM_CALLS


@pytest.mark.parametrize("comes_back", [True, False], ids=["client comes back", "nobody comes back"])
@pytest.mark.parametrize(
    ("place", "call", "fault"),
    [(place, call, fault) for place, call in enumerate(CONFIRM_CALLS) for fault in faults_of(call)],
)
def test_a_confirm_that_breaks_anywhere_loses_and_doubles_nothing(
    place: int, call: str, fault: Fault, comes_back: bool
) -> None:
    assert violations(Case("CONFIRM", place, call, fault, comes_back)) == []


@pytest.mark.parametrize("seed", range(10))
def test_a_random_history_violates_nothing(seed: int) -> None:
    assert play_seed(seed).violations == []


@pytest.mark.parametrize("seed", range(4))
def test_a_random_history_with_half_of_the_code_from_the_last_release_violates_nothing(seed: int) -> None:
    outcome = play_seed(seed, mixed=True)

    assert outcome.violations == []
    assert min(outcome.faults[f"code of {latest()}"], outcome.faults["code of today"]) > 20


def test_the_same_seed_plays_the_same_history() -> None:
    first, second = play_seed(7), play_seed(7)

    assert (first.steps, first.faults) == (second.steps, second.faults)
    assert len(first.steps) >= 40


def test_steps_can_be_left_out() -> None:
    assert play(7, steps_of(7)[::2]).violations == []


def _change(scene: Scene, service: str, change: dict[str, object], **which: object) -> None:
    row = next(row for row in scene.world.rows(service) if which.items() <= row.items())
    _write(scene, service, {**row, **change})


def _write(scene: Scene, service: str, row: Item) -> None:
    with scene.wire.quiet():
        scene.world.dynamodb.put_item(TableName=scene.world.table_name(service), Item=to_item(row))


def _balance(scene: Scene) -> None:
    _change(scene, "billing", {"balance": 1}, sk="ACCOUNT")


def _paid_twice(scene: Scene) -> None:
    entry = next(row for row in scene.world.rows("billing") if row.get("kind") == "PAYMENT")
    _write(scene, "billing", {**entry, "sk": "ENTRY#000000000099", "sequence": 99})


def _not_paid(scene: Scene) -> None:
    _change(scene, "billing", {"state": "VOID"}, sk="PAYMENT")


def _money_kept(scene: Scene) -> None:
    _change(scene, "orders", {"state": "CANCELED"}, state="PAID")


def _event_lost(scene: Scene) -> None:
    del scene.world.published[-1]


def _told_twice(scene: Scene) -> None:
    notification = scene.world.rows("notifications")[0]
    _write(scene, "notifications", {**notification, "sk": notification["sk"] + "again"})


def _number_missing(scene: Scene) -> None:
    _change(scene, "orders", {"orderNumber": 7}, state="PAID")


def _effect_without_key(scene: Scene) -> None:
    key = next(row for row in scene.world.rows("billing") if row["sk"].startswith("IDEMPOTENCY#DEPOSIT"))
    with scene.wire.quiet():
        scene.world.dynamodb.delete_item(
            TableName=scene.world.table_name("billing"), Key=to_item({"pk": key["pk"], "sk": key["sk"]})
        )


def _anothers_row(scene: Scene) -> None:
    _change(scene, "billing", {"profileId": "bob"}, sk="ENTRY#000000000001")


@pytest.mark.parametrize(
    ("tamper", "violated"),
    [
        (_balance, "is not the sum of the entries"),
        (_paid_twice, "order paid 2 times"),
        (_not_paid, "order PAID, payment VOID"),
        (_money_kept, "order CANCELED, payment TAKEN"),
        (_event_lost, "was told 0 times"),
        (_told_twice, "notifications"),
        (_number_missing, "order numbers"),
        (_effect_without_key, "effects of DEPOSIT"),
        (_anothers_row, "under another's account"),
    ],
)
def test_what_is_violated_is_seen(tamper: Callable[[Scene], None], violated: str) -> None:
    with scene() as stage:
        factories.with_profile(stage.world, ADA)
        factories.order_in(stage.world, ADA, "PAID")
        stage.settle()
        assert stage.judge() == []

        tamper(stage)

        assert any(violated in found for found in stage.judge())
