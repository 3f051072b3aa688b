"""How many pieces an order may have, as a field of request bodies."""

from typing import Annotated

from shared.fields import Whole

Quantity = Annotated[int, Whole(1, 1_000_000, description="How many pieces; all together may cost 1,000,000 at most")]
