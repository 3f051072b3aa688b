"""Why something is over a limit: which packages a start goes into, and which functions a request goes into."""

import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.bench.process import Program, run
from tests.bench.programs import through

_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")
_SHOWN = 12
_REQUESTS = 50


def of_start(program: Program) -> Iterator[str]:
    """The packages of a start, by the time that importing them takes."""
    said = run(program, events=1, options=("-X", "importtime")).errors
    packages: dict[str, list[int]] = defaultdict(list)
    for microseconds, module in _IMPORT.findall(said):
        packages[module.partition(".")[0]].append(int(microseconds))
    everything = sum(map(sum, packages.values()))
    yield f"    importing takes {everything / 1000:.0f} ms of a start, {sum(map(len, packages.values()))} modules:"
    for package, times in sorted(packages.items(), key=lambda item: -sum(item[1]))[:_SHOWN]:
        yield f"    {sum(times) / 1000:8.1f} ms {sum(times) / everything:5.0%} {len(times):4} modules of {package}"


def of_request(program: Program) -> Iterator[str]:
    """The functions of a request, by the time that they take by themselves."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "profile.json"
        profiled = through(program, "profiled", BENCH_PROFILE=str(file), BENCH_REQUESTS=str(_REQUESTS))
        run(profiled, events=1 + _REQUESTS)
        functions: list[tuple[str, float]] = json.loads(file.read_text())
    everything = sum(seconds for _, seconds in functions)
    yield f"    a request takes {everything / _REQUESTS * 1000:.2f} ms under cProfile:"
    for name, seconds in functions[:_SHOWN]:
        yield f"    {seconds / _REQUESTS * 1000:8.3f} ms {seconds / everything:5.0%} {name}"
