"""Numbers in models, as exact as in JSON: shared/wire.py reads them as int or Decimal."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

_MOST_DIGITS = 18


def _whole(value: object) -> int:
    """Raises ValueError, with a sentence for the client, for anything but a number without a fraction."""
    match value:
        case int() if not isinstance(value, bool):
            return value
        # Rejects a number with a huge exponent without writing it out.
        case Decimal() if value.adjusted() < _MOST_DIGITS and value == value.to_integral_value():
            return int(value)
    raise ValueError("must be a whole number")


def _exact(value: object) -> Decimal:
    """Raises ValueError, with a sentence for the client, for anything but a number."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reports a ValueError, and raises a TypeError
    return Decimal(value)


whole = BeforeValidator(_whole)
"""The last annotation of an int with bounds: `Annotated[int, Field(ge=1), whole]`."""

Whole = Annotated[int, whole]
"""A whole number. 3.0 and 1e2 count as whole, as in JSON Schema; true and "3" do not."""

Exact = Annotated[Decimal, BeforeValidator(_exact)]
"""A number. Money without decimal places (1250 JPY) is an int in JSON, and a Decimal here too."""
