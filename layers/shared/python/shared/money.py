"""Money: exact integers of minor units inside, decimals with the currency's own places outside.

A `Minor` counts the currency's smallest unit: 1250 is 12.50 USD, or 1250 JPY.
"""

from decimal import Context, Decimal, Inexact
from typing import NewType

Minor = NewType("Minor", int)

PLACES = {"AUD": 2, "CAD": 2, "CHF": 2, "EUR": 2, "GBP": 2, "JPY": 0, "KRW": 0, "KWD": 3, "TND": 3, "USD": 2}
"""Decimal places of the currencies that a stage can choose (ISO 4217, list one)."""

LARGEST = Decimal("1000000.00")
"""The most that one operation may move, in major units."""


_EXACT = Context(traps=[Inexact])
"""Never rounds silently."""


class Currency:
    """A currency and its number of decimal places."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.places = PLACES[code]

    @property
    def unit(self) -> Decimal:
        """The smallest amount, in major units."""
        return Decimal(1).scaleb(-self.places)

    def to_decimal(self, minor: int) -> Decimal:
        """The amount in major units, with exactly the currency's number of places."""
        return Decimal(minor).scaleb(-self.places)

    def exact(self, amount: Decimal) -> Decimal:
        """An amount in major units, with exactly the currency's number of places; an event bus drops trailing zeros."""
        return amount.quantize(self.unit, context=_EXACT)

    def to_minor(self, value: object) -> Minor:
        """A JSON number in minor units.

        Raises ValueError, with a sentence for the client, unless it is an int or Decimal that is positive, at most
        LARGEST, and has no more places than the currency.
        """
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError("must be a JSON number")  # noqa: TRY004 - a ValueError is what the client is told
        amount = Decimal(value)
        if not amount.is_finite():
            raise ValueError("must be a finite number")
        if amount <= 0:
            raise ValueError("must be greater than 0")
        if amount > LARGEST:
            raise ValueError(f"must be at most {LARGEST}")
        try:
            exact = self.exact(amount)
        except Inexact:
            raise ValueError(f"must have at most {self.places} decimal places") from None
        return Minor(int(exact.scaleb(self.places)))
