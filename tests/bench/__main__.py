"""`make bench`: starts and requests of every function, from what is deployed, held against references and limits."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from local.failure import LocalCloudError
from local.synthesis import PROJECT
from tests.bench import cost, deployed, profile
from tests.bench.comparison import regressions
from tests.bench.figures import Figures, figures, written
from tests.bench.limits import Excess, allowed, exceeded
from tests.bench.measuring import Subject, measure
from tests.bench.process import BenchmarkError
from tests.bench.programs import Recorded, bare, modules, recorded, reference_programs
from tests.bench.situations import SITUATIONS, Situation
from tests.bench.table import table

WRITTEN = PROJECT / ".artifacts" / "bench"
"""Where a whole run leaves bench.json, and one of some situations some.json."""
_PLAIN_EVENT = "orders.create_order"
"""References are handed what this one is."""

_PROFILED = 2
_PROFILES = (({"cold", "modules", "layers"}, profile.of_start), ({"warm"}, profile.of_request))
"""What shows why which limits are exceeded."""


def main() -> None:
    """Measure, print, write.

    The exit code is not 0 when a limit does not hold, something became worse, or docs/cost.md is out of date.
    """
    started = time.perf_counter()
    chosen = _chosen(os.environ.get("BENCH", ""))
    try:
        before = _before(os.environ.get("COMPARE", ""))
        bench, played = _measured(chosen)
        worse = regressions(before, bench) if before else []
        WRITTEN.mkdir(parents=True, exist_ok=True)
        file = WRITTEN / ("some.json" if bench["restricted"] else "bench.json")
        file.write_text(written(bench))
        for line in table(bench):
            print(line)
        over = exceeded(bench)
        for each in over:
            print(f"  OVER: {each.line}")
        may = allowed(bench)
        for each in may:
            print(f"  allowed: {each.line}")
        for line in _profiles([*over, *may], played):
            print(line)
    except (BenchmarkError, LocalCloudError) as error:
        sys.exit(f"bench: {error}")
    for line in worse:
        print(f"  WORSE: {line}")
    stale = cost.differences(cost.committed(), bench)
    for line in stale:
        print(f"  docs/cost.md: {line}")
    print(
        f"bench: {len(bench['situations'])} situations of {len({each.module for each in chosen})} functions in "
        f"{time.perf_counter() - started:.0f} s, {file.relative_to(PROJECT)}: {len(over)} limits exceeded"
        + (f", {len(worse)} worse than before" if before else "")
        + (", docs/cost.md is out of date: make bench, then make cost" if stale else "")
    )
    sys.exit(bool(over or worse or stale))


def _profiles(over: Sequence[Excess], played: Mapping[str, Recorded]) -> Iterator[str]:
    """Why the first few situations are over a limit."""
    for kinds, explained in _PROFILES:
        names = list(dict.fromkeys(each.situation for each in over if each.situation and each.what in kinds))
        for name in names[:_PROFILED]:
            yield f"  why {name} is:"
            yield from explained(played[name].program)
        if more := names[_PROFILED:]:
            yield f"  (of {len(more)} more by BENCH={more[0]} …)"


def _chosen(names: str) -> Sequence[Situation]:
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    chosen = [each for each in SITUATIONS if not wanted or any(name in each.name for name in wanted)]
    if not chosen:
        sys.exit(f"bench: BENCH: there is no {names}; there are {', '.join(each.name for each in SITUATIONS)}")
    return chosen


def _before(file: str) -> Mapping[str, Any] | None:
    if not file:
        return None
    try:
        loaded: Mapping[str, Any] = json.loads(Path(file).read_text())
    except (OSError, ValueError) as error:
        raise BenchmarkError(f"COMPARE: {file}: {error}") from None
    return loaded


def _measured(chosen: Sequence[Situation]) -> tuple[Figures, Mapping[str, Recorded]]:
    deployed.demand_host()
    played = {situation.name: recorded(situation) for situation in chosen}
    plain = next(each for each in SITUATIONS if each.name == _PLAIN_EVENT)
    event = (played.get(_PLAIN_EVENT) or recorded(plain)).program.event
    subjects = {name: Subject(program=program) for name, program in reference_programs(event).items()}
    subjects |= {name: Subject(program=each.program, check=each.check) for name, each in played.items()}
    calling = {}
    with tempfile.TemporaryDirectory() as scratch:
        imported = {}
        for name, subject in subjects.items():
            imported[name], ran = modules(subject.program, Path(scratch))
            subject.check(ran)
            if name in played and ran.invocations[-1].calls:
                calling[name] = Subject(program=bare(subject.program, ran.invocations[-1], Path(scratch)), plain=False)
        measured = measure(subjects | {f"{name} (bare)": subject for name, subject in calling.items()})
    bares = {name: measured.pop(f"{name} (bare)") for name in calling}
    return figures(played, measured, bares, imported, restricted=len(chosen) < len(SITUATIONS)), played


if __name__ == "__main__":
    main()
