"""Whole numbers in request bodies."""

from decimal import Decimal

from pydantic import BeforeValidator

_MOST_DIGITS = 18


def whole(value: object) -> object:
    """`value` as an int if it is a Decimal without a fraction, else as it is: to JSON Schema, 3.0 is an integer."""
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() >= _MOST_DIGITS:
        return value
    return int(value) if value == value.to_integral_value() else value


WHOLE = BeforeValidator(whole)
"""For a field that is a strict int."""
