"""The payment of an order: taken once at most, given back once at most, whatever arrives in whatever order."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.ledger import Account, Entry, EntryKind, post
from billing.payment import Payment, PaymentRequest, PaymentState
from shared.money import Minor
from shared.payments import Outcome
from shared.problems import InsufficientFundsError
from tests.unit.properties import few_examples

NOW = "2026-11-24T13:07:09.123Z"
AMOUNT = Minor(3000)


def a_request(attempt: int = 5) -> PaymentRequest:
    """The wish to take 30.00 for order-1, frozen at version `attempt`."""
    return PaymentRequest("order-1", "profile-1", AMOUNT, attempt)


def a_payment(state: PaymentState, attempt: int = 5) -> Payment:
    """The payment of order-1 as an earlier request left it."""
    return a_request(attempt).payment(state, NOW)


@pytest.mark.parametrize("attempt", [4, 5, 6], ids=["older", "same", "newer"])
@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (PaymentState.TAKEN, Outcome.TAKEN),
        (PaymentState.RETURNED, Outcome.CANCELED),
        (PaymentState.VOID, Outcome.CANCELED),
    ],
)
def test_a_settled_payment_answers_every_attempt_alike(state: PaymentState, outcome: Outcome, attempt: int) -> None:
    assert a_request(attempt).settled_by(a_payment(state, attempt=5)) is outcome


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        pytest.param(4, Outcome.SUPERSEDED, id="older"),
        pytest.param(5, Outcome.SUPERSEDED, id="same"),
        pytest.param(6, None, id="newer"),
    ],
)
def test_a_declined_payment_is_open_for_a_newer_attempt_alone(attempt: int, outcome: Outcome | None) -> None:
    assert a_request(attempt).settled_by(a_payment(PaymentState.DECLINED, attempt=5)) is outcome


@pytest.mark.parametrize("attempt", [0, 1, 5])
def test_without_a_payment_money_may_be_taken(attempt: int) -> None:
    assert a_request(attempt).settled_by(None) is None


def test_every_state_of_a_payment_decides_about_an_attempt_that_was_there_before() -> None:
    undecided = [state for state in PaymentState if a_request().settled_by(a_payment(state)) is None]
    assert undecided == []


def test_a_request_becomes_the_payment_that_it_asks_for() -> None:
    taken = a_request(attempt=7).payment(PaymentState.TAKEN, NOW, entry=3)
    assert taken == Payment("order-1", "profile-1", PaymentState.TAKEN, 3000, 7, NOW, entry=3)


def test_a_returned_payment_keeps_what_it_was_for_and_names_its_refund() -> None:
    taken = a_payment(PaymentState.TAKEN)
    later = "2026-11-25T00:00:00.000Z"
    assert taken.returned(later, 4) == replace(taken, state=PaymentState.RETURNED, updated_at=later, refund_entry=4)


@dataclass
class Till:
    """One account and one order's payment, moved by the domain's rules as pay_order.py and return_payment.py do."""

    account: Account = field(default_factory=lambda: Account.opened("profile-1", "USD", NOW))
    payment: Payment | None = None
    entries: list[Entry] = field(default_factory=list)
    states: list[PaymentState] = field(default_factory=list)
    declined: list[int] = field(default_factory=list)
    taken_by: list[int] = field(default_factory=list)

    def deposit(self) -> None:
        self._post(EntryKind.DEPOSIT)

    def pay(self, attempt: int) -> None:
        request = a_request(attempt)
        if request.settled_by(self.payment):
            return
        try:
            self._post(EntryKind.PAYMENT)
        except InsufficientFundsError:
            self.declined.append(attempt)
            self._become(request.payment(PaymentState.DECLINED, NOW))
            return
        assert all(attempt > declined for declined in self.declined)
        self.taken_by.append(attempt)
        self._become(request.payment(PaymentState.TAKEN, NOW, self.account.sequence))

    def cancel(self) -> None:
        if self.payment is None or self.payment.state is PaymentState.DECLINED:
            self._become(a_payment(PaymentState.VOID))
        elif self.payment.state is PaymentState.TAKEN:
            self._post(EntryKind.REFUND)
            self._become(self.payment.returned(NOW, self.account.sequence))

    def _post(self, kind: EntryKind) -> None:
        self.account, entry = post(self.account, kind, AMOUNT, transaction_id="transaction-1", now=NOW)
        self.entries.append(entry)

    def _become(self, payment: Payment) -> None:
        self.payment = payment
        self.states.append(payment.state)

    def count(self, kind: EntryKind) -> int:
        return sum(entry.kind is kind for entry in self.entries)


type Step = Callable[[Till], None]


def paying(attempt: int) -> Step:
    return lambda till: till.pay(attempt)


ARRIVALS = st.lists(
    st.one_of(st.just(Till.deposit), st.just(Till.cancel), st.integers(1, 6).map(paying)),
    max_size=20,
)


def after(arrivals: list[Step]) -> Till:
    till = Till()
    for arrival in arrivals:
        arrival(till)
    return till


@few_examples
@given(ARRIVALS)
def test_an_order_is_paid_once_at_most_and_refunded_once_at_most(arrivals: list[Step]) -> None:
    till = after(arrivals)
    assert 1 >= till.count(EntryKind.PAYMENT) >= till.count(EntryKind.REFUND)
    assert till.states.count(PaymentState.TAKEN) == till.count(EntryKind.PAYMENT)
    assert till.states.count(PaymentState.RETURNED) == till.count(EntryKind.REFUND)


@few_examples
@given(ARRIVALS, ARRIVALS)
def test_after_a_cancel_no_money_is_held_whatever_still_arrives(before: list[Step], late: list[Step]) -> None:
    till = after([*before, Till.cancel, *late])
    held = sum(entry.amount for entry in till.entries if entry.kind in {EntryKind.PAYMENT, EntryKind.REFUND})
    assert held == 0
    assert till.states[-1] in {PaymentState.VOID, PaymentState.RETURNED}
    assert till.states.count(till.states[-1]) == 1


@few_examples
@given(st.permutations([Till.deposit, paying(2), paying(4), paying(4), Till.cancel, Till.cancel]))
def test_paying_and_canceling_commute(arrivals: list[Step]) -> None:
    assert after(arrivals).account.balance == AMOUNT


def test_an_attempt_on_its_way_takes_nothing_once_a_later_one_was_declined() -> None:
    till = after([paying(3), Till.deposit, paying(2), paying(3)])
    assert (till.taken_by, till.account.balance) == ([], AMOUNT)
    till.pay(5)
    assert (till.taken_by, till.account.balance) == ([5], 0)
