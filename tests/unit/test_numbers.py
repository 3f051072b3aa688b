"""A whole number is one however JSON spells it."""

from decimal import Decimal
from typing import Annotated

import pytest
from pydantic import Field

from shared.body import Body
from shared.numbers import WHOLE
from shared.problems import ValidationFailedError
from shared.wire import read_json


class CountBody(Body):
    """A body with a whole number."""

    count: Annotated[int, Field(strict=True, ge=0, le=1_000_000), WHOLE]


def count(text: str) -> int:
    """The count that a JSON number is understood as."""
    value = CountBody.of_object({"count": read_json(text)}).count
    assert type(value) is int
    return value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("3.0", 3),
        ("3.000", 3),
        ("30e-1", 3),
        ("1e2", 100),
        ("0.0", 0),
        ("-0.0", 0),
        ("1.000000e6", 1_000_000),
    ],
)
def test_a_number_without_a_fraction_is_whole(text: str, number: int) -> None:
    assert count(text) == number


@pytest.mark.parametrize(
    "text", ["3.5", "3.0000000000000001", "1e-400", "1e400", "1E+1000000", "-1.0", "1000001.0", '"3"', "true", "null"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailedError):
        count(text)


def test_no_number_is_written_out_to_find_that_it_is_too_large() -> None:
    with pytest.raises(ValidationFailedError):
        CountBody.of_object({"count": Decimal("1E+999999999")})
