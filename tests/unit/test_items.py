"""How dataclasses are written as items, and read."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pytest

from shared.items import ItemShape


class Mood(StrEnum):
    """A field that is stored as its text."""

    GOOD = "GOOD"


@dataclass(frozen=True, slots=True)
class Guest:
    """Something to store."""

    full_name: str
    mood: Mood
    tip: Decimal | None
    last_visit_at: str | None = None


SHAPE = ItemShape(Guest, mood=Mood, tip=Decimal)
ADA = Guest("Ada", Mood.GOOD, Decimal("1.50"), "2026-11-27")


def test_a_field_is_an_attribute_in_camel_case() -> None:
    assert SHAPE.attributes(ADA) == {"fullName": "Ada", "mood": "GOOD", "tip": "1.50", "lastVisitAt": "2026-11-27"}
    assert type(SHAPE.attributes(ADA)["mood"]) is str


def test_what_was_written_is_read_as_it_was_beside_its_keys() -> None:
    assert SHAPE.thing({"pk": "GUEST#1", **SHAPE.attributes(ADA)}) == ADA


def test_what_is_not_there_is_none() -> None:
    assert SHAPE.thing({"fullName": "Ada", "mood": "GOOD"}) == Guest("Ada", Mood.GOOD, None)


@pytest.mark.parametrize("missing", ["fullName", "mood"])
def test_an_item_without_what_it_must_have_is_not_read(missing: str) -> None:
    item = {name: value for name, value in SHAPE.attributes(ADA).items() if name != missing}
    with pytest.raises(KeyError, match=missing):
        SHAPE.thing(item)
