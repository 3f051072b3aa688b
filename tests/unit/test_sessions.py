"""Which sessions have ended: one by itself, or all that a user had begun by a moment."""

from typing import cast

import pytest

from auth.sessions import Session, SessionTable
from shared.dynamodb import Key, Table

CUT_OFF = 1_700_000_000


class Rows:
    """A table that holds `rows` by their ids."""

    def __init__(self, *rows: dict[str, object]) -> None:
        self._rows = {row["id"]: row for row in rows}

    def get(self, key: Key) -> dict[str, object] | None:
        """What Table.get gives."""
        return self._rows.get(key["id"])

    def get_several(self, *keys: Key) -> list[dict[str, object] | None]:
        """What Table.get_several gives."""
        return [self.get(key) for key in keys]


def table_of(*rows: dict[str, object]) -> SessionTable:
    return SessionTable(cast("Table", Rows(*rows)))


def has_ended(session: Session, *rows: dict[str, object]) -> bool:
    """Whether `session` has ended, with these rows in the table; then it may not be refreshed either."""
    table = table_of(*rows)
    ended = table.has_ended(session)
    assert table.may_be_refreshed(session) is not ended
    return ended


def a_session(began_at: int = CUT_OFF) -> Session:
    return Session("session-1", "profile-1", "ada", began_at)


ENDED = {"id": "USER#profile-1", "SESSION#session-1": CUT_OFF, "expiresAt": CUT_OFF}
ALL_ENDED = {"id": "USER#profile-1", "endedBefore": CUT_OFF, "expiresAt": CUT_OFF}


def test_a_session_that_nobody_ended_lives() -> None:
    assert not has_ended(a_session())


def test_a_session_that_was_signed_out_has_ended() -> None:
    assert has_ended(a_session(), ENDED)


@pytest.mark.parametrize(("began_at", "ended"), [(CUT_OFF - 1, True), (CUT_OFF, True), (CUT_OFF + 1, False)])
def test_signing_out_everywhere_ends_what_had_begun_by_then(began_at: int, ended: bool) -> None:
    assert has_ended(a_session(began_at), ALL_ENDED) is ended


def test_a_session_signed_out_by_itself_has_ended_though_a_cut_off_spares_it() -> None:
    assert has_ended(a_session(CUT_OFF + 1), {**ENDED, **ALL_ENDED})


def test_what_others_ended_does_not_count() -> None:
    assert not has_ended(a_session(), {"id": "USER#profile-1", "SESSION#session-2": CUT_OFF})
    assert not has_ended(a_session(), {**ENDED, "id": "USER#profile-2"}, {**ALL_ENDED, "id": "USER#profile-3"})


def test_a_session_that_a_release_before_1_2_ended_is_not_refreshed() -> None:
    assert not table_of({"id": "SESSION#session-1", "expiresAt": CUT_OFF}).may_be_refreshed(a_session())
