"""`make check-fast`: in less than a minute, most of what can be wrong with an edit. Run it before each commit.

The steps go side by side, the longest first. The exit code is not 0 unless all have passed.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from rich.console import Console

from local.places import PROJECT

_PYTEST = (sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider")
SLICE = (
    *("journey", "consistency", "races", "guards", "auth_logs"),
    *("refused_tokens", "check_version", "app_page", "http", "error_classes"),
)
"""Files of tests/integration. With the unit tests they enter four fifths of all branches, in 20 s of 4 minutes."""
STEPS: Mapping[str, tuple[str, ...]] = {
    "unit tests": (*_PYTEST, "tests/unit"),
    "a slice of the integration tests": (*_PYTEST, *(f"tests/integration/test_{name}.py" for name in SLICE)),
    "make types (mypy, tsc)": ("make", "--no-print-directory", "types"),
    "make lint": ("make", "--no-print-directory", "lint"),
}
_AT_ONCE = 3
"""For two cores: the unit tests wait half of their time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step."""

    step: str
    passed: bool
    seconds: float
    output: str


def main() -> None:
    """Run the steps; each is a line when it ends, with what it printed if it failed."""
    console, started = Console(highlight=False), time.perf_counter()
    if not (PROJECT / ".mypy_cache").exists():
        console.print("mypy has no cache yet: this time it takes two minutes more")
    failed = []
    for outcome in played(STEPS):
        console.print(f"{'passed' if outcome.passed else 'FAILED'} {outcome.seconds:5.1f} s  {outcome.step}")
        if not outcome.passed:
            console.out(outcome.output, highlight=False)
            failed.append(outcome.step)
    seconds = time.perf_counter() - started
    if failed:
        sys.exit(f"check-fast: failed after {seconds:.0f} s: {', '.join(failed)}")
    console.out(f"check-fast: all passed in {seconds:.0f} s. Not run: most of integration, infra, and all over HTTP")


def played(steps: Mapping[str, Sequence[str]]) -> Iterator[Outcome]:
    """Run them, some at once, and give each as it ends."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for future in as_completed([pool.submit(_run, step, command) for step, command in steps.items()]):
            yield future.result()


def _run(step: str, command: Sequence[str]) -> Outcome:
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return Outcome(step, done.returncode == 0, time.perf_counter() - started, done.stdout)


if __name__ == "__main__":
    main()
