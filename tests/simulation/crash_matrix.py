"""`make crash-matrix`: every operation × every AWS call that it makes × every fault × what the world does then."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from tests.scaffolding.world import Answer
from tests.simulation.promises import left_frozen
from tests.simulation.scenarios import SCENARIOS, Scenario
from tests.simulation.scene import Scene, StuckError, scene
from tests.simulation.wire import PASSING, Fault, faults_of

FEWEST_CASES = 300
_RETRIES = 5
_NAMED = {scenario.name: scenario for scenario in SCENARIOS}


@dataclass(frozen=True, slots=True)
class Case:
    """One operation with one fault at one of its calls (by place), and whether its client comes back."""

    scenario: str
    place: int
    call: str
    fault: Fault
    comes_back: bool


def recorded(scenario: Scenario) -> list[str]:
    """The AWS calls that an operation really makes, undisturbed."""
    with scene() as stage:
        act = scenario.prepare(stage)
        stage.wire.calls.clear()
        act()
        return list(stage.wire.calls)


def cases() -> Iterator[Case]:
    """The whole matrix."""
    for scenario in SCENARIOS:
        for place, call in enumerate(recorded(scenario)):
            for fault in faults_of(call):
                for comes_back in [True, False] if scenario.client else [True]:
                    yield Case(scenario.name, place, call, fault, comes_back)


def violations(case: Case) -> list[str]:
    """What is violated when the case is played and everything has settled."""
    scenario = _NAMED[case.scenario]
    with scene() as stage:
        act = scenario.prepare(stage)
        stage.wire.calls.clear()
        stage.wire.fault = (case.place, case.fault)
        answer = stage.attempt(act)
        if scenario.client and case.fault in PASSING and (answer is None or _is_told_to_retry(answer)):
            return [f"the client was told of a fault that passes: {answer}"]
        try:
            if case.comes_back:
                answer = _come_back(stage, scenario, answer, act)
            stage.settle()
        except StuckError as stuck:
            return [str(stuck)]
        found = stage.judge()
        if case.comes_back and isinstance(answer, Answer):
            if answer.status not in scenario.expects:
                found.append(f"the client was told {answer.status} in the end: {answer.text}")
            with stage.wire.quiet():
                found += left_frozen(stage.world)
        return found


def is_told_to_retry(answer: Answer) -> bool:
    """Whether a well-behaved client tries again."""
    return answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or "retry-after" in answer.headers


def _is_told_to_retry(answer: Any) -> bool:
    return isinstance(answer, Answer) and is_told_to_retry(answer)


def _come_back(stage: Scene, scenario: Scenario, answer: Any, act: Any) -> Any:
    """Ask again, with the same key, until there is an answer that is not a fault."""
    for _ in range(_RETRIES):
        if answer is not None and not _is_told_to_retry(answer):
            return answer
        answer = stage.attempt(act)
    raise StuckError(f"{scenario.name} does not come to an end by retries")


def main() -> None:
    """Play the matrix; the exit code is not 0 on any violation, or when there are too few cases."""
    started = time.perf_counter()
    matrix = list(cases())
    first_only = "--first" in sys.argv
    found = []
    with ProcessPoolExecutor() as pool:
        for case, violated in zip(matrix, pool.map(violations, matrix, chunksize=8), strict=True):
            found.append(violated)
            if violated and first_only:
                pool.shutdown(cancel_futures=True)
                sys.exit(f"{case}: {violated}")
    by_scenario = Counter(case.scenario for case in matrix)
    bad = Counter(case.scenario for case, violated in zip(matrix, found, strict=True) if violated)
    print(f"{'operation':26} {'calls':>5} {'cases':>5} {'violations':>10}")
    for name, count in by_scenario.items():
        calls = len({case.place for case in matrix if case.scenario == name})
        print(f"{name:26} {calls:5} {count:5} {bad[name]:10}")
    for fault, count in Counter(case.fault for case in matrix).items():
        print(f"  {fault.value:24} {count:5}")
    for case, violated in zip(matrix, found, strict=True):
        if violated:
            then = "client comes back" if case.comes_back else "nobody comes back"
            print(f"VIOLATION {case.scenario}, call {case.place} {case.call}, {case.fault}, {then}: {violated[:3]}")
    total = sum(bad.values())
    print(f"crash matrix: {len(matrix)} cases in {time.perf_counter() - started:.0f} s, violations {total}")
    sys.exit(total > 0 or len(matrix) < FEWEST_CASES)


if __name__ == "__main__":
    main()
