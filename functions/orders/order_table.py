"""The orders table, and the only place that knows its keys.

| profileId | sk                             | item                                                       |
|-----------|--------------------------------|------------------------------------------------------------|
| profileId | ORDER#{orderId}                | the order, with the event that its latest change published |
| profileId | COUNTER                        | the number of the profile's latest order                   |
| profileId | IDEMPOTENCY#{operation}#{key}  | the answer to a key, for 90 days                           |

Rows are keyed by the caller's own profile id, so that no one can reach another user's. The local index `byState` sorts
a profile's orders by state; its reads are as consistent as the table's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from orders.order import Order, State
from shared import clock, environment
from shared.dynamodb import ConditionFailedError, Key, Table
from shared.items import ItemShape
from shared.outbox import OUTBOX_ATTRIBUTE
from shared.paging import Page, PageRequest

if TYPE_CHECKING:
    from shared.idempotency import IdempotencyKey

STATE_INDEX = "byState"
_ORDER = ItemShape(Order, state=State)


class OrderTable:
    """The orders of one stage."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @classmethod
    def of_stage(cls) -> OrderTable:
        """The table that this function is deployed with."""
        return cls(Table(environment.required("ORDERS_TABLE")))

    def get(self, profile_id: str, order_id: str) -> Order | None:
        """The profile's order with that id, or None. One read."""
        item = self.table.get(_order_key(profile_id, order_id))
        return _ORDER.thing(item) if item else None

    def list(self, profile_id: str, state: State | None, page: PageRequest) -> Page[Order]:
        """A page of the profile's orders, newest first; only those in `state` if given. One read.

        A position in the list is the id of an order.
        """
        sort_key, prefix = ("stateKey", f"{state.value}#") if state else ("sk", "ORDER#")
        start_key = None
        if page.position:
            start_key = {**_order_key(profile_id, page.position), sort_key: f"{prefix}{page.position}"}
        items, last = self.table.query(
            KeyCondition("profileId").eq(profile_id) & KeyCondition(sort_key).begins_with(prefix),
            limit=page.limit,
            start_key=start_key,
            index=STATE_INDEX if state else None,
        )
        return Page([_ORDER.thing(item) for item in items], last["id"] if last else None)

    def last_number_and_record(self, profile_id: str, key: IdempotencyKey) -> tuple[int, dict[str, Any] | None]:
        """The number of the profile's latest order (0: none) and the record of an idempotency key. One read."""
        counter, record = self.table.get_several(_counter_key(profile_id), _record_key(profile_id, key))
        return (counter["lastNumber"] if counter else 0), record

    def add(self, order: Order, key: IdempotencyKey, answer: dict[str, Any]) -> None:
        """Write a new order, its number and its idempotency record, or nothing. One write.

        Raises ConflictError when the number or the key was used in between.
        """
        previous = Attr("lastNumber").eq(order.order_number - 1)
        counter = {**_counter_key(order.profile_id), "lastNumber": order.order_number}
        self.table.transact(
            self.table.putting(counter, Attr("sk").not_exists() if order.order_number == 1 else previous),
            self.table.putting(_order_item(order, None), Attr("sk").not_exists()),
            self.table.putting(
                {**_record_key(order.profile_id, key), **key.record(answer)},
                Attr("sk").not_exists() | Attr("expiresAt").lte(clock.epoch_seconds()),
            ),
        )

    def save(self, order: Order, event: str | None = None) -> None:
        """Write the next version of an order, with the event that it publishes.

        Raises ConditionFailedError when another writer made that version first. One write.
        """
        self.table.put(_order_item(order, event), Attr("version").eq(order.version - 1))

    def freeze(self, profile_id: str, order_id: str) -> Order:
        """Lock a payable order against edits, and return it; its version identifies the attempt to pay.

        No read first: the condition expresses what Order.demand_payable() checks. Raises NotPayableError with the order
        when it is not payable. One write.
        """
        now = clock.timestamp()
        try:
            item = self.table.update(
                _order_key(profile_id, order_id),
                changes="SET paymentStartedAt = :now, updatedAt = :now, version = version + :one",
                values={"now": now, "one": 1},
                condition=Attr("state").eq(State.CREATED.value) & Attr("amount").exists(),
            )
        except ConditionFailedError as failure:
            raise NotPayableError(_ORDER.thing(failure.item) if failure.item else None) from None
        return _ORDER.thing(item)


class NotPayableError(Exception):
    """The order can't be frozen for a payment; `order` is its current state, None when it does not exist."""

    def __init__(self, order: Order | None) -> None:
        super().__init__("the order is not payable")
        self.order = order


def _order_key(profile_id: str, order_id: str) -> Key:
    return {"profileId": profile_id, "sk": f"ORDER#{order_id}"}


def _counter_key(profile_id: str) -> Key:
    return {"profileId": profile_id, "sk": "COUNTER"}


def _record_key(profile_id: str, key: IdempotencyKey) -> Key:
    return {"profileId": profile_id, "sk": key.sort_key}


def _order_item(order: Order, event: str | None) -> dict[str, Any]:
    return {
        **_order_key(order.profile_id, order.id),
        "stateKey": f"{order.state.value}#{order.id}",
        **_ORDER.attributes(order),
        OUTBOX_ATTRIBUTE: event,
    }
