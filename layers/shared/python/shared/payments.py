"""What can become of an attempt to take the money for an order; orders and billing both know it."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an attempt to pay."""

    TAKEN = "TAKEN"
    """The money is taken, by this attempt or an earlier one."""
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    SUPERSEDED = "SUPERSEDED"
    """A later attempt was declined meanwhile; this one must not take money any more."""
    CANCELED = "CANCELED"
    """The order was canceled; its money, if any was taken, goes back."""
