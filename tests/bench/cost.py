"""docs/cost.md: what the platform costs and where its growth ends, made of docs/cost.figures.json.

    python -m tests.bench.cost          write the page anew
    python -m tests.bench.cost --take   take over the figures of the last `make bench` before
    python -m tests.bench.cost --check  write nothing, fail when the page is not what would be written

The figures are the part of the bench that repeats: calls, request units, log lines and instructions. Milliseconds come
from instructions, so that the page does not change with the machine. The exit code is not 0 when the budget does not
hold.
"""

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.edge.web_acl import LIMITS, ONLY_COUNTED
from infra.operations import AUTHORIZER, CREATE_PROFILE, PAY_ORDER, ROUTES
from infra.settings import StageSettings
from tests.bench import bill, prices
from tests.bench.bill import Bill, Biller, Settings
from tests.bench.lifecycles import COMPLETE, SAID, complete, variants
from tests.bench.prices import Price
from tests.bench.quotas import EVENTS, REQUESTS, WANTED, limits
from tests.bench.watching import watching

PROJECT = Path(__file__).parents[2]
TAKEN = PROJECT / ".artifacts/bench/bench.json"
FIGURES, PAGE = PROJECT / "docs/cost.figures.json", PROJECT / "docs/cost.md"
BUDGET = 35.0
"""Dollars for a million complete lifecycles; why not 35: docs/decisions/0039."""
TOLERANCE = 0.05
"""By how much instructions may differ from the page's figures; calls and units may not."""
THROTTLE_RATE: int = StageSettings.model_fields["throttle_rate"].default
BUSY = 10
"""Events that share an invocation at best, with the batches of infra/event_sources.py."""

SITUATIONS = (
    "orders.create_order",
    "orders.execute_order EDIT",
    "orders.execute_order CONFIRM",
    "orders.execute_order COMPLETE",
    "orders.execute_order CANCEL",
    "orders.get_order",
    "orders.list_orders 20 of them",
    "billing.get_account",
    "billing.deposit",
    "billing.pay_order",
    "billing.return_payment",
    "orders.settle_order marked already",
    "notifications.notify",
    "notifications.list_notifications 20 of them",
    "events.relay 1 event",
    "events.relay 10 events",
    "auth.authorize",
)
"""Those of the benchmark that the page is made of, as it lists them."""
_WITHIN = {"billing.pay_order", "auth.authorize", "events.relay 10 events"}
"""Parts of other rows, or the same again."""
_COLUMNS = (
    *(prices.READS, prices.WRITES, prices.INVOCATIONS),
    *(prices.HTTP_API, prices.EVENTS, prices.TOPIC, prices.QUEUES, prices.LOGS),
)
WIDTH = 120


def committed() -> dict[str, Any]:
    """The figures that the page is made of."""
    figures: dict[str, Any] = json.loads(FIGURES.read_text())
    return figures


def figures_of(bench: Mapping[str, Any]) -> dict[str, Any]:
    """What the page needs of a bench: instructions rounded to 10,000 (a start's to 10 million), log bytes to 10.

    Raises ValueError for a bench that has not counted them, or not every situation.
    """
    missing = [name for name in SITUATIONS if name not in bench["situations"]]
    if missing or bench["counted"] != "instructions":
        raise ValueError(f"the page takes instructions of {', '.join(missing) or 'every situation'}")
    return {
        "taken": bench["taken"],
        "situations": {name: _figures(bench["situations"][name]) for name in SITUATIONS},
    }


def _figures(situation: Mapping[str, Any]) -> dict[str, Any]:
    calls = situation["calls"]
    return {
        "instructions": round(situation["warm"]["instructions"] or 0, -4),
        "coldInstructions": round(situation["cold"]["instructions"] or 0, -7),
        "calls": [[call["service"], call["operation"], call["readUnits"], call["writeUnits"]] for call in calls],
        "logLines": situation["logLines"],
        "logBytes": round(situation["logBytes"], -1),
    }


def differences(figures: Mapping[str, Any], bench: Mapping[str, Any]) -> list[str]:
    """Where a bench no longer agrees with the page's figures, a line each.

    Situations that it left out do, and instructions where it counted none.
    """
    return [
        f"{name}: {line}"
        for name, old in figures["situations"].items()
        if name in bench["situations"]
        for line in _difference(old, _figures(bench["situations"][name]))
    ]


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old["calls"] != new["calls"]:
        yield f"calls {new['calls']}, on the page {old['calls']}"
    if old["logLines"] != new["logLines"]:
        yield f"{new['logLines']} log lines, on the page {old['logLines']}"
    for what in ("instructions", "coldInstructions"):
        if new[what] and abs(new[what] / old[what] - 1) > TOLERANCE:
            yield f"{what} {new[what]:,}, on the page {old[what]:,}"


def page(figures: Mapping[str, Any]) -> str:
    """The whole of docs/cost.md."""
    biller = Biller(figures["situations"])
    parts = [
        *(_head(biller, figures["taken"]), _bill(biller), _operations(biller), _variants(biller)),
        *(_settings(biller), _watching(), _edge(), _growth(biller), _assumptions(), _prices()),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _paragraph(text: str) -> list[str]:
    return ["", *textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)]


def _head(biller: Biller, taken: str) -> Iterator[str]:
    lifecycle, busy = complete(biller), complete(_with(biller, batch=BUSY))
    cost = lifecycle.dollars
    yield from ("# What it costs", "", "Made by `python -m tests.bench.cost`; not to be edited.")
    yield from _paragraph(
        f"**{cost:.2f} dollars for a million complete order lifecycles** where no two events share anything, as on "
        f"a quiet stage; **{busy.dollars:.2f}** where ten do. At list prices of us-east-1, without free tiers, of "
        f"what was counted on {taken}; every assumption is [below](#assumptions)."
    )
    yield from _paragraph(SAID)
    if cost <= BUDGET:
        yield from _paragraph(f"The budget of {BUDGET} dollars holds, with {BUDGET - cost:.2f} to spare.")
        return
    promised = lifecycle.dollars_for(prices.WRITES, prices.HTTP_API, prices.QUEUES, prices.EVENTS, prices.TOPIC)
    yield from _paragraph(
        f"The budget of {BUDGET} dollars **does not hold**, by {cost - BUDGET:.2f}. {promised:.2f} are the price of "
        "what the contract promises: writes that are transactions, requests, and events that fan out through bus, "
        f"topic and queue. The other {cost - promised:.2f} are reading, running and logging; the table of settings "
        "says what lowers them."
    )


def _bill(biller: Biller) -> Iterator[str]:
    alone, busy = complete(biller), complete(_with(biller, batch=BUSY))
    yield from ("", "## Where the money goes", "")
    yield "| | of a lifecycle | dollars for a million | with batches of 10 |"
    yield "|---|---:|---:|---:|"
    for price in sorted(alone.units, key=alone.dollars_for, reverse=True):
        dollars = f"{alone.dollars_for(price):.2f} | {busy.dollars_for(price):.2f}"
        yield f"| {price.what} | {_units(price, alone)} | {dollars} |"
    yield f"| **together** | | **{alone.dollars:.2f}** | **{busy.dollars:.2f}** |"


def _units(price: Price, of: Bill) -> str:
    units = of.units[price]
    if price in prices.COMPUTE.values():
        return f"{of.ms:.0f} ms"
    return f"{units / 1000:.1f} KB" if price is prices.LOGS else f"{units:g}"


def _operations(biller: Biller) -> Iterator[str]:
    yield from ("", "## What each operation costs")
    yield from _paragraph(
        "An HTTP operation has its request, its access log and its authorizer with it, and `CONFIRM` the payment; "
        "what happens by event is a row of its own, without the others that it leads to. Read and write are "
        "DynamoDB's units."
    )
    yield ""
    yield "| | read | write | invocations | ms billed | API | events | SNS | SQS | log bytes | dollars a million |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name in SITUATIONS:
        if name not in _WITHIN:
            yield _operation(_title(name), _bill_of(biller, name))
    yield _operation("the authorizer, in each HTTP operation above", biller.invocation(bill.AUTHORIZER))


def _title(name: str) -> str:
    return f"`{name.partition(' ')[0]}`{' ' if ' ' in name else ''}{name.partition(' ')[2]}"


def _bill_of(biller: Biller, name: str) -> Bill:
    if name == bill.RELAY:
        return biller.invocation(name, waited_for=False) + Bill({prices.EVENTS: 1})
    if name == bill.NOTIFY:
        return biller.consumed(name) + Bill({prices.TOPIC: 1})
    if name in {"orders.settle_order marked already", "billing.return_payment"}:
        return biller.consumed(name)
    return biller.signed_in(name)


def _operation(title: str, of: Bill) -> str:
    units = [of.units.get(price, 0) for price in _COLUMNS]
    columns = [f"{column:g}" if column else "" for column in (*units[:3], round(of.ms), *units[3:])]
    return f"| {title} | {' | '.join(columns)} | {of.dollars:.2f} |"


def _variants(biller: Biller) -> Iterator[str]:
    yield from ("", "## Other lifecycles", "", "| | dollars a million | with batches of 10 |", "|---|---:|---:|")
    busy = variants(_with(biller, batch=BUSY))
    for name, of in variants(biller).items():
        yield f"| {name} | {of.dollars:.2f} | {busy[name].dollars:.2f} |"


def _settings(biller: Biller) -> Iterator[str]:
    now = complete(biller).dollars
    waited_for = (*(route.function for route in ROUTES), AUTHORIZER, PAY_ORDER, CREATE_PROFILE)
    kept = len({function.module for function in waited_for})
    month = f"{kept * _snapshot_month():.2f} a month"
    others: Sequence[tuple[str, Mapping[str, Any], str]] = (
        (
            "`authorizerCacheSeconds: 300`",
            {"authorizer_is_cached": True},
            "a signed-out token opens the API for as long",
        ),
        ("`logLevel: DEBUG`", {"log_level": "DEBUG"}, "with Lambda's own lines; our debug lines come on top"),
        ("`memoryMb: 256`", {"memory_mb": 256}, "slower requests, starts twice as long"),
        ("`memoryMb: 1024`", {"memory_mb": 1024}, "half the processor time, in requests and starts"),
        ("`architecture: x86_64`", {"architecture": "x86_64"}, ""),
        ("`snapStart: true`", {"snap_start": True}, f"and {month} for the snapshots of {kept} functions"),
        ("`edge`", {"edge": True}, f"and {edge_month():.2f} a month, [below](#with-an-edge)"),
        ("a REST API (not a setting)", {"rest_api": True}, "would have API keys, request validation, WAF"),
        ("batches of 10", {"batch": BUSY}, "come by themselves on a busy stage, from some ten orders a second"),
    )
    yield from ("", "## What a setting does to it", "", "| | dollars a million | | and |", "|---|---:|---:|---|")
    yield f"| the defaults: 512 MB, arm64, INFO, no cache, no SnapStart | {now:.2f} | | |"
    for name, changes, remark in others:
        cost = complete(_with(biller, **changes)).dollars
        yield f"| {name} | {cost:.2f} | {cost - now:+.2f} | {remark} |"


def _snapshot_month() -> float:
    return prices.SNAPSHOTS.of(Settings().memory_mb / 1024 * prices.MONTH_SECONDS)


def _watching() -> Iterator[str]:
    rows = list(watching())
    yield from ("", "## Being watched")
    yield from _paragraph(
        "A stage pays this by the month, however busy it is. Metrics that AWS publishes are free, and so are the lines "
        "that ours are made of, but for their bytes in the logs."
    )
    yield from ("", "| | how many | dollars a month |", "|---|---:|---:|")
    yield from (f"| {row.what} | {row.units} | {row.dollars:.2f} |" for row in rows)
    yield f"| **together** | | **{sum(row.dollars for row in rows):.2f}** |"


def edge_month() -> float:
    """Dollars a month for the edge of a stage, before the first request."""
    return prices.WAF_ACL.of(1) + prices.WAF_RULE.of(len(LIMITS) + len(ONLY_COUNTED))


def _edge() -> Iterator[str]:
    parts = ((prices.EDGE_REQUESTS, 1), (prices.WAF_REQUESTS, 1), (prices.EDGE_DATA, bill.ANSWER_BYTES))
    more = sum(price.of(units) * prices.MILLION for price, units in parts)
    flood = prices.WAF_REQUESTS.of(10_000 * 3600)
    yield from ("", "## With an edge")
    yield from _paragraph(
        f"The setting `edge` costs **{edge_month():.2f} dollars a month** (a web ACL, {len(LIMITS)} limits, "
        f"{len(ONLY_COUNTED)} managed groups; its alarm is {prices.ALARMS.of(1):.2f}, and where `alarmEmail` names "
        f"somebody a KMS key 1.00) and **{more:.2f} for a million requests**:"
    )
    yield from ("", "| | dollars for a million requests |", "|---|---:|")
    for price, units in parts:
        yield f"| {price.what} | {price.of(units) * prices.MILLION:.2f} |"
    yield from _paragraph(
        "A request that WAF blocks is billed by WAF alone, and costs nothing behind it: a flood of 10,000 requests a "
        f"second costs {flood:.0f} dollars an hour."
    )


def _growth(biller: Biller) -> Iterator[str]:
    each = complete(_with(biller, batch=BUSY))
    writes, copies = WANTED * each.units[prices.WRITES], WANTED * each.ms / 1000
    dollars = WANTED * each.dollars / prices.MILLION
    yield from ("", f"## At {WANTED:,} orders a second")
    yield from _paragraph(
        f"That is {WANTED * REQUESTS:,} requests, {WANTED * EVENTS:,} events and {writes:,.0f} write units a "
        f"second, {copies:,.0f} copies of functions at work, and {dollars:.2f} dollars a second. For many users the "
        "design stays as it is; these are met, each in its order:"
    )
    yield from ("", "| limit | lifecycles a second | what lifts it | source |", "|---|---:|---|---|")
    for limit in limits(biller, THROTTLE_RATE):
        whose = "" if limit.of_all else "**one user:** "
        source = f"[AWS]({limit.source})" if limit.source.startswith("http") else limit.source
        yield f"| {whose}{limit.what} | {limit.allows:,} | {limit.lifted} | {source} |"
    yield from _paragraph(
        "Not met: SQS standard queues take any rate, but 120,000 messages in flight; each queue feeds up to 1,250 "
        "copies of its consumer, 300 more a minute. The relay has one copy for each shard of a stream, and a table "
        "has a shard for each partition: it grows as the table does, 100 records at a time. A transaction has no "
        "rate of its own, only its units. Signing in is Cognito's 120 a second, by quota; tokens last an hour, so "
        "that orders don't meet it."
    )


def _assumptions() -> Iterator[str]:
    waits = ", ".join(f"{name} {wait}" for name, wait in bill.WAITS_MS.items())
    requests = ", ".join(bill.SQS_REQUESTS)
    rows = {
        "processor": f"{bill.INSTRUCTIONS_PER_MS // prices.MILLION} million instructions a ms of a whole one, arm64 as"
        f" x86_64; a function has memory / {bill.WHOLE_CPU_MB} MB of one",
        "round trips": f"ms from a call to its answer: {waits}, other DynamoDB calls {bill.WAIT_MS};"
        " `CONFIRM` also waits for the payment",
        "billed time": "processor and waits in sequence, rounded up to a ms",
        "starts": f"one invocation in {1 / bill.COLD_SHARE:,.0f} starts a new copy, whose start is billed too",
        "request units": "by AWS's rules, from the items themselves; a transaction doubles those of the"
        " table, not those of its index",
        "queues": f"{len(bill.SQS_REQUESTS)} requests a message ({requests}), the last two shared by a batch;"
        " what EventBridge and SNS send counted as ours",
        "streams": "reading them by Lambda is free, and so are records that its filter drops",
        "logs": f"each line {bill.LINE_BYTES} bytes more than its text; {bill.ACCESS_LOG_BYTES} an access log;"
        " Lambda's own lines are off but in DEBUG",
        "conflicts, retries": "none: they are rare, and each costs what the lost attempt did",
    }
    yield from ("", "## Assumptions", "", "| | |", "|---|---|")
    yield from (f"| {name} | {text} |" for name, text in rows.items())


def _prices() -> Iterator[str]:
    listed = [value for value in vars(prices).values() if isinstance(value, Price)]
    yield from ("", "## Prices", "", "| | dollars | for one | |", "|---|---:|---|---|")
    for price in (*listed, *prices.COMPUTE.values()):
        yield (
            f"| {price.what} | {price.dollars:.10f}".rstrip("0").rstrip(".")
            + f" | {price.unit} | [AWS]({price.source}) |"
        )
    yield from ("", "Not in the sums, in dollars:", "")
    yield from (f"* {what}: {cost}." for what, cost in prices.ASIDE.items())


def _with(biller: Biller, **changes: Any) -> Biller:
    return replace(biller, settings=replace(biller.settings, **changes))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the page; gives the exit code."""
    parser = argparse.ArgumentParser(description="docs/cost.md, made of docs/cost.figures.json")
    parser.add_argument("--take", nargs="?", const=TAKEN, type=Path, help="take over the figures of this bench before")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    chosen = parser.parse_args(arguments)
    if chosen.take:
        FIGURES.write_text(json.dumps(figures_of(json.loads(chosen.take.read_text())), indent=1) + "\n")
    figures = committed()
    if not chosen.check:
        PAGE.write_text(page(figures))
    elif PAGE.read_text() != page(figures):
        print("docs/cost.md is not what its figures make: python -m tests.bench.cost")
        return 1
    biller = Biller(figures["situations"])
    for name, of in variants(biller).items():
        print(f"  {of.dollars:6.2f}  {name}")
    cost = complete(biller).dollars
    print(f"cost: {cost:.2f} dollars for a million ({COMPLETE}); the budget is {BUDGET}")
    return int(cost > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
