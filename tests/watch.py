"""Plays rounds of runs, and shows how far they are: a table in a terminal, elsewhere a line twice a minute."""

import os
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tests.runs import Durations, Result, Run, expected_seconds

_LINE_EVERY_SECONDS = 30
_LOOKS_EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """Kinds of tests that one pytest runs, and its options."""

    kinds: tuple[str, ...]
    options: tuple[str, ...] = ()
    parallel: bool = False
    """On all cores; an option of its own, for the estimate."""

    @property
    def name(self) -> str:
        """As it is shown."""
        return "+".join(self.kinds)

    @property
    def arguments(self) -> tuple[str, ...]:
        """For pytest."""
        return (*(("-n", "auto") if self.parallel else ()), *self.options, *(f"tests/{kind}" for kind in self.kinds))

    def expected_seconds(self, durations: Durations) -> float:
        """How long it takes by the last time; 0 if it has not run yet."""
        tests = [test for test in durations if test.split("/")[1] in self.kinds]
        return expected_seconds(tests, durations) / ((os.process_cpu_count() or 1) if self.parallel else 1)


type Rounds = Sequence[Sequence[Plan]]
"""Runs of pytest, one round after the other; the runs of a round go side by side."""


def play(rounds: Rounds, durations: Durations, extra: Sequence[str] = ()) -> tuple[list[Result], list[int]]:
    """Run pytest for each plan, with the `extra` arguments; gives the tests' results and the runs' exit codes.

    What pytest prints is shown when a run has ended, a failed test at once.
    """
    console = Console()
    results: list[Result] = []
    codes: list[int] = []
    for number, plans in enumerate(rounds):
        later = [max(plan.expected_seconds(durations) for plan in each) for each in rounds[number + 1 :]]
        title = f"round {number + 1} of {len(rounds)}"
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            runs = [stack.enter_context(Run(plan.name, (*extra, *plan.arguments), Path(folder))) for plan in plans]
            show = stack.enter_context(_display(console, title, durations, later))
            _watch(runs, console, show)
        results += [result for run in runs for result in run.results]
        codes += [run.code() or 0 for run in runs]
    return results, codes


def _watch(runs: Sequence[Run], console: Console, show: "Display") -> None:
    going = list(runs)
    while going:
        time.sleep(_LOOKS_EVERY_SECONDS)
        ended = [run for run in going if run.code() is not None]
        for run in going:
            for result in run.look():
                if result.outcome == "failed":
                    console.print(f"[red]FAILED[/red] {escape(result.test)}", highlight=False, soft_wrap=True)
        show.update(runs)
        for run in ended:
            console.print(f"{run.name}:", style="bold")
            console.out(run.output(), highlight=False)
            going.remove(run)


class Display(ABC):
    """How far the runs of a round are."""

    def __init__(self, title: str, durations: Durations, later: Sequence[float]) -> None:
        self._title = title
        self._durations = durations
        self._later = later
        self._started = time.perf_counter()

    @abstractmethod
    def update(self, runs: Sequence[Run]) -> None:
        """Show them as they are now."""

    def _left(self, runs: Sequence[Run]) -> str:
        """Of the round, and of everything if the later rounds have run before."""
        left = [run.seconds_left(self._durations) for run in runs]
        known = [seconds for seconds in left if seconds is not None]
        says = f"{self._title}, after {elapsed(self._started)}"
        if len(known) < len(left) or not any(known):
            return says
        if all(self._later):
            return f"{says}, {about(max(known) + sum(self._later))} left"
        return f"{says}, {about(max(known))} of this round left"


class _Lines(Display):
    """For a log: a line now and then."""

    def __init__(self, title: str, durations: Durations, later: Sequence[float], console: Console) -> None:
        super().__init__(title, durations, later)
        self._console = console
        self._last = self._started

    def update(self, runs: Sequence[Run]) -> None:
        now = time.perf_counter()
        if now - self._last < _LINE_EVERY_SECONDS:
            return
        self._last = now
        counts = ", ".join(f"{run.name} {len(run.results)} of {len(run.tests) or '?'}" for run in runs)
        self._console.out(f"{counts}; {self._left(runs)}", highlight=False)


class _Bars(Display):
    """For a terminal: a bar for each run."""

    def __init__(self, title: str, durations: Durations, later: Sequence[float], live: Live) -> None:
        super().__init__(title, durations, later)
        self._live = live

    def update(self, runs: Sequence[Run]) -> None:
        table = Table.grid(padding=(0, 1))
        for run in runs:
            done, total = len(run.results), len(run.tests)
            left = run.seconds_left(self._durations)
            table.add_row(
                run.name,
                ProgressBar(total or None, done, width=30, pulse=not total),
                f"{done} of {total or '?'}",
                "" if left is None else f"{about(left)} left" if left else "ended",
            )
        self._live.update(Group(table, Text(self._left(runs), style="dim")), refresh=True)


@contextmanager
def _display(console: Console, title: str, durations: Durations, later: Sequence[float]) -> Iterator[Display]:
    if not console.is_terminal:
        yield _Lines(title, durations, later, console)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield _Bars(title, durations, later, live)


def elapsed(since: float) -> str:
    """Minutes and seconds since that moment of time.perf_counter()."""
    minutes, seconds = divmod(int(time.perf_counter() - since), 60)
    return f"{minutes}:{seconds:02}"


def about(seconds: float) -> str:
    """A duration as a person says it: not more exact than it is known."""
    if seconds < 50:
        return f"about {max(round(seconds / 10), 1) * 10} s"
    return f"about {max(round(seconds / 60), 1)} min"
