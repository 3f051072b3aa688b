"""What has become worse between two runs of `make bench`."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.process import BenchmarkError

COUNTED, TIMED = 0.02, 0.25
"""How much more is a regression: of instructions, which repeat, and of processor time, which does not."""


def regressions(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What costs more in `new` than in `old`, a line each; situations that only one of them has are left out.

    Raises BenchmarkError when the two can't be compared.
    """
    for what in ("counted", "architecture"):
        if old[what] != new[what]:
            raise BenchmarkError(f"they can't be compared: {what} {old[what]}, and now {new[what]}")
    tolerance = COUNTED if new["counted"] == "instructions" else TIMED
    lines = [
        f"{name}: {line}"
        for name, figures in new["situations"].items()
        if name in old["situations"]
        for line in _of_situation(old["situations"][name], figures, tolerance)
    ]
    for name, layer in new["layers"].items():
        before = old["layers"].get(name, {"zippedBytes": 0})["zippedBytes"]
        if layer["zippedBytes"] > before:
            lines.append(f"layer {name}: {layer['zippedBytes']:,} bytes zipped, before {before:,}")
    return lines


def _of_situation(old: Mapping[str, Any], new: Mapping[str, Any], tolerance: float) -> Iterator[str]:
    for when in ("cold", "warm"):
        what = "cpuMs" if new[when]["instructions"] is None else "instructions"
        before, now = old[when][what], new[when][what]
        if now > before * (1 + tolerance):
            yield f"{when} {what} {now:,}, before {before:,} (+{now / before - 1:.1%})"
    if (now := new["cold"]["modules"]) > (before := old["cold"]["modules"]):
        more = sorted(set(new["imported"]) - set(old["imported"]))
        yield f"{now} modules, before {before}: {', '.join(more[:10])}{' …' if len(more) > 10 else ''}"
    if more_calls := _calls(new) - _calls(old):
        yield f"calls more than before: {', '.join(sorted(more_calls.elements()))}"
    if new["sequence"] > old["sequence"]:
        yield f"{new['sequence']} calls in sequence, before {old['sequence']}"
    for units in ("readUnits", "writeUnits"):
        before, now = (sum(call[units] for call in figures["calls"]) for figures in (old, new))
        if now > before:
            yield f"{units} {now:g}, before {before:g}"


def _calls(figures: Mapping[str, Any]) -> Counter[str]:
    return Counter(f"{call['service']}.{call['operation']}" for call in figures["calls"])
