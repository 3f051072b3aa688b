"""The row of a user that names ended sessions: what it keeps, what it forgets, and how large it may get."""

import time
from typing import Any

import pytest

from shared.dynamodb import Table, to_item
from tests.integration.faults import meanwhile
from tests.scaffolding.item_history import clock_at
from tests.scaffolding.request_units import item_size
from tests.scaffolding.world import World

MOST_BYTES = 64 * 1024
NOW = 1_795_525_200
ADA = "01990000-0000-7000-8000-0000000000ad"


@pytest.fixture
def sessions(world: World) -> Any:
    """The table, as functions open it."""
    from auth.sessions import SessionTable  # noqa: PLC0415 - reads its environment when imported

    return SessionTable(Table(world.table_name("auth")))


def ended(world: World) -> set[str]:
    """The sessions that Ada's row names."""
    return {name.removeprefix("SESSION#") for name in row(world) if name.startswith("SESSION#")}


def row(world: World) -> dict[str, Any]:
    """Ada's row."""
    [found] = [row for row in world.rows("auth") if row["id"] == f"USER#{ADA}"]
    return found


def test_each_sign_out_is_kept_beside_the_others(world: World, sessions: Any) -> None:
    sessions.end(ADA, "phone")
    sessions.end(ADA, "laptop")
    sessions.end(ADA, "phone")
    assert ended(world) == {"phone", "laptop"}


def test_a_session_whose_tokens_have_all_expired_is_forgotten(world: World, sessions: Any) -> None:
    from auth.sessions import LONGEST_SESSION_SECONDS  # noqa: PLC0415 - reads its environment when imported

    with clock_at(NOW):
        sessions.end(ADA, "old")
    with clock_at(NOW + LONGEST_SESSION_SECONDS - 60):
        sessions.end(ADA, "recent")
    assert ended(world) == {"old", "recent"}
    with clock_at(NOW + LONGEST_SESSION_SECONDS + 60):
        sessions.end(ADA, "new")
    assert ended(world) == {"recent", "new"}


def test_ending_all_sessions_makes_naming_each_needless(world: World, sessions: Any) -> None:
    sessions.end(ADA, "phone")
    with clock_at(NOW):
        sessions.end_all(ADA)
    assert ended(world) == set()
    assert row(world)["endedBefore"] == NOW


def test_a_sign_out_while_all_sessions_end_is_kept(world: World, sessions: Any) -> None:
    with meanwhile(world, "dynamodb", "UpdateItem", lambda: sessions.end(ADA, "begun since")):
        sessions.end_all(ADA)
    assert ended(world) == {"begun since"}


def test_of_two_cut_offs_the_later_one_stands(world: World, sessions: Any) -> None:
    for moment in (NOW + 60, NOW):
        with clock_at(moment):
            sessions.end_all(ADA)
    assert row(world)["endedBefore"] == NOW + 60


def test_who_signs_out_too_often_ends_all_sessions_so_that_the_row_stays_small(world: World, sessions: Any) -> None:
    from auth.sessions import MOST_ENDED  # noqa: PLC0415 - reads its environment when imported

    many = {f"SESSION#{number:036}": int(time.time()) + 3600 for number in range(MOST_ENDED)}
    item = to_item({"id": f"USER#{ADA}", "endedBefore": NOW, "expiresAt": NOW, **many})
    world.dynamodb.put_item(TableName=world.table_name("auth"), Item=item)
    assert item_size(item) < MOST_BYTES
    sessions.end(ADA, "one more")
    assert len(ended(world)) < MOST_ENDED
    assert time.time() - 5 < row(world)["endedBefore"] <= time.time()

    cut_off = row(world)["endedBefore"]
    sessions.end(ADA, "the next one")
    assert "the next one" in ended(world)
    assert row(world)["endedBefore"] == cut_off
