"""The arithmetic of docs/cost.md, on figures that can be added up by hand; and the page itself."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from infra.settings import StageSettings
from tests.bench import bill, cost, prices
from tests.bench.bill import INSTRUCTIONS_PER_MS, LINE_BYTES, WAIT_MS, WAITS_MS, WHOLE_CPU_MB, Bill, Biller, Settings
from tests.bench.lifecycles import complete
from tests.bench.quotas import limits

ONE_MS = INSTRUCTIONS_PER_MS
WHOLE = Settings(memory_mb=WHOLE_CPU_MB)
READ, WRITE = ["dynamodb", "GetItem", 1.0, 0.0], ["dynamodb", "TransactWriteItems", 0.0, 8.0]


def figures(*calls: list[Any], ms: float = 1, lines: int = 1, line: int = 200) -> dict[str, Any]:
    """A situation that makes `calls` and computes for `ms` of a whole processor; its starts cost nothing."""
    return {
        "instructions": round(ms * ONE_MS),
        "coldInstructions": 0,
        "calls": list(calls),
        "logLines": lines,
        "logBytes": line * lines,
    }


def biller(settings: Settings = WHOLE, **situations: dict[str, Any]) -> Biller:
    return Biller({name.replace("_", ".", 1): each for name, each in situations.items()}, settings)


def of_every_situation(settings: Settings = WHOLE) -> Biller:
    return Biller({name: figures(READ) for name in cost.SITUATIONS}, settings)


def test_a_price_is_for_a_million_of_what_is_billed() -> None:
    assert Bill({prices.WRITES: 8, prices.READS: 2}).dollars == pytest.approx(8 * 0.625 + 2 * 0.125)


def test_an_invocation_is_billed_for_its_processor_and_its_waits_in_sequence() -> None:
    each = biller(orders_create=figures(READ, WRITE, ms=2))
    assert each.milliseconds("orders.create") == 2 + WAIT_MS + WAITS_MS["TransactWriteItems"]


def test_half_the_memory_takes_twice_the_processor_time_but_no_longer_waits() -> None:
    each = biller(replace(WHOLE, memory_mb=WHOLE_CPU_MB // 2), orders_create=figures(READ, ms=10))
    assert each.milliseconds("orders.create") == pytest.approx(20 + WAIT_MS, abs=1)


def test_a_started_millisecond_is_billed_whole() -> None:
    assert biller(orders_get=figures(ms=1.01)).milliseconds("orders.get") == 2


def test_confirming_waits_for_the_payment_and_has_it_on_its_bill() -> None:
    confirm, pay = "orders.execute_order CONFIRM", "billing.pay_order"
    each = Biller({confirm: figures(["lambda", "Invoke", 0.0, 0.0]), pay: figures(WRITE, ms=3)}, WHOLE)
    assert each.milliseconds(confirm) == 1 + WAITS_MS["Invoke"] + each.milliseconds(pay)
    assert each.request(confirm).units[prices.INVOCATIONS] == 2
    assert each.request(confirm).units[prices.WRITES] == 8


def test_each_log_line_counts_for_more_than_its_text() -> None:
    each = biller(orders_get=figures(lines=2, line=100))
    assert each.invocation("orders.get").units[prices.LOGS] == 2 * (100 + LINE_BYTES)


def test_an_edge_bills_each_request_twice_more_and_its_answer_but_no_event() -> None:
    bare, edge = of_every_situation(), of_every_situation(replace(WHOLE, edge=True))
    more = edge.request("orders.get_order").dollars - bare.request("orders.get_order").dollars
    assert more == pytest.approx(1.00 + 0.60 + bill.ANSWER_BYTES * 0.085 / 1000)
    assert complete(edge).dollars - complete(bare).dollars == pytest.approx(5 * more)
    assert edge.event().units == bare.event().units


def test_the_page_says_what_an_edge_costs() -> None:
    assert "**10.00 dollars a month**" in cost.PAGE.read_text()
    assert "**1.69 for a million requests**" in cost.PAGE.read_text()


def test_a_cached_authorizer_is_asked_once_in_a_sitting() -> None:
    names = ("orders.get_order", "orders.get_order", "orders.get_order")
    always, cached = of_every_situation(), of_every_situation(replace(WHOLE, authorizer_is_cached=True))
    assert always.signed_in(*names).units[prices.INVOCATIONS] == 6
    assert cached.signed_in(*names).units[prices.INVOCATIONS] == 4


def test_an_event_for_a_user_is_relayed_published_and_queued() -> None:
    event = of_every_situation().event("orders.settle_order marked already")
    assert event.units[prices.EVENTS] == event.units[prices.TOPIC] == 1
    assert event.units[prices.QUEUES] == 2 * len(bill.SQS_REQUESTS)
    assert event.units[prices.INVOCATIONS] == 3


def test_a_batch_shares_all_but_what_each_message_is_sent_by_and_reads() -> None:
    alone, shared = (of_every_situation(replace(WHOLE, batch=batch)).event() for batch in (1, 10))
    assert shared.units[prices.QUEUES] == pytest.approx(1.2)
    assert shared.units[prices.INVOCATIONS] == pytest.approx(0.2)
    assert shared.units[prices.EVENTS] == alone.units[prices.EVENTS] == 1


def test_a_lifecycle_is_five_requests_and_two_events() -> None:
    units = complete(of_every_situation()).units
    assert (units[prices.HTTP_API], units[prices.EVENTS], units[prices.INVOCATIONS]) == (5, 2, 16)


def test_the_first_limit_of_all_users_is_the_stage_s_own() -> None:
    met = [limit for limit in limits(Biller(committed()), 200) if limit.of_all]
    assert "throttleRate" in met[0].what
    assert met[0].allows == 40


def test_the_page_is_for_the_defaults_of_a_stage() -> None:
    for name in ("memory_mb", "architecture", "log_level", "snap_start"):
        assert getattr(Settings(), name) == StageSettings.model_fields[name].default
    assert StageSettings.model_fields["authorizer_cache_seconds"].default == 0


def committed() -> dict[str, Any]:
    situations: dict[str, Any] = cost.committed()["situations"]
    return situations


def test_the_page_is_what_its_figures_make() -> None:
    assert cost.PAGE.read_text() == cost.page(cost.committed())


def bench() -> dict[str, Any]:
    """A bench that agrees with the page."""
    situations = {
        name: {
            "warm": {"instructions": each["instructions"]},
            "cold": {"instructions": each["coldInstructions"]},
            "calls": [
                dict(zip(("service", "operation", "readUnits", "writeUnits"), call, strict=True))
                for call in each["calls"]
            ],
            "logLines": each["logLines"],
            "logBytes": each["logBytes"],
        }
        for name, each in committed().items()
    }
    return {"taken": cost.committed()["taken"], "counted": "instructions", "situations": situations}


def test_the_page_takes_over_what_a_bench_has_counted() -> None:
    assert cost.figures_of(bench()) == cost.committed()
    with pytest.raises(ValueError, match="instructions"):
        cost.figures_of({**bench(), "counted": "cpu"})
    with pytest.raises(ValueError, match=r"of orders\.create_order, "):
        cost.figures_of({**bench(), "situations": {}})


def test_a_bench_that_agrees_has_no_differences() -> None:
    assert cost.differences(cost.committed(), bench()) == []


def test_another_request_unit_is_a_difference_and_a_few_instructions_are_not() -> None:
    run = bench()
    order = run["situations"]["orders.get_order"]
    order["warm"]["instructions"] = round(order["warm"]["instructions"] * 1.04)
    assert cost.differences(cost.committed(), run) == []
    more = deepcopy(run)
    more["situations"]["orders.get_order"]["calls"][0]["readUnits"] += 1
    [line] = cost.differences(cost.committed(), more)
    assert line.startswith("orders.get_order: calls")
    order["warm"]["instructions"] = round(order["warm"]["instructions"] * 1.04)
    [line] = cost.differences(cost.committed(), run)
    assert "instructions" in line
