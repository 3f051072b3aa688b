"""What is measured of a program, and how: every figure from processes of its own.

Instructions are counted by valgrind, where it is there (tests/bench/probes/counted.py). Plain processes, which have
nothing in them but the function, give times, memory and all else.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from tests.bench.loopback import AwsCall
from tests.bench.process import Program, Ran, run, valgrind
from tests.bench.programs import through

WARM = 20
"""Requests after the first, whose cost is divided by their number."""
_ROUNDS, _ROUNDS_UNCOUNTED = 3, 9
"""How often each plain process runs, interleaved with all others; medians are taken. More where they decide."""
_COUNTING = 2
"""Processes that are counted at once: what goes on beside it does not change a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A program to measure."""

    program: Program
    check: Callable[[Ran], None] = lambda _ran: None
    """Raises BenchmarkError when it has not answered as it should."""
    plain: bool = True
    """Whether its times are of interest too where instructions are counted."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a start or of a request; instructions are None where they can't be counted."""

    instructions: int | None
    cpu_ms: float
    wall_ms: float

    @property
    def value(self) -> float:
        """What ratios are of: instructions, else processor time."""
        return self.cpu_ms if self.instructions is None else self.instructions


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one program."""

    cold: Cost
    warm: Cost
    peak_mb: float
    log_lines: float
    log_bytes: float
    """A warm request's."""
    calls: Sequence[AwsCall]
    """Of the last request."""

    @property
    def sequence(self) -> int:
        """How many of the calls had to wait for one another: the most of which none overlaps the next."""
        length, until = 0, 0.0
        for call in sorted(self.calls, key=lambda call: call.ended):
            if call.began >= until:
                length, until = length + 1, call.ended
        return length


def measure(subjects: Mapping[str, Subject]) -> dict[str, Measured]:
    """The figures of all `subjects`, by their names. Raises BenchmarkError."""
    counts = _counts(subjects) if valgrind() else {}
    rounds = _ROUNDS if counts else _ROUNDS_UNCOUNTED
    plain: dict[str, list[Ran]] = {name: [] for name in subjects}
    for number in range(rounds):
        for name, subject in subjects.items():
            if number == 0 or subject.plain or not counts:
                plain[name].append(_run(subject))
    return {name: _measured(plain[name], counts.get(name)) for name in subjects}


def _counts(subjects: Mapping[str, Subject]) -> dict[str, tuple[int, int]]:
    """The instructions of each subject's start and of a warm request of its."""
    with ThreadPoolExecutor(_COUNTING) as pool:
        counting = {name: pool.submit(_count, subject) for name, subject in subjects.items()}
        try:
            return {name: counted.result() for name, counted in counting.items()}
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _count(subject: Subject) -> tuple[int, int]:
    start, end = _run(subject, counted=True).counts
    return start, round((end - start) / WARM)


def _run(subject: Subject, *, counted: bool = False) -> Ran:
    program = through(subject.program, "counted") if counted else subject.program
    ran = run(program, events=1 + WARM, counted=counted)
    subject.check(ran)
    return ran


def _measured(runs: Sequence[Ran], counted: tuple[int, int] | None) -> Measured:
    cold, warm = counted or (None, None)
    last = runs[-1]
    return Measured(
        cold=Cost(
            cold,
            median(ran.invocations[0].cpu_seconds for ran in runs) * 1000,
            median(ran.invocations[0].ended - ran.started for ran in runs) * 1000,
        ),
        warm=Cost(
            warm,
            median(_each(ran, "cpu_seconds") for ran in runs) * 1000,
            median(each.ended - each.began for ran in runs for each in ran.invocations[1:]) * 1000,
        ),
        peak_mb=median(ran.peak_mb for ran in runs),
        log_lines=_lines(last),
        log_bytes=_each(last, "log_bytes"),
        calls=last.invocations[-1].calls,
    )


def _each(ran: Ran, what: str) -> float:
    """A warm request's share of what had come together by the last answer and not by the first."""
    first, last = ran.invocations[0], ran.invocations[-1]
    return float(getattr(last, what) - getattr(first, what)) / (len(ran.invocations) - 1)


def _lines(ran: Ran) -> float:
    first, last = (
        ran.output[: invocation.log_bytes].count(b"\n") for invocation in (ran.invocations[0], ran.invocations[-1])
    )
    return (last - first) / (len(ran.invocations) - 1)
