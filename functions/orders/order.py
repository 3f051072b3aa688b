"""An order and its state machine. Pure domain.

    CREATED ──CONFIRM──→ PAID ──COMPLETE──→ COMPLETED
       │ ↺ EDIT            │
       └─────CANCEL────────┴──→ CANCELED

COMPLETED and CANCELED are final. While a payment is being taken, a CREATED order is frozen: it can't be edited. CONFIRM
of a PAID order, COMPLETE of a COMPLETED one and CANCEL of a CANCELED one are repeats: they change nothing, so that a
client that did not get its answer can just try again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.money import LARGEST, Currency
from shared.problems import (
    OrderIncompleteError,
    OrderStateConflictError,
    PaymentInProgressError,
    ValidationFailedError,
)


class State(StrEnum):
    """The state of an order."""

    CREATED = "CREATED"
    PAID = "PAID"
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class Event(StrEnum):
    """An event that a user can apply to an order."""

    EDIT = "EDIT"
    CONFIRM = "CONFIRM"
    CANCEL = "CANCEL"
    COMPLETE = "COMPLETE"


ALLOWED = {
    State.CREATED: {Event.EDIT, Event.CONFIRM, Event.CANCEL},
    State.PAID: {Event.CANCEL, Event.COMPLETE},
    State.COMPLETED: set[Event](),
    State.CANCELED: set[Event](),
}
"""The events that change an order in each state."""

REPEATS = {State.PAID: Event.CONFIRM, State.COMPLETED: Event.COMPLETE, State.CANCELED: Event.CANCEL}
"""The event that led to each state: sending it again is a repeat."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order. Money is in minor units; `unit_price` is the price at which it was created.

    `amount` is None while there is no quantity. `payment_started_at` is set while the order is frozen. `version` counts
    the writes; an event returns the next version, a repeat the order itself. Orders from before contract 1.2 lack the
    times at which they were paid, completed or canceled.
    """

    id: str
    profile_id: str
    order_number: int
    state: State
    product_quantity: int | None
    unit_price: int
    amount: int | None
    currency: str
    version: int
    created_at: str
    updated_at: str
    payment_started_at: str | None = None
    cancel_reason: str | None = None
    paid_at: str | None = None
    completed_at: str | None = None
    canceled_at: str | None = None

    def has_had(self, event: Event) -> bool:
        """Whether `event` has taken effect already, so that sending it again changes nothing."""
        return REPEATS.get(self.state) is event

    def edit(self, quantity: int, now: str) -> "Order":
        """Change the quantity. Raises OrderStateConflictError, PaymentInProgressError, ValidationFailedError."""
        self._demand(Event.EDIT)
        if self.payment_started_at:
            raise PaymentInProgressError
        return self._next(now, product_quantity=quantity, amount=price(quantity, self.unit_price, self.currency))

    def demand_payable(self) -> int:
        """The amount to pay on confirmation. Raises OrderStateConflictError, OrderIncompleteError."""
        self._demand(Event.CONFIRM)
        if self.amount is None:
            raise OrderIncompleteError
        return self.amount

    def payment_declined(self, now: str) -> "Order":
        """The order, editable again. Raises OrderStateConflictError."""
        self._demand(Event.CONFIRM)
        return self._next(now, payment_started_at=None)

    def paid(self, now: str) -> "Order":
        """The order after its money was taken; unchanged when PAID or COMPLETED. Raises OrderStateConflictError."""
        if self.state in {State.PAID, State.COMPLETED}:
            return self
        self._demand(Event.CONFIRM)
        return self._next(now, state=State.PAID, payment_started_at=None, paid_at=now)

    def cancel(self, reason: str | None, now: str) -> "Order":
        """Cancel an order that is not final; taken money is returned. A CANCELED one keeps its first reason.

        Raises OrderStateConflictError.
        """
        if self.has_had(Event.CANCEL):
            return self
        self._demand(Event.CANCEL)
        return self._next(now, state=State.CANCELED, payment_started_at=None, cancel_reason=reason, canceled_at=now)

    def complete(self, now: str) -> "Order":
        """Complete a paid order; a COMPLETED one stays as it is. Raises OrderStateConflictError."""
        if self.has_had(Event.COMPLETE):
            return self
        self._demand(Event.COMPLETE)
        return self._next(now, state=State.COMPLETED, completed_at=now)

    def _demand(self, event: Event) -> None:
        if event not in ALLOWED[self.state]:
            raise OrderStateConflictError(self.state.value, event.value)

    def _next(self, now: str, **changes: object) -> "Order":
        return replace(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type] # fields by name, each of its own type


def create(
    *,
    order_id: str,
    profile_id: str,
    order_number: int,
    quantity: int | None,
    unit_price: int,
    currency: str,
    now: str,
) -> Order:
    """A new order; the quantity is optional. Raises ValidationFailedError."""
    return Order(
        id=order_id,
        profile_id=profile_id,
        order_number=order_number,
        state=State.CREATED,
        product_quantity=quantity,
        unit_price=unit_price,
        amount=None if quantity is None else price(quantity, unit_price, currency),
        currency=currency,
        version=1,
        created_at=now,
        updated_at=now,
    )


def price(quantity: int, unit_price: int, currency_code: str) -> int:
    """The price of `quantity` pieces, in minor units.

    Raises ValidationFailedError for a quantity below 1, and for a price above the limit for one payment.
    """
    if quantity < 1:
        raise ValidationFailedError.of("productQuantity", "must be at least 1")
    amount = quantity * unit_price
    if Currency(currency_code).to_decimal(amount) > LARGEST:
        raise ValidationFailedError.of("productQuantity", f"must be smaller: an order may cost at most {LARGEST}")
    return amount
