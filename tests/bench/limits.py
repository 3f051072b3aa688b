"""What a run of `make bench` must keep within: the budgets, and what may pass one of them, with its reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from infra.operations import CONSUMERS

COLD, COLD_MEDIAN = 0.86, 0.95
"""Of an HTTP operation's start over that of a process that makes a stock boto3 client (docs/decisions/0025)."""
COLD_WITH_MODELS, COLD_CONSUMER = 1.16, 1.31
"""Where pydantic loads, for bodies; where Powertools' batch processor does too, for events that nobody waits for."""
WARM = 1.25
"""Of a request over its own AWS calls made bare."""
LAYERS, LAYERS_WITH_MODELS, ALL_LAYERS, ASSET = 6_000_000, 9_000_000, 15_000_000, 100_000
"""Zipped bytes: of the layers that an operation loads, of all layers together, of a function's own code."""
MODULES, MODULES_WITH_MODELS = 335, 400
"""That an operation has imported when it has answered, beside those that a function that does nothing has."""

_CONSUMERS = {consumer.function.module for consumer in CONSUMERS}
READ, WRITE, CONFIRM = 1, 2, 5
SEQUENCES: Mapping[str, int] = {
    "profiles.get_profile": READ,
    "billing.get_account": READ,
    "billing.list_transactions 20 of them": READ,
    "orders.get_order": READ,
    "orders.list_orders 20 of them": READ,
    "notifications.list_notifications 20 of them": READ,
    "orders.create_order": WRITE,
    "orders.execute_order EDIT": WRITE,
    "orders.execute_order CANCEL": WRITE,
    "orders.execute_order COMPLETE": WRITE,
    "billing.deposit": WRITE,
    "billing.withdraw": WRITE,
}
"""AWS calls one after the other, the authorizer's aside."""
CONFIRMING = ("orders.execute_order CONFIRM", "billing.pay_order")
"""Together they confirm an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A situation that may pass one limit, up to another, and why it can't do better."""

    situation: str
    what: str
    """The limit: `cold`, `warm`, `layers`, `modules` or `sequence`."""
    limit: float
    reason: str


_VERIFIES = (
    "it asks DynamoDB and verifies a signature: botocore (0.7 of b) and the cryptography (0.3) both have to load"
)
_KEEPS_A_LEDGER = "the accounts, entries and payments of the domain are dataclasses, 0.02 of b to make"
_CALLS_BILLING = "it calls another function: a second AWS client, of Lambda, is made when it starts"
_WRITES_EXACT_JSON = "300 fields of 20 orders go through the writer that keeps numbers exact (docs/decisions/0004)"
ALLOWANCES: tuple[Allowance, ...] = (
    Allowance(situation="orders.list_orders 20 of them", what="warm", limit=1.28, reason=_WRITES_EXACT_JSON),
    Allowance(situation="billing.deposit", what="cold", limit=1.20, reason=_KEEPS_A_LEDGER),
    Allowance(situation="billing.withdraw", what="cold", limit=1.20, reason=_KEEPS_A_LEDGER),
    *(
        Allowance(situation=f"orders.execute_order {event}", what="cold", limit=1.20, reason=_CALLS_BILLING)
        for event in ("EDIT", "CONFIRM", "CANCEL", "COMPLETE")
    ),
    Allowance(situation="auth.check_request", what="cold", limit=1.25, reason=_VERIFIES),
    Allowance(situation="auth.check_request", what="layers", limit=10_000_000, reason=_VERIFIES),
    Allowance(situation="auth.check_request", what="modules", limit=400, reason=_VERIFIES),
    Allowance(
        situation="auth.check_request",
        what="warm",
        limit=1.50,
        reason="PyJWT's reading of a token and the RSA signature are work that no AWS call has",
    ),
)


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that does not hold; `situation` is None where it is not of one."""

    situation: str | None
    what: str
    line: str


def exceeded(bench: Mapping[str, Any], allowances: tuple[Allowance, ...] = ALLOWANCES) -> list[Excess]:
    """The limits that do not hold in the figures `bench`, which are as bench.json has them."""
    return [*_by_situation(bench, allowances), *_of_all(bench)]


def allowed(bench: Mapping[str, Any]) -> list[Excess]:
    """What exceeds a limit and may: ALLOWANCES says why."""
    without = {(each.situation, each.what): each for each in _by_situation(bench, ())}
    found = [
        (without[each.situation, each.what], each) for each in ALLOWANCES if (each.situation, each.what) in without
    ]
    return [
        Excess(over.situation, over.what, f"{over.line}; allowed up to {_number(each.limit)}: {each.reason}")
        for over, each in found
    ]


def _by_situation(bench: Mapping[str, Any], allowances: tuple[Allowance, ...]) -> Iterator[Excess]:
    allowed = {(each.situation, each.what): each.limit for each in allowances}
    for name, figures in bench["situations"].items():
        for what, value, usual in _limited(name, figures, bench):
            limit = allowed.get((name, what), usual)
            if value > limit:
                yield Excess(name, what, f"{name}: {what} {_number(value)}, and the limit is {_number(limit)}")


def _limited(name: str, figures: Mapping[str, Any], bench: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    """What of a situation has a limit: its name, its value, the limit."""
    if figures["operation"]:
        with_models = "Models" in figures["layers"]
        zipped = sum(bench["layers"][layer]["zippedBytes"] for layer in figures["layers"])
        modules = figures["cold"]["modules"] - bench["references"]["nothing"]["cold"]["modules"]
        yield "cold", figures["cold"]["ratio"], COLD_WITH_MODELS if with_models else COLD
        yield "layers", zipped, LAYERS_WITH_MODELS if with_models else LAYERS
        yield "modules", modules, MODULES_WITH_MODELS if with_models else MODULES
        if figures["warm"]["ratio"] is not None:
            yield "warm", figures["warm"]["ratio"], WARM
    if figures["function"] in _CONSUMERS:
        yield "cold", figures["cold"]["ratio"], COLD_CONSUMER
    if name in SEQUENCES:
        yield "sequence", figures["sequence"], SEQUENCES[name]
    yield "asset", figures["assetBytes"], ASSET


def _of_all(bench: Mapping[str, Any]) -> Iterator[Excess]:
    situations, layers = bench["situations"], bench["layers"]
    colds: dict[str, float] = {}
    for figures in situations.values():
        if figures["operation"]:
            colds[figures["function"]] = max(figures["cold"]["ratio"], colds.get(figures["function"], 0))
    if not bench["restricted"] and median(colds.values()) > COLD_MEDIAN:
        line = f"cold starts of operations: median {median(colds.values()):.2f}, and the limit is {COLD_MEDIAN:.2f}"
        yield Excess(None, "cold", line)
    if all(name in situations for name in CONFIRMING):
        calls = sum(situations[name]["sequence"] for name in CONFIRMING)
        if calls > CONFIRM:
            yield Excess(None, "sequence", f"confirming: {calls} AWS calls in sequence, and the limit is {CONFIRM}")
    together = sum(layer["zippedBytes"] for layer in layers.values())
    if together > ALL_LAYERS:
        yield Excess(None, "layers", f"all layers: {_number(together)} zipped, and the limit is {_number(ALL_LAYERS)}")
    for name, uploaded in [*layers.items(), *bench["assets"].items()]:
        if uploaded["withoutBytecode"]:
            line = f"{name}: {uploaded['withoutBytecode']} of {uploaded['modules']} modules without bytecode"
            yield Excess(None, "bytecode", line)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}"
