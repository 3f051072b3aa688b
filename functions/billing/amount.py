"""An amount of money to move, as a field of request bodies."""

from typing import Any

from shared.fields import Rule
from shared.money import LARGEST, Currency, Minor


class Amount(Rule):
    """A positive amount in major units of `currency`, read as minor units."""

    def __init__(self, currency: Currency) -> None:
        self._currency = currency

    def read(self, value: object) -> Minor:
        """The amount in minor units."""
        return self._currency.to_minor(value)

    def schema(self) -> dict[str, Any]:
        """Its bounds, and the currency's number of places."""
        return {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": int(LARGEST),
            "multipleOf": float(self._currency.unit),
            "examples": [25],
        }
