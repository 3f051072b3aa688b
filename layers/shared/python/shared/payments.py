"""The call by which orders has billing take the money for an order."""

from enum import StrEnum
from typing import TypedDict


class Outcome(StrEnum):
    """What became of an attempt to pay."""

    TAKEN = "TAKEN"
    """The money is taken, by this attempt or an earlier one."""
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    SUPERSEDED = "SUPERSEDED"
    """A later attempt was declined meanwhile; this one must not take money any more."""
    CANCELED = "CANCELED"
    """The order was canceled; its money, if any was taken, goes back."""


class PayOrder(TypedDict):
    """The call: `amount` is in minor units; `attempt` is the order's version while it is frozen for this payment."""

    orderId: str
    profileId: str
    amount: int
    attempt: int


class PayOrderAnswer(TypedDict):
    """The answer: an Outcome by its name."""

    outcome: str
