"""The evaluator does what CloudWatch's documentation says, on its own examples."""

import pytest

from tests.infra.alarms.cloudwatch import Alarm, Metric, Samples, State, evaluated, history, holds
from tests.infra.alarms.expressions import value

OK, ALARM, NO_DATA = State.OK, State.ALARM, State.INSUFFICIENT_DATA
SAME = None
"""The state that it was in."""


def points(drawn: str) -> list[bool | None]:
    """Datapoints as the documentation draws them: 0 is fine, X breaches, - is missing."""
    return [{"0": False, "X": True, "-": None}[each] for each in drawn.split()]


@pytest.mark.parametrize(
    ("to_alarm", "drawn", "states"),
    [
        (3, "0 - X - X", (OK, OK, OK, OK)),
        (3, "0 - - - -", (OK, OK, OK, OK)),
        (3, "- - - - -", (NO_DATA, SAME, ALARM, OK)),
        (3, "0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
        (3, "- - X - -", (ALARM, SAME, ALARM, OK)),
        (2, "0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
        (2, "0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
        (2, "0 - X - -", (OK, OK, ALARM, OK)),
        (2, "- - - - 0", (OK, OK, ALARM, OK)),
        (2, "- - - X -", (ALARM, SAME, ALARM, OK)),
    ],
)
@pytest.mark.parametrize("before", State)
def test_missing_data_are_treated_as_in_the_tables_of_the_documentation(
    to_alarm: int, drawn: str, states: tuple[State | None, ...], before: State
) -> None:
    for missing, expected in zip(("missing", "ignore", "breaching", "notBreaching"), states, strict=True):
        state = evaluated(points(drawn), most_recent=3, to_alarm=to_alarm, missing=missing, before=before)
        assert state == (before if expected is None else expected), missing


@pytest.mark.parametrize("drawn", ["- - - - X", "- - - X -"])
def test_one_recent_breach_is_no_alarm_yet(drawn: str) -> None:
    assert evaluated(points(drawn), most_recent=3, to_alarm=3, missing="missing", before=OK) is OK


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("Sum", 1111),
        ("SampleCount", 100),
        ("Average", 11.11),
        ("Minimum", 1),
        ("Maximum", 500),
        ("p50", 5),
        ("p99", 10),
        ("p100", 500),
        ("PR(:5)", 75),
        ("PR(5:)", 25),
        ("PR(1:10)", 98),
    ],
)
def test_a_statistic_is_of_all_values_of_its_period(statistic: str, expected: float) -> None:
    samples = Samples()
    samples.publish(Metric("N", "M"), 0, {1: 1, 5: 40})
    samples.publish(Metric("N", "M"), 1, {5: 34, 10: 24, 500: 1})
    assert samples.statistic(Metric("N", "M"), statistic, range(2)) == expected
    assert samples.statistic(Metric("N", "M"), statistic, range(2, 5)) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b * 2", 5),
        ("a / zero", None),
        ("gone + a", 1),
        ("gone * gone", None),
        ("SUM([a, b, gone])", 3),
        ("MAX([a, b, gone])", 2),
        ("SUM([gone])", None),
        ("IF(b >= 2, a, 0)", 1),
        ("IF(b > 2, a, 0)", 0),
        ("IF(gone > 2, a, 7)", 7),
    ],
)
def test_metric_math(expression: str, expected: float | None) -> None:
    assert value(expression, {"a": 1.0, "b": 2.0, "zero": 0.0, "gone": None}) == expected


def test_metric_math_that_is_not_known_is_refused_rather_than_guessed() -> None:
    with pytest.raises(ValueError, match="does not know"):
        value("ANOMALY_DETECTION_BAND(a)", {"a": 1.0})


def test_an_alarm_is_evaluated_every_minute_on_periods_that_end_then() -> None:
    """Five minutes that begin at any minute: the documentation's example of a period of 300 s."""
    alarm = Alarm(
        {
            "Namespace": "N",
            "MetricName": "M",
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }
    )
    samples = Samples()
    samples.publish(Metric("N", "M"), 3, {1: 1})
    samples.publish(Metric("N", "M"), 7, {1: 1})
    states = list(history(alarm, samples, range(12)))
    # Both are within five minutes at the end of minute 7 alone. After minute 12 the last real point is a fine one.
    assert [minute for minute, state in enumerate(states) if state is ALARM] == [7]


def test_a_composite_alarm_asks_for_the_states_of_others() -> None:
    states = {"a": ALARM, "b": OK, "c": NO_DATA}
    assert holds('(ALARM("a") AND OK("b"))', states)
    assert not holds('ALARM("a") AND ALARM("b")', states)
    assert holds('ALARM("b") OR INSUFFICIENT_DATA("c")', states)
    assert holds('ALARM("a") AND NOT ALARM("b")', states)
    with pytest.raises(ValueError, match="does not know"):
        holds('ALARM("a") AND AT_LEAST(2, ALARM, b)', states)
