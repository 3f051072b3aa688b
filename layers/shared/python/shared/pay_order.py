"""The call from orders to billing that takes the money for an order, with the same model at both ends."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.exact import Whole
from shared.payments import Outcome


class PayOrder(BaseModel):
    """The call: `amount` is in minor units; `attempt` is the order's version while it is frozen for this payment."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    orderId: str
    profileId: str
    amount: Whole
    attempt: Whole
    correlationId: str | None = None


class PayOrderAnswer(BaseModel):
    """The answer."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    outcome: Annotated[Outcome, Field(strict=False)]
    """Its name in JSON."""
