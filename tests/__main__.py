"""`make test`: every test, in three runs (in process, of the template, over HTTP on a local cloud), and a count."""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.failure import LocalCloudError
from local.synthesis import assembly

type Run = tuple[tuple[str, ...], tuple[str, ...]]
"""Kinds of tests, and pytest's options for them."""

TESTS = Path(__file__).parent
KINDS = {
    "unit": "pure domain and shared code",
    "infra": "what the template deploys",
    "integration": "handlers on moto, events through the real relay",
    "simulation": "crashes, races and random histories; a slice of make crash-matrix and make simulate",
    "e2e": "over HTTP on the local cloud, IAM enforced",
    "operations": "what operators type, on the local cloud",
    "attack": "the cells of make attack",
    "grants": "each grant of each function, taken away",
    "browser": "the web app, the hosted login and the docs page, in a real Chromium",
    "gateway": "a real nginx and a real Envoy before a service",
}
NEED_PROGRAMS = ("browser", "gateway")
"""Kinds that are skipped where a program is missing; in CI they fail (tests/programs.py)."""
PARALLEL = ("-n", "auto")
COVERED = ("--cov", "--cov-report=term")
"""Each branch of what is deployed must be entered; pyproject.toml says where."""
ROUNDS: tuple[tuple[Run, ...], ...] = (
    ((("unit", "integration", "simulation"), (*PARALLEL, *COVERED)),),
    ((("infra",), PARALLEL),),
    # Three clouds at once. They mostly wait; the last for what never comes once a grant is taken away.
    ((("e2e",), ()), (("operations",), ()), (("grants", "attack", "browser", "gateway"), ())),
)
"""Runs of pytest, one round after the other; the runs of a round go side by side."""
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


@dataclass(frozen=True, slots=True)
class Result:
    """One test that ran."""

    kind: str
    name: str
    outcome: str
    seconds: float
    why: str = ""
    """Why it was skipped."""


def main() -> None:
    """Run the tests; the exit code is not 0 unless all have passed."""
    started = time.perf_counter()
    try:
        for stage in ("local", "dev", "prod"):
            assembly(stage)
    except LocalCloudError as error:
        sys.exit(f"tests: {error}")
    results: list[Result] = []
    codes = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, runs in enumerate(ROUNDS):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            codes += _play(runs, folder)
            for report in sorted(folder.glob("*.xml")):
                results += _results(report)
    _print_counts(results)
    skipped = [result for result in results if result.outcome == "skipped" and result.kind in NEED_PROGRAMS]
    failed = sum(result.outcome != "passed" for result in results) - len(skipped)
    print(f"{len(results)} tests in {time.perf_counter() - started:.0f} s")
    for why, count in Counter(result.why for result in skipped).items():
        print(f"  !! {count} skipped. {why}")
    print(f"{len(results) - failed - len(skipped)} passed, {failed} failed, {len(skipped)} skipped")
    ran = {result.name for result in results}
    missing = [what for what, tests in MATRICES.items() if not tests <= ran]
    if missing:
        sys.exit(f"tests: nothing ran of: {', '.join(missing)}")
    sys.exit(any(codes) or failed > 0)


def _play(runs: tuple[Run, ...], folder: Path) -> list[int]:
    """Run pytest for each in parallel; show the first one's output live, the others' after it."""
    processes: list[subprocess.Popen[bytes]] = []
    for number, (kinds, options) in enumerate(runs):
        folders = [str(TESTS / kind) for kind in kinds]
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={folder / f'{number}.xml'}", *options, *folders]
        with (folder / f"{number}.txt").open("wb") as later:
            output = later if number else None
            environment = {**os.environ, "COLUMNS": "120"}
            processes.append(subprocess.Popen(command, stdout=output, stderr=output, env=environment))
    codes = [process.wait() for process in processes]
    for number in range(1, len(runs)):
        print((folder / f"{number}.txt").read_text(), flush=True)
    return codes


def _results(report: Path) -> Iterator[Result]:
    # Written by pytest, just now, for us.
    for case in ET.parse(report).getroot().iter("testcase"):  # noqa: S314
        kind = case.attrib["classname"].split(".")[1]
        bad = [child for child in case if child.tag in {"failure", "error", "skipped"}]
        outcome, why = (bad[0].tag, bad[0].attrib.get("message", "")) if bad else ("passed", "")
        yield Result(kind, case.attrib["name"].partition("[")[0], outcome, float(case.attrib["time"]), why)


def _print_counts(results: list[Result]) -> None:
    print()
    for kind, what in KINDS.items():
        ran = [result for result in results if result.kind == kind and result.outcome != "skipped"]
        print(f"  {len(ran):5} {kind:12} {what} ({sum(result.seconds for result in ran):.0f} s)")
    names = Counter(result.name for result in results)
    for what, tests in MATRICES.items():
        print(f"  {sum(names[name] for name in tests):5} {'of these':12} {what}")


if __name__ == "__main__":
    main()
