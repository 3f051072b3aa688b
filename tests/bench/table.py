"""The figures of a run as a table: a line a situation."""

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Any

_HEADINGS = (
    f"{'':40} {'cold':>8} {'of b':>5} {'CPU':>6} {'wall':>6} {'peak':>5} {'modu-':>5} "
    f"{'warm':>7} {'of':>5} {'CPU':>6} {'AWS':>4} {'read':>5} {'write':>5} {'log':>5}",
    f"{'':40} {'{0}':>8} {'':5} {'ms':>6} {'ms':>6} {'MB':>5} {'les':>5} "
    f"{'{1}':>7} {'bare':>5} {'ms':>6} {'seq.':>4} {'units':>5} {'units':>5} {'bytes':>5}",
)
_OF_INSTRUCTIONS = ("million", "million")


def table(bench: Mapping[str, Any]) -> Iterator[str]:
    """The lines: references first, totals last."""
    counted = bench["counted"] == "instructions"
    for heading in _HEADINGS:
        yield heading.replace("{0}", "million" if counted else "    ---").replace("{1}", "million" if counted else "    ---")
    for name, figures in bench["references"].items():
        yield _line(f"({name})", figures)
    for name, figures in bench["situations"].items():
        yield _line(name, figures)
    yield ""
    for name, layer in bench["layers"].items():
        yield f"layer {name:12} {layer['zippedBytes']:>10,} bytes zipped, {layer['modules']:4} modules"
    together = sum(layer["zippedBytes"] for layer in bench["layers"].values())
    yield f"layers together    {together:>10,} bytes zipped"
    for name, asset in bench["assets"].items():
        yield f"code  {name:14} {asset['zippedBytes']:>8,} bytes zipped, {asset['modules']:4} modules"
    yield ""
    operations = [figures for figures in bench["situations"].values() if figures["operation"]]
    colds = [figures["cold"]["ratio"] for figures in operations]
    warms = [figures["warm"]["ratio"] for figures in operations if figures["warm"]["ratio"] is not None]
    if colds:
        yield f"cold starts of {len(colds)} operations over b: median {median(colds):.2f}, highest {max(colds):.2f}"
    if warms:
        yield f"requests of {len(warms)} over their calls: median {median(warms):.2f}, highest {max(warms):.2f}"


def _line(name: str, figures: Mapping[str, Any]) -> str:
    cold, warm, calls = figures["cold"], figures["warm"], figures["calls"]
    return (
        f"{name[:40]:40} {_million(cold['instructions'])[:8]:>8} {cold['ratio']:5.2f} {cold['cpuMs']:6.0f} {cold['wallMs']:6.0f} "
        f"{cold['peakMb']:5.0f} {cold['modules']:5} {_million(warm['instructions']):>7} {_ratio(warm['ratio'])} "
        f"{warm['cpuMs']:6.2f} {figures['sequence']:4} {sum(call['readUnits'] for call in calls):5g} "
        f"{sum(call['writeUnits'] for call in calls):5g} {figures['logBytes']:5}"
    )


def _million(instructions: int | None) -> str:
    return "-" if instructions is None else f"{instructions / 10**6:.1f}"


def _ratio(ratio: float | None) -> str:
    return f"{'-':>5}" if ratio is None else f"{ratio:5.2f}"
