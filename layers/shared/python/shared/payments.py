"""The outcomes of an attempt to take the money for an order, which orders and billing share."""

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of an attempt to pay."""

    TAKEN = "TAKEN"
    """The money is taken, by this attempt or an earlier one."""
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    SUPERSEDED = "SUPERSEDED"
    """A later attempt was declined already; this one must not take money any more."""
    CANCELED = "CANCELED"
    """The order was canceled; its money, if any was taken, is returned."""
