"""Ids: UUIDs of version 7, unique, the later ones sort last."""

import time
import uuid

from shared.ids import new_id


def milliseconds() -> int:
    return time.time_ns() // 1_000_000


def test_an_id_is_a_uuid_of_version_7() -> None:
    text = new_id()
    made = uuid.UUID(text)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert str(made) == text


def test_an_id_begins_with_the_millisecond_in_which_it_was_made() -> None:
    before = milliseconds()
    made = uuid.UUID(new_id()).int >> 80
    assert before <= made <= milliseconds()


def test_ids_of_later_milliseconds_sort_after_earlier_ones() -> None:
    ids = []
    for _ in range(5):
        ids.append(new_id())
        moment = milliseconds()
        while milliseconds() == moment:
            pass
    assert ids == sorted(ids)


def test_ids_of_the_same_moment_differ() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000
