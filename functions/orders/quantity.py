"""The number of pieces in an order, as a field of request bodies."""

from typing import Annotated

from pydantic import Field

from shared.exact import whole

Quantity = Annotated[
    int, Field(ge=1, le=1_000_000, description="How many pieces; all together may cost 1,000,000 at most"), whole
]
