"""Pages: limits, and cursors that are ours or refused."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.paging import Page, PageRequest
from shared.problems import InvalidCursorError, ValidationFailedError
from tests.unit.gateway import request
from tests.unit.properties import few_examples

ENTRY_NUMBER = re.compile(r"[0-9]{12}")
POSITION = "000000000042"


def asked(**query: str) -> PageRequest:
    """The page that a request with these query parameters is about."""
    return PageRequest.of(request(query=query), ENTRY_NUMBER)


def cursor_at(position: str) -> str:
    """The cursor that a client is given to go on from `position`."""
    cursor = Page([1], position).view(str)["nextCursor"]
    assert cursor is not None
    return cursor


def encoded(position: bytes) -> str:
    """What somebody forges who knows how cursors are made."""
    return base64.urlsafe_b64encode(position).decode().rstrip("=")


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("2", 2), ("20", 20), ("99", 99), ("100", 100)])
def test_a_limit_from_1_to_100_is_taken(text: str, limit: int) -> None:
    assert asked(limit=text).limit == limit


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "000",
        "101",
        "999",
        "1000",
        "-1",
        "+5",
        "1.5",
        "1e1",
        "",
        " 5",
        "5\n",
        "five",
        "٣",
        "5,6",
        "1_0",
        "9" * 5000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_any_other_limit_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        asked(limit=text)
    assert [error["field"] for error in refused.value.errors] == ["limit"]


def test_without_a_word_a_page_has_20_items_from_the_start() -> None:
    assert asked() == PageRequest(20, None)


def test_a_cursor_leads_to_where_the_page_before_ended() -> None:
    assert asked(cursor=cursor_at(POSITION)).position == POSITION


@few_examples
@given(st.integers(0, 10**12 - 1))
def test_any_position_comes_back_as_it_went_out(number: int) -> None:
    position = f"{number:012d}"
    assert asked(cursor=cursor_at(position)).position == position


def test_a_cursor_needs_no_escaping_in_an_address() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", cursor_at("?>~" * 5))


def test_the_last_page_has_no_cursor() -> None:
    assert Page([1, 2], None).view(str) == {"items": ["1", "2"], "nextCursor": None}


def test_an_empty_page_is_a_page() -> None:
    assert Page[int]([], None).view(str) == {"items": [], "nextCursor": None}


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        " ",
        "A",
        "not base64!",
        "é",
        "😀",
        "=",
        "====",
        cursor_at(POSITION)[:-1],
        cursor_at(POSITION) + "A",
        cursor_at(POSITION) + "\n",
        " " + cursor_at(POSITION),
        cursor_at(POSITION) * 2,
        POSITION,
        encoded(b"\xff" * 12),
        encoded(b"000000000042\n"),
        encoded(b"00000000004"),
        encoded(b"0000000000420"),
        encoded(b"00000000004x"),
        encoded("٣".encode() * 12),
        encoded(b"ACCOUNT#somebody-else"),
        encoded(b'{"pk":"ACCOUNT#x","sk":"ENTRY#1"}'),
        "A" * 100_000,
    ],
    ids=lambda cursor: repr(cursor[:24]),
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursorError):
        asked(cursor=cursor)


@few_examples
@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_cursors(cursor: str) -> None:
    try:
        position = asked(cursor=cursor).position
    except InvalidCursorError:
        return
    assert position is not None
    assert ENTRY_NUMBER.fullmatch(position)
