"""The invariants of the contract, judged on the raw rows: what a platform must never be, and must come to be.

It shares no code with the platform but the hash of an entry, which reconciliation works out by itself.
"""

import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

from shared.wire import read_json
from tests.scaffolding.audits import audit
from tests.scaffolding.world import Item, World

HEARD = {"OrderPaid", "OrderCanceled", "OrderCompleted", "DepositAccepted", "OrderRefunded"}
FREE: set[str | None] = {None, "DECLINED"}


def always(world: World) -> list[str]:
    """What is violated at any moment: money adds up, no order is paid or refunded twice, rows have one owner."""
    rows = world.rows("billing")
    entries = [row for row in rows if row["sk"].startswith("ENTRY#")]
    return [
        *_accounts([row for row in rows if row["sk"] == "ACCOUNT"], entries),
        *_once([entry for entry in entries if entry.get("orderId")]),
        *_owners(rows),
    ]


def at_rest(world: World) -> list[str]:
    """What is violated once retries and events have settled, beside what is violated always."""
    billing, orders = world.rows("billing"), world.rows("orders")
    payments = {row["orderId"]: row for row in billing if row["sk"] == "PAYMENT"}
    entries = [row for row in billing if row["sk"].startswith("ENTRY#")]
    placed = [row for row in orders if row["sk"].startswith("ORDER#")]
    return [
        *always(world),
        *_payments(placed, payments, entries),
        *_numbers(orders, placed),
        *_keys(billing, orders, entries, placed),
        *_events(world, placed, entries),
        *_audited(world),
    ]


def _accounts(accounts: list[Item], entries: list[Item]) -> Iterator[str]:
    by_account: dict[str, list[Item]] = defaultdict(list)
    for entry in entries:
        by_account[entry["pk"]].append(entry)
    for account in accounts:
        own = sorted(by_account.pop(account["pk"], []), key=lambda entry: entry["sequence"])
        total = sum(entry["amount"] for entry in own)
        if account["balance"] != total:
            yield f"balance {account['balance']} is not the sum of the entries {total}"
        if [entry["sequence"] for entry in own] != list(range(1, account["sequence"] + 1)):
            yield "entries are not numbered 1, 2, 3 … up to the account's last"
        running, chain = 0, "0" * 64
        for entry in own:
            running += entry["amount"]
            if running < 0 or entry["balanceAfter"] != running:
                yield f"balanceAfter {entry['balanceAfter']}, but the entries come to {running}"
            if entry["previousHash"] != chain:
                yield "the chain of hashes is broken"
            chain = entry["hash"]
    if by_account:
        yield "entries without an account"


def _once(entries: list[Item]) -> Iterator[str]:
    moves: dict[str, Counter[str]] = defaultdict(Counter)
    amounts: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        moves[entry["orderId"]][entry["kind"]] += 1
        amounts[entry["orderId"]].add(abs(entry["amount"]))
    for order_id, kinds in moves.items():
        if kinds["PAYMENT"] > 1:
            yield f"order paid {kinds['PAYMENT']} times"
        if kinds["REFUND"] > kinds["PAYMENT"]:
            yield f"order refunded {kinds['REFUND']} times, paid {kinds['PAYMENT']} times"
        if len(amounts[order_id]) != 1:
            yield "refunded another amount than was paid"


def _owners(rows: list[Item]) -> Iterator[str]:
    for row in rows:
        if "profileId" in row and row["pk"].startswith("ACCOUNT#") and row["pk"] != f"ACCOUNT#{row['profileId']}":
            yield "a row lies under another's account"


def _payments(orders: list[Item], payments: dict[str, Item], entries: list[Item]) -> Iterator[str]:
    fitting: dict[str, set[str | None]] = {
        "CREATED": FREE,
        "PAID": {"TAKEN"},
        "COMPLETED": {"TAKEN"},
        "CANCELED": {"VOID", "RETURNED"},
    }
    moved: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        moved[entry.get("orderId", "")].append(entry["kind"])
    for order in orders:
        payment = payments.pop(order["id"], None)
        state = payment["state"] if payment else None
        if state not in fitting[order["state"]]:
            yield f"order {order['state']}, payment {state}"
        if state == "TAKEN" and payment and payment["amount"] != order["amount"]:
            yield "paid another amount than the order's"
        kinds = {"TAKEN": ["PAYMENT"], "RETURNED": ["PAYMENT", "REFUND"]}.get(state or "", [])
        if sorted(moved[order["id"]]) != kinds:
            yield f"payment {state}, entries {moved[order['id']]}"
    if payments:
        yield "a payment without an order"


def _numbers(rows: list[Item], orders: list[Item]) -> Iterator[str]:
    counters = {row["profileId"]: row["lastNumber"] for row in rows if row["sk"] == "COUNTER"}
    for profile_id, last in counters.items():
        numbers = sorted(order["orderNumber"] for order in orders if order["profileId"] == profile_id)
        if numbers != list(range(1, last + 1)):
            yield f"order numbers {numbers}, counter {last}"


def _keys(billing: list[Item], rows: list[Item], entries: list[Item], orders: list[Item]) -> Iterator[str]:
    """One effect for each key: each record's answer names an effect of its own, and no effect lacks a record."""
    answers: dict[str, list[Any]] = defaultdict(list)
    for row in [*billing, *rows]:
        if row["sk"].startswith("IDEMPOTENCY#"):
            answers[row["sk"].split("#")[1]].append(read_json(row["answer"]))
    for kind in ("DEPOSIT", "WITHDRAWAL"):
        effects = sorted(entry["transactionId"] for entry in entries if entry["kind"] == kind)
        if sorted(answer["transactionId"] for answer in answers[kind]) != effects:
            yield f"{len(effects)} effects of {kind}, {len(answers[kind])} keys"
    if sorted(answer["id"] for answer in answers["CREATE_ORDER"]) != sorted(order["id"] for order in orders):
        yield f"{len(orders)} orders, {len(answers['CREATE_ORDER'])} keys"


def _events(world: World, orders: list[Item], entries: list[Item]) -> Iterator[str]:
    published: dict[tuple[str, str], set[str]] = defaultdict(set)
    notified = Counter(row["id"] for row in world.rows("notifications"))
    heard: set[str] = set()
    for entry in world.published:
        detail: Any = read_json(entry["Detail"])
        about = detail.get("orderId") or detail.get("transactionId") or detail["profileId"]
        published[entry["DetailType"], about].add(detail["eventId"])
        if entry["DetailType"] in HEARD:
            heard.add(detail["eventId"])
    expected = Counter({("ProfileCreated", profile["id"]): 1 for profile in world.rows("profiles")})
    expected.update(("OrderCanceled", order["id"]) for order in orders if order["state"] == "CANCELED")
    expected.update(("OrderCompleted", order["id"]) for order in orders if order["state"] == "COMPLETED")
    named = {"PAYMENT": "OrderPaid", "REFUND": "OrderRefunded", "DEPOSIT": "DepositAccepted"}
    for entry in entries:
        if entry["kind"] in named:
            expected[named[entry["kind"]], entry.get("orderId") or entry["transactionId"]] += 1
    told = Counter({fact: len(ids) for fact, ids in published.items()})
    for fact in expected.keys() | told.keys():
        if expected[fact] != told[fact]:
            yield f"{fact[0]} happened {expected[fact]} times, was told {told[fact]} times"
    if set(notified) != heard or any(count != 1 for count in notified.values()):
        yield f"{len(heard)} events to notify of, {sum(notified.values())} notifications"


def _audited(world: World) -> Iterator[str]:
    # Its metric goes to standard output, where CloudWatch would find it.
    with redirect_stdout(io.StringIO()):
        report = audit(world)
    yield from (f"reconciliation: {finding['rule']}" for finding in report["findings"])
