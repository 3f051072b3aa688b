"""One run of pytest of `make test`: its tests, how far it is, and how long it still takes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests import progress

TESTS = Path(__file__).parent
_TEARDOWN_SECONDS = 60

type Durations = Mapping[str, float]
"""Seconds that each test took the last time, by node id."""


@dataclass(frozen=True, slots=True)
class Result:
    """One test that ran."""

    test: str
    """Its node id: tests/unit/test_order.py::test_name[parameters]."""
    outcome: str
    """passed, failed or skipped"""
    seconds: float
    why: str = ""
    """Why it was skipped."""

    @property
    def kind(self) -> str:
        """The folder in tests/."""
        return self.test.split("/")[1]

    @property
    def name(self) -> str:
        """Without file and parameters."""
        return self.test.partition("[")[0].rpartition("::")[2]


_LEAST_DONE = 0.05
"""What must be done of a run before an estimate is worth saying."""


def expected_seconds(tests: Sequence[str], durations: Durations) -> float:
    """What these tests take together. One that has never run is taken for an average one."""
    known = [durations[test] for test in tests if test in durations]
    average = sum(known) / len(known) if known else 0.0
    return sum(known) + average * (len(tests) - len(known))


def seconds_left(tests: Sequence[str], done: Sequence[str], durations: Durations, elapsed: float) -> float | None:
    """What is left of a run that has been going for `elapsed` seconds; None while nothing can be said.

    By the time that the tests took the last time. Without such times each test counts the same, and the first few say
    nothing.
    """
    known = durations if any(test in durations for test in tests) else dict.fromkeys(tests, 1.0)
    behind, all_of_it = expected_seconds(done, known), expected_seconds(tests, known)
    if not behind or behind < all_of_it * _LEAST_DONE:
        return None
    return elapsed * max(all_of_it - behind, 0.0) / behind


class Run:
    """A pytest that runs. What it prints is in a file, to be shown when it has ended."""

    def __init__(self, name: str, arguments: Sequence[str], folder: Path) -> None:
        self.name = name
        self.tests: list[str] = []
        self.results: list[Result] = []
        self._events = folder / f"{name}.jsonl"
        self._read = 0
        self._output = folder / f"{name}.txt"
        self._started = time.perf_counter()
        command = [sys.executable, "-m", "pytest", "-q", "-p", progress.__name__, *arguments]
        environment = {**os.environ, "COLUMNS": "120", progress.VARIABLE: str(self._events)}
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ctrl-C reaches pytest too: it takes down what it started, and ends."""
        try:
            self._process.wait(timeout=_TEARDOWN_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait()

    def look(self) -> list[Result]:
        """The tests that have ended since the last look."""
        if not self._events.exists():
            return []
        with self._events.open("rb") as events:
            events.seek(self._read)
            lines = events.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read += len(whole)
        new: list[Result] = []
        for line in map(json.loads, whole.splitlines()):
            if "collected" in line:
                self.tests = line["collected"]
            else:
                new.append(Result(**line))
        self.results += new
        return new

    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def output(self) -> str:
        """What pytest has printed."""
        return self._output.read_text(errors="replace")

    def seconds_left(self, durations: Durations) -> float | None:
        """How long it still takes; None while nothing can be said."""
        if self.code() is not None:
            return 0.0
        done = [result.test for result in self.results]
        return seconds_left(self.tests, done, durations, time.perf_counter() - self._started)
