"""What `make bench` makes of its figures: which limits do not hold, and what has become worse. And what it measures."""

from copy import deepcopy
from typing import Any

import pytest

from infra.operations import functions
from tests.bench.comparison import regressions
from tests.bench.limits import ALLOWANCES, CONFIRMING, SEQUENCES, Allowance, exceeded
from tests.bench.process import BenchmarkError
from tests.bench.situations import SITUATIONS

type Figures = dict[str, Any]

READ = {
    "service": "dynamodb",
    "operation": "GetItem",
    "requestBytes": 200,
    "answerBytes": 500,
    "readUnits": 1.0,
    "writeUnits": 0.0,
    "entries": 0,
}
GET_ORDER = "orders.get_order"


def situation(**changes: Any) -> Figures:
    """An HTTP operation that is within every limit; `changes` are of its parts, such as `cold`."""
    figures: Figures = {
        "function": "orders.get_order",
        "operation": True,
        "layers": ["Shared", "Dependencies"],
        "cold": {"instructions": 800_000_000, "cpuMs": 200.0, "ratio": 0.75, "modules": 420},
        "warm": {"instructions": 6_000_000, "cpuMs": 2.0, "ratio": 1.1},
        "calls": [READ],
        "sequence": 1,
        "assetBytes": 40_000,
        "imported": ["orders", "shared"],
    }
    return {
        name: value | changes.get(name, {}) if isinstance(value, dict) else changes.get(name, value)
        for name, value in figures.items()
    }


def bench(situations: dict[str, Figures] | None = None, **changes: Any) -> Figures:
    """The figures of a run."""
    uploaded = {"zippedBytes": 100_000, "modules": 20, "withoutBytecode": 0}
    return {
        "counted": "instructions",
        "architecture": "x86_64",
        "restricted": False,
        "references": {"nothing": {"cold": {"modules": 100}}},
        "situations": situations or {GET_ORDER: situation()},
        "layers": {
            "Shared": uploaded,
            "Dependencies": {**uploaded, "zippedBytes": 5_000_000},
            "Models": dict(uploaded),
        },
        "assets": {"orders": uploaded},
        **changes,
    }


def test_what_is_within_every_limit_passes_none() -> None:
    assert exceeded(bench()) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"cold": {"ratio": 0.87}}, "orders.get_order: cold 0.87, and the limit is 0.86"),
        ({"cold": {"modules": 436}}, "orders.get_order: modules 336, and the limit is 335"),
        (
            {"cold": {"ratio": 1.17}, "layers": ["Shared", "Models"]},
            "orders.get_order: cold 1.17, and the limit is 1.16",
        ),
        (
            {"cold": {"ratio": 1.32}, "function": "notifications.notify", "operation": False},
            "orders.get_order: cold 1.32, and the limit is 1.31",
        ),
        ({"warm": {"ratio": 1.26}}, "orders.get_order: warm 1.26, and the limit is 1.25"),
        ({"sequence": 2}, "orders.get_order: sequence 2, and the limit is 1"),
        ({"assetBytes": 100_001}, "orders.get_order: asset 100,001, and the limit is 100,000"),
    ],
)
def test_a_limit_that_is_exceeded_is_named(changes: dict[str, Any], line: str) -> None:
    lines = [
        each.line
        for each in exceeded(
            bench({GET_ORDER: situation(**changes), "a": situation(function="a"), "b": situation(function="b")})
        )
    ]
    assert lines == [line]


def test_layers_that_an_operation_loads_count_together() -> None:
    uploaded = {"zippedBytes": 3_000_001, "modules": 20, "withoutBytecode": 0}
    [one] = exceeded(bench(layers={"Shared": uploaded, "Dependencies": uploaded}))
    assert one.line == "orders.get_order: layers 6,000,002, and the limit is 6,000,000"


def test_all_layers_count_together_whoever_loads_them() -> None:
    layers = {**bench()["layers"], "Tokens": {"zippedBytes": 10_000_000, "modules": 9, "withoutBytecode": 0}}
    assert [each.line for each in exceeded(bench(layers=layers))] == [
        "all layers: 15,200,000 zipped, and the limit is 15,000,000"
    ]


@pytest.mark.parametrize("what", ["layers", "assets"])
def test_a_module_without_bytecode_is_told(what: str) -> None:
    uploads = bench()[what]
    name = next(iter(uploads))
    uploads[name] = {**uploads[name], "withoutBytecode": 1}
    assert [each.line for each in exceeded(bench(**{what: uploads}))] == [f"{name}: 1 of 20 modules without bytecode"]


def test_the_median_of_starts_has_a_limit_of_its_own_when_all_were_measured() -> None:
    slow = {name: situation(function=name, cold={"ratio": 0.96}, layers=["Models"]) for name in ("a", "b", "c")}
    assert [each.line for each in exceeded(bench(slow))] == [
        "cold starts of operations: median 0.96, and the limit is 0.95"
    ]
    assert exceeded(bench(slow, restricted=True)) == []


def test_confirming_has_a_limit_over_both_functions() -> None:
    situations = {name: situation(sequence=3) for name in CONFIRMING}
    assert [each.line for each in exceeded(bench(situations))] == [
        "confirming: 6 AWS calls in sequence, and the limit is 5"
    ]


def test_what_is_not_an_http_operation_may_start_slowly() -> None:
    relay = situation(operation=False, cold={"ratio": 2.0, "modules": 900}, warm={"ratio": 3.0})
    assert exceeded(bench({GET_ORDER: situation(), "events.relay": relay})) == []


def test_an_allowance_moves_one_limit_of_one_situation() -> None:
    allowances = (Allowance(situation=GET_ORDER, what="cold", limit=1.2, reason="it must"),)
    others = {"a": situation(function="a"), "b": situation(function="b")}
    assert exceeded(bench({GET_ORDER: situation(cold={"ratio": 1.19}), **others}), allowances) == []
    [one] = exceeded(bench({GET_ORDER: situation(cold={"ratio": 1.21}), **others}), allowances)
    assert one.line == "orders.get_order: cold 1.21, and the limit is 1.20"


# Against an earlier run


def test_the_same_figures_are_no_worse() -> None:
    assert regressions(bench(), bench()) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"cold": {"instructions": 820_000_000}},
            "cold instructions 820,000,000, before 800,000,000 (+2.5%)",
        ),
        ({"warm": {"instructions": 6_130_000}}, "warm instructions 6,130,000, before 6,000,000 (+2.2%)"),
        ({"cold": {"modules": 421}, "imported": ["orders", "shared", "xml"]}, "421 modules, before 420: xml"),
        ({"sequence": 2}, "2 calls in sequence, before 1"),
        ({"calls": [{**READ, "readUnits": 2.0}]}, "readUnits 2, before 1"),
        ({"calls": [{**READ, "writeUnits": 1.0}]}, "writeUnits 1, before 0"),
        (
            {"calls": [READ, {**READ, "operation": "Query", "readUnits": 0.0}]},
            "calls more than before: dynamodb.Query",
        ),
    ],
)
def test_what_costs_more_is_named(changes: dict[str, Any], line: str) -> None:
    assert regressions(bench(), bench({GET_ORDER: situation(**changes)})) == [f"{GET_ORDER}: {line}"]


def test_two_percent_are_no_regression_and_less_is_none() -> None:
    for instructions in (816_000_000, 700_000_000):
        assert regressions(bench(), bench({GET_ORDER: situation(cold={"instructions": instructions})})) == []


def test_a_layer_that_grew_is_named() -> None:
    new = deepcopy(bench())
    new["layers"]["Shared"]["zippedBytes"] = 100_001
    assert regressions(bench(), new) == ["layer Shared: 100,001 bytes zipped, before 100,000"]


def test_a_situation_that_was_not_measured_before_is_not_worse() -> None:
    assert regressions(bench(), bench({GET_ORDER: situation(), "new": situation()})) == []


def test_counts_and_times_are_not_compared() -> None:
    with pytest.raises(BenchmarkError, match="counted cpu, and now instructions"):
        regressions(bench(counted="cpu"), bench())


# What is measured


def test_every_function_is_measured() -> None:
    assert functions().keys() == {situation.module for situation in SITUATIONS}


def test_limits_are_of_situations_that_there_are() -> None:
    limited = {*SEQUENCES, *CONFIRMING, *(each.situation for each in ALLOWANCES)}
    assert limited <= {situation.name for situation in SITUATIONS}
