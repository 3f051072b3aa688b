"""How many pieces an order may have, as a field of request bodies."""

from typing import Annotated

from pydantic import Field

Quantity = Annotated[int, Field(strict=True, ge=1, le=1_000_000, description="How many pieces")]
