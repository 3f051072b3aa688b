"""The purpose of each alarm: its metrics on a healthy day, in a blip, and in the fault, by the row of the runbook.

Values are those of a minute, each with how often it is published. An alarm of several metrics is tried with each of
them alone; those `beside` are what it needs to know besides, and are the same all the time.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

type Values = Mapping[float, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row."""

    healthy: Values
    blip: Values
    fault: Values
    within: int
    """Minutes from the beginning of the fault to the alarm."""
    at_once: str = ""
    """Why it rings on a blip too; most don't."""
    beside: Mapping[str, Values] = field(default_factory=dict)


def _at_once(why: str) -> Fault:
    return Fault(healthy={0: 1}, blip={1: 1}, fault={1: 1}, within=1, at_once=why)


def _age(*, healthy: float, late: float) -> Fault:
    return Fault(healthy={healthy: 5}, blip={late: 1}, fault={late: 5}, within=3)


def _counted(times: int = 1) -> Fault:
    return Fault(healthy={0: 10}, blip={times: 3}, fault={times: 3}, within=3)


def _burning(*, blip: Values, fault: Values, within: int, good: float) -> Fault:
    return Fault(healthy={good: 100}, blip=blip, fault=fault, within=within, beside={"Count": {1: 100}})


_LETTER = "nobody will try the message again"
FAULTS: Mapping[str, Fault] = {
    "dead-letters-<consumer>": _at_once(_LETTER),
    "dead-letters-<consumer>-undelivered": _at_once(_LETTER),
    "dead-letters-relay": _at_once(_LETTER),
    "dead-letters-relay-<service>": _at_once("its records were tried for 23 hours"),
    "dead-letters-reconciliation-check-changes": _at_once(_LETTER),
    "dead-letters-changes-<service>": _at_once("its records were tried for 23 hours"),
    "books-disagree": _at_once("one wrong row is money that is not where it should be"),
    "audit-failed": _at_once("its machine has tried each step twelve times"),
    "relay-late": _age(healthy=500, late=90_000),
    "changes-late": _age(healthy=60_000, late=700_000),
    "queue-late-<consumer>": _age(healthy=2, late=700),
    "queue-late-reconciliation-check-changes": _age(healthy=905, late=5_000),
    "events-late": _age(healthy=800, late=150_000),
    # One of a function's invocations fails; then one in each of its minutes.
    "errors-<service>": Fault(healthy={0: 10}, blip={0: 9, 1: 1}, fault={0: 9, 1: 1}, within=6),
    "authorizer-failing": Fault(healthy={0: 60}, blip={0: 40, 1: 20}, fault={0: 59, 1: 1}, within=3),
    "functions-throttled": _counted(),
    "concurrency-high": Fault(healthy={40: 1}, blip={950: 1}, fault={950: 1}, within=3),
    "tables-throttled": _counted(),
    "tables-failing": _counted(),
    "sign-ins-throttled": _counted(),
    "api-failing": Fault(healthy={0: 100}, blip={0: 50, 1: 50}, fault={0: 95, 1: 5}, within=3),
    "api-slow": Fault(healthy={90: 100}, blip={5_000: 100}, fault={90: 97, 5_000: 3}, within=12),
    # A blip: half of a minute's requests fail, or all of them take long.
    "availability-burning-fast": _burning(good=0, blip={0: 50, 1: 50}, fault={0: 80, 1: 20}, within=5),
    "availability-burning-slow": _burning(good=0, blip={0: 50, 1: 50}, fault={0: 99, 1: 1}, within=217),
    "latency-burning-fast": _burning(good=90, blip={2_000: 100}, fault={90: 50, 2_000: 50}, within=18),
    "latency-burning-slow": _burning(good=90, blip={2_000: 100}, fault={90: 90, 2_000: 10}, within=217),
}


def row_of(alarm: str) -> str:
    """The row for an alarm: the most specific that fits. Raises ValueError if none does."""
    fitting = [row for row in FAULTS if re.fullmatch(re.sub(r"<\w+>", r"[\\w-]+", row), alarm)]
    if not fitting:
        raise ValueError(f"no fault is known for the alarm {alarm}")
    return max(fitting, key=lambda row: len(re.sub(r"<\w+>", "", row)))
