"""How `make test` knows how far it is, and what it runs."""

import sys
import time
from pathlib import Path

import pytest

from tests.__main__ import KINDS, chosen, description
from tests.check_fast import played
from tests.runs import Run, seconds_left
from tests.watch import about

SOME_TESTS = """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_good(number):
    pass

def test_bad():
    raise AssertionError("on purpose")

def test_left_out():
    pytest.skip("no moon tonight")

@pytest.fixture
def broken():
    yield
    raise AssertionError("at the end")

def test_torn_down_badly(broken):
    pass
"""


@pytest.mark.parametrize("options", [(), ("-p", "xdist.plugin", "-n", "1")], ids=["in one process", "with xdist"])
def test_a_run_says_what_it_collected_and_what_became_of_each_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # loading those takes seconds
    tests = tmp_path / "tests/unit"
    tests.mkdir(parents=True)
    (tests / "test_some.py").write_text(SOME_TESTS)

    with Run("some", [*options, f"--rootdir={tmp_path}", str(tests)], tmp_path) as run:
        while run.code() is None:
            time.sleep(0.05)
        new = run.look()

    assert run.code() == pytest.ExitCode.TESTS_FAILED
    assert [result.test for result in new] == run.tests
    assert [(result.kind, result.name, result.outcome, result.why) for result in new] == [
        *[("unit", "test_good", "passed", "")] * 3,
        ("unit", "test_bad", "failed", ""),
        ("unit", "test_left_out", "skipped", "no moon tonight"),
        ("unit", "test_torn_down_badly", "failed", ""),
    ]
    assert run.look() == []
    assert "on purpose" in run.output()


def test_time_left_is_by_how_long_the_tests_took_the_last_time() -> None:
    durations = {"fast": 1.0, "slow": 9.0}
    assert seconds_left(["fast", "slow"], ["fast"], durations, elapsed=2.0) == pytest.approx(18.0)
    assert seconds_left(["fast", "slow"], ["slow"], durations, elapsed=9.0) == pytest.approx(1.0)


def test_a_new_test_is_taken_for_an_average_one() -> None:
    assert seconds_left(["fast", "new"], ["fast"], {"fast": 2.0}, elapsed=2.0) == pytest.approx(2.0)


def test_without_a_last_time_each_test_counts_the_same() -> None:
    assert seconds_left(["a", "b", "c", "d"], ["a"], {}, elapsed=1.0) == pytest.approx(3.0)


def test_before_the_first_test_nothing_is_said() -> None:
    assert seconds_left(["a"], [], {}, elapsed=30.0) is None
    assert seconds_left([], [], {}, elapsed=30.0) is None


@pytest.mark.parametrize(
    ("seconds", "says"), [(0.4, "about 10 s"), (34, "about 30 s"), (50, "about 1 min"), (170, "about 3 min")]
)
def test_a_time_is_not_more_exact_than_it_is_known(seconds: float, says: str) -> None:
    assert about(seconds) == says


def test_the_kinds_that_are_named_run_without_coverage() -> None:
    assert [[plan.arguments for plan in plans] for plans in chosen("unit,infra,gateway")] == [
        [("tests/unit",)],
        [("-n", "auto", "tests/infra")],
        [("tests/gateway",)],
    ]


def test_arguments_alone_are_for_all_kinds() -> None:
    assert tuple(kind for plans in chosen("") for plan in plans for kind in plan.kinds) == KINDS


def test_a_kind_that_there_is_not_is_one_line() -> None:
    with pytest.raises(SystemExit, match="there is no kind 'unti'; there are unit, integration"):
        chosen("unti")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_says_in_one_line_what_it_is(kind: str) -> None:
    assert description(kind).endswith(".")


def test_the_steps_of_a_fast_check_end_with_their_outcome() -> None:
    outcomes = {
        outcome.step: outcome
        for outcome in played(
            {
                "good": (sys.executable, "-c", "print('fine')"),
                "bad": (sys.executable, "-c", "raise SystemExit('broken')"),
            }
        )
    }
    assert (outcomes["good"].passed, outcomes["bad"].passed) == (True, False)
    assert "broken" in outcomes["bad"].output
