"""The payment of an order: one item with a small state machine that makes paying and canceling commute. Pure domain.

    (none) ──→ DECLINED ──→ TAKEN ──→ RETURNED
       └──────────┴──→ VOID

An order is paid at most once, since TAKEN is reached once; refunded at most once, since RETURNED is. VOID is written
when an order is canceled before its money was taken, so that a payment still in flight is declined.

`attempt` is the version at which the order was frozen for this payment. DECLINED remembers the latest declined attempt:
an older one still in flight can't take the money after the order became editable again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.money import Minor
from shared.payments import Outcome


class PaymentState(StrEnum):
    """The state of an order's payment."""

    DECLINED = "DECLINED"
    TAKEN = "TAKEN"
    RETURNED = "RETURNED"
    VOID = "VOID"


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment of one order; `amount` is in minor units.

    `entry` and `refund_entry` are the numbers of the ledger entries that took the money and returned it, or None. With
    them the audit finds an order's entries without reading the whole account.
    """

    order_id: str
    profile_id: str
    state: PaymentState
    amount: int
    attempt: int
    updated_at: str
    entry: int | None = None
    refund_entry: int | None = None

    def returned(self, now: str, entry: int) -> "Payment":
        """The payment after the entry with that number returned its money."""
        return replace(self, state=PaymentState.RETURNED, updated_at=now, refund_entry=entry)


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A request from orders: take `amount` (minor units) for the order, frozen at version `attempt`."""

    order_id: str
    profile_id: str
    amount: Minor
    attempt: int

    def payment(self, state: PaymentState, now: str, entry: int | None = None) -> Payment:
        """The payment that this request leads to; `entry` is the number of the entry that takes the money."""
        return Payment(self.order_id, self.profile_id, state, self.amount, self.attempt, now, entry)

    def settled_by(self, payment: Payment | None) -> Outcome | None:
        """The outcome that the stored payment already decides for this request; None when money may be taken now."""
        match payment:
            case None:
                return None
            case Payment(state=PaymentState.TAKEN):
                return Outcome.TAKEN
            case Payment(state=PaymentState.DECLINED):
                return Outcome.SUPERSEDED if payment.attempt >= self.attempt else None
            case _:
                return Outcome.CANCELED
