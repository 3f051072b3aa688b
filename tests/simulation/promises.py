"""What clients were told, held against what is so in the end: an answer is a promise."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from infra.contract.released import RELEASED
from tests.scaffolding.world import Answer, Item, User, World

_OK, _CREATED = HTTPStatus.OK, HTTPStatus.CREATED
_TOO_POOR, _CONFLICT = HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.CONFLICT

_POSSIBLE: dict[str, set[int]] = {
    "DEPOSIT": {_OK},
    "WITHDRAWAL": {_OK, _TOO_POOR},
    "CREATE_ORDER": {_CREATED},
    "EDIT": {_OK, _CONFLICT},
    "CONFIRM": {_OK, _CONFLICT, _TOO_POOR},
    "CANCEL": {_OK, _CONFLICT},
    "COMPLETE": {_OK, _CONFLICT},
}
"""What a client of valid requests can be told in the end."""

EFFECTS = {"CONFIRM": "PAID", "COMPLETE": "COMPLETED", "CANCEL": "CANCELED"}
"""The state that an event has led to when it has had its effect: sent again, it is answered like the first time."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be made again: `subject` is its idempotency key, or the order that it is about."""

    kind: str
    user: User
    subject: str
    ask: Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Told:
    """The answer that ended a request."""

    request: Request
    answer: Answer


def said(answer: Answer) -> str:
    """What an answer says of an order."""
    return answer.text


def said_by_both_releases(answer: Answer) -> str:
    """The same, of the fields that the last release has: its functions write orders without the new ones."""
    released = json.loads((RELEASED / "openapi.json").read_text())["components"]["schemas"]["OrderView"]["properties"]
    return repr({name: value for name, value in answer.json.items() if name in released})


def broken(world: World, told: list[Told], said: Callable[[Answer], str] = said) -> list[str]:
    """The promises that are not kept, once everything has settled and every request has its answer."""
    billing, orders = world.rows("billing"), world.rows("orders")
    return [
        *_impossible(told),
        *_cash(told, billing),
        *_orders(told, {row["id"]: row for row in orders if row["sk"].startswith("ORDER#")}, billing),
        *_one_answer_for_a_key(told),
        *_one_answer_for_an_event(told, said),
        *left_frozen(world),
    ]


def _impossible(told: list[Told]) -> Iterator[str]:
    for each in told:
        if each.answer.status not in _POSSIBLE[each.request.kind]:
            yield f"{each.request.kind} was told {each.answer.status}: {each.answer.text}"


def _cash(told: list[Told], billing: list[Item]) -> Iterator[str]:
    entries = {row["transactionId"]: row for row in billing if row.get("kind") in {"DEPOSIT", "WITHDRAWAL"}}
    records = {(row["pk"], row["sk"]) for row in billing}
    # A refusal holds until the client asks again.
    last = {(each.request.kind, each.request.subject): each for each in told}
    for each in told:
        request, account = each.request, f"ACCOUNT#{each.request.user.profile_id}"
        if request.kind not in {"DEPOSIT", "WITHDRAWAL"}:
            continue
        if each.answer.status == _OK:
            entry = entries.get(each.answer.json["transactionId"])
            if not entry or (entry["pk"], entry["kind"]) != (account, request.kind):
                yield f"{request.kind} was told as done, and is not there"
            elif entry["balanceAfter"] != each.answer.json["balance"] * 100:
                yield f"{request.kind} was told another balance than its entry's"
        elif (
            each is last[request.kind, request.subject]
            and (account, f"IDEMPOTENCY#{request.kind}#{request.subject}") in records
        ):
            yield f"{request.kind} was told {each.answer.status}, and is done"


def _orders(told: list[Told], orders: dict[str, Item], billing: list[Item]) -> Iterator[str]:
    paid = {row["orderId"] for row in billing if row.get("kind") == "PAYMENT"}
    final = {"CANCEL": "CANCELED", "COMPLETE": "COMPLETED"}
    for request, answer in ((each.request, each.answer) for each in told):
        if answer.status == _CREATED:
            order = orders.get(answer.json["id"])
            if not order or order["profileId"] != request.user.profile_id:
                yield "an order was told as created, and is not there"
        elif answer.status == _OK and request.kind == "CONFIRM" and request.subject not in paid:
            yield "an order was told as paid, and was not"
        elif answer.status == _OK and request.kind in final and orders[request.subject]["state"] != final[request.kind]:
            yield f"{request.kind} was told as done, and the order is {orders[request.subject]['state']}"


def left_frozen(world: World) -> list[str]:
    """The orders that can't be edited, though every client has come to an end."""
    frozen = [row for row in world.rows("orders") if row.get("state") == "CREATED" and "paymentStartedAt" in row]
    return ["an order is left frozen" for _ in frozen]


def _one_answer_for_a_key(told: list[Told]) -> Iterator[str]:
    effects: dict[tuple[str, str], set[Any]] = defaultdict(set)
    for each in told:
        if each.answer.status in {_OK, _CREATED} and each.request.kind in {"DEPOSIT", "WITHDRAWAL", "CREATE_ORDER"}:
            body = each.answer.json
            effects[each.request.kind, each.request.subject].add(body.get("transactionId") or body["id"])
    for (kind, _), found in effects.items():
        if len(found) > 1:
            yield f"{kind}: {len(found)} effects were told for one key"


def _one_answer_for_an_event(told: list[Told], said: Callable[[Answer], str]) -> Iterator[str]:
    orders: dict[tuple[str, str], set[str]] = defaultdict(set)
    for request, answer in ((each.request, each.answer) for each in told):
        effect = EFFECTS.get(request.kind)
        if effect is None or answer.json.get("state") != effect:
            continue
        if answer.status == _OK:
            orders[request.kind, request.subject].add(said(answer))
        else:
            yield f"{request.kind} was told {answer.status}, and the order is {effect}"
    for (kind, _), found in orders.items():
        if len(found) > 1:
            yield f"{kind}: {len(found)} orders were told for one event"
