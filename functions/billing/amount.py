"""An amount of money to move, as a field of request bodies."""

from typing import Annotated

from pydantic import Field, PlainValidator

from shared.money import LARGEST, Currency


def amount_in(currency: Currency) -> PlainValidator:
    """A positive number of major units of `currency`, read as Minor by Currency.to_minor.

    pydantic has the bounds only for the contract: its `decimal_places` rounds to 28 digits before it counts.
    """
    bounds = Field(gt=0, le=int(LARGEST), multiple_of=float(currency.unit), examples=[25])
    return PlainValidator(currency.to_minor, json_schema_input_type=Annotated[float, bounds])
