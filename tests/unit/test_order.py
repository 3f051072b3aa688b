"""The life of an order: every state with every event, freezing, prices and versions."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.order import Event, Order, State, create, price
from shared.problems import (
    OrderIncompleteError,
    OrderStateConflictError,
    PaymentInProgressError,
    ValidationFailedError,
)
from tests.unit.properties import few_examples

CREATED_AT = "2026-11-24T13:00:00.000Z"
NOW = "2026-11-24T13:07:09.123Z"

LEADS_TO = {
    (State.CREATED, Event.EDIT): State.CREATED,
    (State.CREATED, Event.CONFIRM): State.PAID,
    (State.CREATED, Event.CANCEL): State.CANCELED,
    (State.PAID, Event.COMPLETE): State.COMPLETED,
    (State.PAID, Event.CANCEL): State.CANCELED,
}
REPEATS = [(State.PAID, Event.CONFIRM), (State.COMPLETED, Event.COMPLETE), (State.CANCELED, Event.CANCEL)]
REFUSED = [cell for cell in product(State, Event) if cell not in LEADS_TO and cell not in REPEATS]
FINAL = [State.COMPLETED, State.CANCELED]


def confirmed(order: Order) -> Order:
    """The order after a CONFIRM, when there is enough money."""
    if order.has_had(Event.CONFIRM):
        return order
    order.demand_payable()
    return order.paid(NOW)


EVENTS: dict[Event, Callable[[Order], Order]] = {
    Event.EDIT: lambda order: order.edit(5, NOW),
    Event.CONFIRM: confirmed,
    Event.CANCEL: lambda order: order.cancel("too slow", NOW),
    Event.COMPLETE: lambda order: order.complete(NOW),
}


def an_order(
    state: State = State.CREATED, *, quantity: int | None = 3, unit_price: int = 1000, frozen: bool = False
) -> Order:
    """An order of 3 pieces at 10.00 USD, at version 1, in `state`."""
    order = create(
        order_id="order-1",
        profile_id="profile-1",
        order_number=1,
        quantity=quantity,
        unit_price=unit_price,
        currency="USD",
        now=CREATED_AT,
    )
    return replace(order, state=state, payment_started_at=CREATED_AT if frozen else None)


def cell(value: State | Event) -> str:
    return value.value


@pytest.mark.parametrize(("state", "event"), LEADS_TO, ids=cell)
def test_an_event_that_the_state_allows_leads_to_the_next_state(state: State, event: Event) -> None:
    assert EVENTS[event](an_order(state)).state is LEADS_TO[state, event]


@pytest.mark.parametrize(("state", "event"), REPEATS, ids=cell)
def test_an_event_that_has_had_its_effect_changes_nothing(state: State, event: Event) -> None:
    order = replace(an_order(state), cancel_reason="the first reason")
    assert order.has_had(event)
    assert EVENTS[event](order) is order


@pytest.mark.parametrize(("state", "event"), [*LEADS_TO, *REFUSED], ids=cell)
def test_no_other_event_has_had_its_effect(state: State, event: Event) -> None:
    assert not an_order(state).has_had(event)


@pytest.mark.parametrize("state", [State.PAID, State.COMPLETED], ids=cell)
def test_news_of_the_payment_that_comes_late_changes_nothing(state: State) -> None:
    order = an_order(state)
    assert order.paid(NOW) is order


def test_a_canceled_order_is_not_paid_any_more() -> None:
    with pytest.raises(OrderStateConflictError):
        an_order(State.CANCELED).paid(NOW)


@pytest.mark.parametrize(("state", "event"), REFUSED, ids=cell)
def test_an_event_that_the_state_does_not_allow_is_refused_with_the_state(state: State, event: Event) -> None:
    with pytest.raises(OrderStateConflictError) as refused:
        EVENTS[event](an_order(state))
    problem = refused.value.document(instance="/orders/order-1/execute", request_id="request-1")
    assert problem["state"] == state.value
    assert problem["detail"] == f"{state.value} does not allow {event.value}"


@pytest.mark.parametrize("event", [event for event in Event if event is not Event.CONFIRM], ids=cell)
def test_being_frozen_forbids_editing_and_completing_and_nothing_else(event: Event) -> None:
    expected: dict[Event, type[Exception]] = {
        Event.EDIT: PaymentInProgressError,
        Event.COMPLETE: OrderStateConflictError,
    }
    frozen = an_order(frozen=True)
    if event in expected:
        with pytest.raises(expected[event]):
            EVENTS[event](frozen)
    else:
        assert EVENTS[event](frozen).payment_started_at is None


def test_a_frozen_order_becomes_paid_and_is_frozen_no_more() -> None:
    paid = an_order(frozen=True).paid(NOW)
    assert (paid.state, paid.payment_started_at) == (State.PAID, None)


def test_a_declined_payment_makes_the_order_editable_again() -> None:
    declined = an_order(frozen=True).payment_declined(NOW)
    assert declined.edit(4, NOW).product_quantity == 4


@pytest.mark.parametrize("state", [State.PAID, *FINAL], ids=cell)
def test_an_order_past_created_is_not_payable(state: State) -> None:
    with pytest.raises(OrderStateConflictError):
        an_order(state).demand_payable()


def test_a_payable_order_says_what_it_costs() -> None:
    assert an_order(quantity=3, unit_price=1000).demand_payable() == 3000


def test_an_order_that_is_frozen_already_can_be_confirmed_again() -> None:
    assert an_order(frozen=True).demand_payable() == 3000


def test_an_order_without_a_quantity_has_no_amount_and_is_not_payable() -> None:
    incomplete = an_order(quantity=None)
    assert incomplete.amount is None
    with pytest.raises(OrderIncompleteError):
        incomplete.demand_payable()


def test_an_incomplete_order_becomes_payable_by_an_edit() -> None:
    edited = an_order(quantity=None).edit(2, NOW)
    assert (edited.product_quantity, edited.demand_payable()) == (2, 2000)


def test_an_incomplete_order_can_be_canceled() -> None:
    assert an_order(quantity=None).cancel(None, NOW).state is State.CANCELED


def test_an_edit_keeps_the_price_at_which_the_order_was_created() -> None:
    edited = an_order(quantity=1, unit_price=250).edit(4, NOW)
    assert (edited.unit_price, edited.amount) == (250, 1000)


def test_a_canceled_order_keeps_its_amount_and_says_why() -> None:
    canceled = an_order(State.PAID).cancel("too slow", NOW)
    assert (canceled.amount, canceled.cancel_reason) == (3000, "too slow")


@pytest.mark.parametrize(
    ("quantity", "unit_price", "currency", "amount"),
    [
        (1_000_000, 100, "USD", 100_000_000),
        (1_000_000, 1, "JPY", 1_000_000),
        (1_000_000, 1000, "KWD", 1_000_000_000),
    ],
)
def test_an_order_may_cost_a_million_of_its_currency(
    quantity: int, unit_price: int, currency: str, amount: int
) -> None:
    assert price(quantity, unit_price, currency) == amount


@pytest.mark.parametrize(
    ("quantity", "unit_price", "currency"),
    [(1, 100_000_001, "USD"), (1, 1_000_001, "JPY"), (1, 1_000_000_001, "KWD"), (1_000_000, 101, "USD")],
)
def test_an_order_may_not_cost_more_than_a_million_of_its_currency(
    quantity: int, unit_price: int, currency: str
) -> None:
    with pytest.raises(ValidationFailedError) as refused:
        price(quantity, unit_price, currency)
    assert [error["field"] for error in refused.value.errors] == ["productQuantity"]


def test_neither_creating_nor_editing_gets_past_the_price_limit() -> None:
    with pytest.raises(ValidationFailedError):
        an_order(quantity=100_001)
    with pytest.raises(ValidationFailedError):
        an_order(quantity=100_000).edit(100_001, NOW)


def test_a_new_order_is_created_at_version_1() -> None:
    order = an_order()
    assert (order.state, order.version) == (State.CREATED, 1)
    assert order.created_at == order.updated_at == CREATED_AT


@pytest.mark.parametrize(("state", "event"), LEADS_TO, ids=cell)
def test_every_event_counts_the_version_and_says_when(state: State, event: Event) -> None:
    changed = EVENTS[event](an_order(state))
    assert (changed.version, changed.created_at, changed.updated_at) == (2, CREATED_AT, NOW)


def test_a_declined_payment_counts_the_version_too() -> None:
    declined = an_order(frozen=True).payment_declined(NOW)
    assert (declined.version, declined.state, declined.updated_at) == (2, State.CREATED, NOW)


@pytest.mark.parametrize("event", Event, ids=cell)
@pytest.mark.parametrize("state", FINAL, ids=cell)
def test_a_final_order_never_changes(state: State, event: Event) -> None:
    order = an_order(state)
    before = replace(order)
    if (state, event) in REPEATS:
        assert EVENTS[event](order) is order
    else:
        with pytest.raises(OrderStateConflictError):
            EVENTS[event](order)
    assert order == before


@few_examples
@given(st.lists(st.sampled_from(Event), max_size=12))
def test_whatever_happens_the_version_counts_the_changes_and_a_final_state_is_the_last(events: list[Event]) -> None:
    order, changes, was_final = an_order(), 0, False
    for event in events:
        before = order
        try:
            order = EVENTS[event](order)
        except OrderStateConflictError:
            continue
        if order is before:
            continue
        assert not was_final
        changes += 1
        was_final = order.state in FINAL
    assert order.version == 1 + changes
    assert order.id == "order-1"
