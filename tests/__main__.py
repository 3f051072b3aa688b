"""`make test`: every test, in three rounds (in process, of the template, over HTTP on local clouds), and a count.

`KIND=unit` runs one kind, `KIND=unit,infra` several. `KIND=tests/unit/test_order.py` runs a path in plain pytest.
`ARGS="-k deposit"` gives pytest more arguments.
"""

import ast
import json
import os
import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence

import pytest

from local.failure import LocalCloudError
from local.places import PROJECT
from local.synthesis import assembly
from tests.runs import TESTS, Durations, Result
from tests.watch import Plan, Rounds, play

NEED_PROGRAMS = ("browser", "gateway")
"""Kinds that are skipped where a program is missing; in CI they fail (tests/scaffolding/programs.py)."""
COVERED = ("--cov", "--cov-report=term")
"""Each branch of what is deployed must be entered; pyproject.toml says where."""
ROUNDS: Rounds = (
    (Plan(("unit", "integration", "simulation"), COVERED, parallel=True),),
    (Plan(("infra",), parallel=True),),
    # Three clouds at once. They mostly wait; the last for what never comes once a grant is taken away.
    (Plan(("e2e",)), Plan(("operations", "browser", "attack", "gateway")), Plan(("grants",))),
)
KINDS = tuple(kind for plans in ROUNDS for plan in plans for kind in plan.kinds)
MATRICES = {
    "route × documented answer, over HTTP": {"test_the_documented_answer_is_given_as_documented"},
    "route × token that must not open it, over HTTP": {"test_a_token_opens_what_it_may_and_nothing_else"},
    "function × grant taken away": {"test_without_any_one_of_its_grants_a_function_does_not_work"},
    "state × execute event, over HTTP": {"test_every_state_allows_just_its_own_events"},
    "state × execute event, on moto": {"test_each_event_has_its_effect_in_the_states_that_allow_it_and_none_in_others"},
    "state × execute event, pure": {
        "test_an_event_that_the_state_allows_leads_to_the_next_state",
        "test_an_event_that_has_had_its_effect_changes_nothing",
        "test_an_event_that_the_state_does_not_allow_is_refused_with_the_state",
    },
    "event → consumer": {"test_an_event_delivered_again_changes_nothing"},
}
"""Tests that must each have run, for every cell."""
DURATIONS = PROJECT / ".artifacts/test-durations.json"


def main() -> None:
    """Run the tests; the exit code is not 0 unless all have passed."""
    kinds, arguments = os.environ.get("KIND", ""), shlex.split(os.environ.get("ARGS", ""))
    if "/" in kinds:
        command = [sys.executable, "-m", "pytest", *arguments, *kinds.split(",")]
        sys.exit(subprocess.run(command, check=False).returncode)
    try:
        sys.exit(0 if run_kinds(kinds, arguments) else 1)
    except LocalCloudError as error:
        sys.exit(f"tests: {error}")
    except KeyboardInterrupt:
        sys.exit("tests: interrupted")


def run_kinds(kinds: str, arguments: Sequence[str]) -> bool:
    """Whether all tests of these kinds (if none is named, of all) have passed."""
    started = time.perf_counter()
    whole = not kinds and not arguments
    rounds = ROUNDS if whole else chosen(kinds)
    print("templates of local, dev and prod: half a minute if a source has changed", flush=True)
    for stage in ("local", "dev", "prod"):
        assembly(stage)
    durations: Durations = json.loads(DURATIONS.read_text()) if DURATIONS.exists() else {}
    results, codes = play(rounds, durations, arguments)
    _remember(results, {} if whole else durations)
    _print_counts(results)
    skipped = [result for result in results if result.outcome == "skipped" and result.kind in NEED_PROGRAMS]
    failed = sum(result.outcome != "passed" for result in results) - len(skipped)
    print(f"{len(results)} tests in {time.perf_counter() - started:.0f} s")
    for why, count in Counter(result.why for result in skipped).items():
        print(f"  !! {count} skipped. {why}")
    print(f"{len(results) - failed - len(skipped)} passed, {failed} failed, {len(skipped)} skipped")
    if not whole:
        print("not checked, because only a part ran: coverage of 100 %, and that no matrix is missing")
        if arguments and results:
            codes = [code for code in codes if code != pytest.ExitCode.NO_TESTS_COLLECTED]  # -k left none of one kind
        return not any(codes) and not failed
    ran = {result.name for result in results}
    if missing := [what for what, tests in MATRICES.items() if not tests <= ran]:
        print(f"tests: nothing ran of: {', '.join(missing)}")
    return not any(codes) and not failed and not missing


def chosen(kinds: str) -> Rounds:
    """The rounds with these kinds (with commas), or with all; without coverage, which needs them all."""
    named = kinds.split(",") if kinds else KINDS
    if unknown := [kind for kind in named if kind not in KINDS]:
        sys.exit(f"tests: there is no kind {unknown[0]!r}; there are {', '.join(KINDS)}. Or name a path: KIND=tests/…")
    rounds = [
        [
            Plan(some, parallel=plan.parallel and some != ("unit",))  # to start workers takes longer than those
            for plan in plans
            if (some := tuple(kind for kind in plan.kinds if kind in named))
        ]
        for plans in ROUNDS
    ]
    return [plans for plans in rounds if plans]


def description(kind: str) -> str:
    """The first line of the docstring of the kind's package."""
    says = ast.get_docstring(ast.parse((TESTS / kind / "__init__.py").read_text()))
    return says.partition("\n")[0] if says else ""


def _remember(results: Sequence[Result], old: Durations) -> None:
    """For the next run's estimates. After a whole run, tests that are gone are forgotten."""
    new = {result.test: round(result.seconds, 3) for result in results}
    DURATIONS.parent.mkdir(exist_ok=True)
    DURATIONS.write_text(json.dumps({**old, **new}))


def _print_counts(results: Sequence[Result]) -> None:
    print()
    for kind in KINDS:
        if ran := [result for result in results if result.kind == kind and result.outcome != "skipped"]:
            seconds = sum(result.seconds for result in ran)
            print(f"  {len(ran):5} {kind:12} {description(kind)} ({seconds:.0f} s)")
    names = Counter(result.name for result in results)
    for what, tests in MATRICES.items():
        if count := sum(names[name] for name in tests):
            print(f"  {count:5} {'of these':12} {what}")


if __name__ == "__main__":
    main()
