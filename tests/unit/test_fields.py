"""Rules of fields: what one reads is what the contract says of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from infra.json_schemas import ExactNumbers
from orders.quantity import Quantity
from shared.fields import Rule, Text, Whole, rules_of
from shared.wire import read_json


class Fields:
    """A field of every kind."""

    text: str
    short: Annotated[str, Text(min_length=1, max_length=3)]
    shaped: Annotated[str, Text(pattern=r"^[a-c]{1,2}$")]
    number: int
    quantity: Quantity
    few: Annotated[int, Whole(0, 3)] | None
    flag: bool
    word: Literal["EDIT", "CANCEL"]
    money: Decimal
    perhaps: Decimal | None


RULES: Mapping[str, Rule] = rules_of(Fields)
SCHEMAS = {
    name: Draft202012Validator(TypeAdapter(annotation).json_schema(schema_generator=ExactNumbers))
    for name, annotation in Fields.__annotations__.items()
}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=4) | st.sampled_from(["a", "abc", "EDIT", "ab\nc"])
numbers = st.integers(-4, 4) | st.integers() | st.decimals("-2", "1000001", places=2) | st.integers(0, 3).map(Decimal)
values: st.SearchStrategy[object] = (
    st.none() | st.booleans() | texts | numbers | st.lists(texts, max_size=1) | st.just({})
)


def is_read(rule: Rule, value: object) -> bool:
    """Whether `rule` takes `value`."""
    try:
        rule.read(value)
    except ValueError:
        return False
    return True


def in_json(value: object) -> Any:
    """`value` as jsonschema knows numbers."""
    return float(value) if isinstance(value, Decimal) else value


@given(values)
@example("abc")
@example("EDIT")
@example(value=True)
@example(0)
@example(Decimal("3.0"))
@example(1_000_000)
@example(1_000_001)
def test_a_field_takes_what_its_contract_says_and_nothing_else(value: object) -> None:
    taken = {name for name, rule in RULES.items() if is_read(rule, value)}
    assert taken == {name for name, schema in SCHEMAS.items() if schema.is_valid(in_json(value))}


def count(text: str) -> int:
    """The count that a JSON number is understood as."""
    value = Whole(0, 1_000_000).read(read_json(text))
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
def test_a_number_without_a_fraction_is_whole_however_json_spells_it(text: str, number: int) -> None:
    assert count(text) == number


@pytest.mark.parametrize(
    "text", ["3.5", "3.0000000000000001", "1e-400", "1e400", "1E+1000000", "-1.0", "1000001.0", '"3"', "true", "null"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a whole number from 0 to 1000000"):
        count(text)


def test_no_number_is_written_out_to_find_that_it_is_too_large() -> None:
    with pytest.raises(ValueError, match="must be a whole number"):
        Whole(0, 1_000_000).read(Decimal("1E+999999999"))


@pytest.mark.parametrize("value", ["abc\n", "\nabc", "abcd\nabc"])
def test_a_pattern_is_of_the_whole_text(value: str) -> None:
    with pytest.raises(ValueError, match="must be a word"):
        Text(pattern=r"^[a-z]+$", says="must be a word").read(value)


def test_blanks_at_the_ends_do_not_count_where_they_are_stripped() -> None:
    rule = Text(strip=True, min_length=1, max_length=3)
    assert rule.read("  Ada ") == "Ada"
    with pytest.raises(ValueError, match="at least 1"):
        rule.read("   ")


@pytest.mark.parametrize(("value", "amount"), [(1250, Decimal(1250)), (Decimal("12.50"), Decimal("12.50"))])
def test_money_is_a_decimal_with_its_places_whatever_the_currency(value: object, amount: Decimal) -> None:
    read = RULES["money"].read(value)
    assert (type(read), str(read)) == (Decimal, str(amount))


def test_text_that_no_encoding_has_is_refused() -> None:
    with pytest.raises(ValueError, match="Unicode"):
        RULES["text"].read(read_json('"\\ud800"'))
