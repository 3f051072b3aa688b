"""The figures of a run as a table: a line a situation."""

from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any

type Cell = Callable[[Mapping[str, Any]], str]

_COLUMNS: tuple[tuple[str, str, Cell], ...] = (
    ("start", "10^6", lambda each: _millions(each["cold"]["instructions"])),
    ("of b", "", lambda each: f"{each['cold']['ratio']:.2f}"),
    ("CPU", "ms", lambda each: f"{each['cold']['cpuMs']:.0f}"),
    ("wall", "ms", lambda each: f"{each['cold']['wallMs']:.0f}"),
    ("peak", "MB", lambda each: f"{each['cold']['peakMb']:.0f}"),
    ("modules", "", lambda each: str(each["cold"]["modules"])),
    ("request", "10^6", lambda each: _millions(each["warm"]["instructions"])),
    ("of bare", "", lambda each: "-" if each["warm"]["ratio"] is None else f"{each['warm']['ratio']:.2f}"),
    ("CPU", "ms", lambda each: f"{each['warm']['cpuMs']:.2f}"),
    ("wall", "ms", lambda each: f"{each['warm']['wallMs']:.2f}"),
    ("calls", "", lambda each: str(len(each["calls"]))),
    ("in seq.", "", lambda each: str(each["sequence"])),
    ("read", "units", lambda each: f"{_units(each, 'readUnits'):g}"),
    ("write", "units", lambda each: f"{_units(each, 'writeUnits'):g}"),
    ("sent", "bytes", lambda each: str(sum(call["requestBytes"] for call in each["calls"]))),
    ("got", "bytes", lambda each: str(sum(call["answerBytes"] for call in each["calls"]))),
    ("log", "bytes", lambda each: str(each["logBytes"])),
)
"""What is shown of a situation, with its unit; instructions in millions."""


def table(bench: Mapping[str, Any]) -> Iterator[str]:
    """The lines: references first, totals last."""
    names = {f"({name})": figures for name, figures in bench["references"].items()} | bench["situations"]
    rows = [["", *(heading for heading, _, _ in _COLUMNS)], ["", *(unit for _, unit, _ in _COLUMNS)]]
    rows += [[name, *(cell(figures) for _, _, cell in _COLUMNS)] for name, figures in names.items()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join([first.ljust(widths[0]), *cells])
    yield ""
    yield from _sizes(bench)
    yield ""
    yield from _totals([figures for figures in bench["situations"].values() if figures["operation"]])


def _sizes(bench: Mapping[str, Any]) -> Iterator[str]:
    for what, uploads in (("layer", bench["layers"]), ("code", bench["assets"])):
        for name, each in uploads.items():
            yield f"{what:5} {name:15} {each['zippedBytes']:>10,} bytes zipped, {each['modules']:4} modules"
    together = sum(layer["zippedBytes"] for layer in bench["layers"].values())
    yield f"layers together       {together:>10,} bytes zipped"


def _totals(operations: list[Mapping[str, Any]]) -> Iterator[str]:
    starts = [each["cold"]["ratio"] for each in operations]
    requests = [each["warm"]["ratio"] for each in operations if each["warm"]["ratio"] is not None]
    for what, ratios in (
        ("starts of HTTP operations over reference b, boto3 client", starts),
        ("requests of HTTP operations over their AWS calls made bare", requests),
    ):
        if ratios:
            yield f"{what}: {len(ratios)}, median {median(ratios):.2f}, highest {max(ratios):.2f}"


def _millions(instructions: int | None) -> str:
    return "-" if instructions is None else f"{instructions / 10**6:.1f}"


def _units(figures: Mapping[str, Any], kind: str) -> float:
    return float(sum(call[kind] for call in figures["calls"]))
