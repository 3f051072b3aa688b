"""Money comes in exactly or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import PLACES, Currency
from tests.unit.properties import few_examples

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("code", "value", "minor"),
    [
        ("USD", 12, 1200),
        ("USD", Decimal(12), 1200),
        ("USD", Decimal("12.5"), 1250),
        ("USD", Decimal("12.50"), 1250),
        ("USD", Decimal("0.01"), 1),
        ("USD", Decimal("999999.99"), 99_999_999),
        ("USD", Decimal("1000000.00"), 100_000_000),
        ("USD", Decimal("1E+6"), 100_000_000),
        ("USD", Decimal("125E-1"), 1250),
        ("JPY", 1250, 1250),
        ("JPY", Decimal("1E+3"), 1000),
        ("JPY", MILLION, MILLION),
        ("KWD", Decimal("1.234"), 1234),
        ("KWD", Decimal("0.001"), 1),
        ("KWD", MILLION, 1000 * MILLION),
    ],
)
def test_an_amount_is_counted_in_the_smallest_unit_of_its_currency(code: str, value: int | Decimal, minor: int) -> None:
    assert Currency(code).to_minor(value) == minor


@pytest.mark.parametrize(
    ("code", "value", "why"),
    [
        ("USD", 0, "greater than 0"),
        ("USD", Decimal("0.00"), "greater than 0"),
        ("USD", Decimal("-0"), "greater than 0"),
        ("USD", Decimal("0E+9"), "greater than 0"),
        ("USD", -1, "greater than 0"),
        ("USD", Decimal("-0.01"), "greater than 0"),
        ("USD", Decimal("-1E+1000000"), "greater than 0"),
        ("USD", Decimal("0.001"), "at most 2 decimal places"),
        ("USD", Decimal("12.345"), "at most 2 decimal places"),
        ("USD", Decimal("1E-1000000"), "at most 2 decimal places"),
        ("JPY", Decimal("0.5"), "at most 0 decimal places"),
        ("JPY", Decimal("1250.01"), "at most 0 decimal places"),
        ("KWD", Decimal("0.0001"), "at most 3 decimal places"),
        ("USD", Decimal("1000000.01"), "at most 1000000.00"),
        ("JPY", 1_000_001, "at most 1000000.00"),
        ("KWD", Decimal("1000000.001"), "at most 1000000.00"),
        ("USD", Decimal("1E+1000000"), "at most 1000000.00"),
        ("USD", 10**400, "at most 1000000.00"),
        ("USD", Decimal("NaN"), "finite"),
        ("USD", Decimal("sNaN"), "finite"),
        ("USD", Decimal("Infinity"), "finite"),
        ("USD", Decimal("-Infinity"), "finite"),
        ("USD", True, "JSON number"),
        ("USD", False, "JSON number"),
        ("USD", "12.50", "JSON number"),
        ("USD", 12.5, "JSON number"),
        ("USD", None, "JSON number"),
        ("USD", [12], "JSON number"),
        ("USD", {"amount": 12}, "JSON number"),
    ],
)
def test_anything_but_a_positive_exact_amount_up_to_a_million_is_refused(code: str, value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Currency(code).to_minor(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Decimal("12.340000000000000000000000000001"), id="beyond the 28 digits of the decimal context"),
        pytest.param(Decimal("999999.99999999999999999999999999"), id="rounded up to the limit"),
        pytest.param(Decimal("1E-999999999999999999"), id="below the smallest exponent"),
    ],
)
def test_an_amount_is_never_rounded_to_fit(value: Decimal) -> None:
    with pytest.raises(ValueError, match="at most 2 decimal places"):
        Currency("USD").to_minor(value)


@pytest.mark.parametrize(
    ("code", "minor", "text"),
    [("USD", 1250, "12.50"), ("USD", 0, "0.00"), ("USD", -5, "-0.05"), ("JPY", 1250, "1250"), ("KWD", 1, "0.001")],
)
def test_an_amount_goes_out_with_exactly_the_places_of_its_currency(code: str, minor: int, text: str) -> None:
    assert format(Currency(code).to_decimal(minor), "f") == text


@few_examples
@given(st.sampled_from(sorted(PLACES)), st.data())
def test_what_goes_out_comes_in_as_the_same_amount(code: str, data: st.DataObject) -> None:
    currency = Currency(code)
    minor = data.draw(st.integers(1, MILLION * 10 ** PLACES[code]))
    assert currency.to_minor(currency.to_decimal(minor)) == minor


def test_a_currency_that_nobody_chose_is_unknown() -> None:
    with pytest.raises(KeyError):
        Currency("XXX")
