"""docs/dashboard.svg: the dashboard of `prod` as its template has it, with the afternoon of sample.py.

    python -m tests.infra.alarms.picture    draw it anew (`make generate` does)

CloudWatch draws the real one, in its own look; this shows what is on it and where.
"""

from collections.abc import Iterator, Sequence
from html import escape

from infra.observability.dashboard import WIDTH
from local.places import PROJECT
from tests.infra.alarms import sample
from tests.infra.alarms.expressions import value
from tests.infra.alarms.widgets import Line, Widget, widgets
from tests.infra.stages import PROD, Stage

PICTURE = PROJECT / "docs/dashboard.svg"
UNIT_X, UNIT_Y, GAP = 60, 40, 6
COLORS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f")
MOST_LABELS = 3
"""Of a graph; a reader of the real one scrolls."""


def picture(stage: Stage) -> str:
    """The dashboard as SVG."""
    shown = widgets(stage)
    height = max(y + tall for _, y, _, tall in (widget.place for widget in shown)) * UNIT_Y
    width = WIDTH * UNIT_X
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        f'<rect width="{width}" height="{height}" fill="#f2f3f3"/>',
    )
    return "\n".join([*head, *(line for widget in shown for line in _drawn(widget, stage)), "</svg>"]) + "\n"


def _drawn(widget: Widget, stage: Stage) -> Iterator[str]:
    x, y, wide, tall = widget.place
    left, top = x * UNIT_X + GAP // 2, y * UNIT_Y + GAP // 2
    width, height = wide * UNIT_X - GAP, tall * UNIT_Y - GAP
    yield f'<g transform="translate({left} {top})">'
    if widget.kind == "text":
        yield _text(4, height - 10, widget.title, size=18, weight="bold")
    else:
        yield f'<rect width="{width}" height="{height}" fill="white" stroke="#d5dbdb"/>'
        yield _text(8, 18, _cut(widget.title, width * 0.78), weight="bold")
        yield from _alarms(widget, stage, width) if widget.kind == "alarm" else _graph(widget, width, height)
    yield "</g>"


def _alarms(widget: Widget, stage: Stage, width: int) -> Iterator[str]:
    """All of them quiet."""
    columns, across = 6, width / 6
    alarms = {**stage.all("AWS::CloudWatch::Alarm"), **stage.all("AWS::CloudWatch::CompositeAlarm")}
    for number, alarm in enumerate(widget.alarms):
        x, y = number % columns * across + 8, number // columns * 22 + 28
        yield f'<rect x="{x:.0f}" y="{y}" width="{across - 12:.0f}" height="18" fill="#e7f5e9" stroke="#6aaf6a"/>'
        name = alarms[alarm]["AlarmName"].removeprefix(f"{stage.prefix}-")
        yield _text(x + 4, y + 13, _cut(name, across), size=10)


def _graph(widget: Widget, width: int, height: int) -> Iterator[str]:
    shown = [line for line in widget.lines if line.visible]
    series = [_values(line, widget.lines) for line in shown]
    highest = max((max(each) for each in series), default=0) or 1
    top, bottom, left = 30, height - 34, 44
    yield f'<path d="M{left} {top}V{bottom}H{width - 10}" fill="none" stroke="#aab7b8"/>'
    yield _text(4, top + 8, f"{highest:,.3g}" if highest < 1000 else f"{highest:,.0f}", size=10)
    yield _text(4, bottom, "0", size=10)
    for number, each in enumerate(series):
        across = (width - 10 - left) / (len(each) - 1)
        points = " ".join(
            f"{left + place * across:.0f},{bottom - (bottom - top) * point / highest:.0f}"
            for place, point in enumerate(each)
        )
        yield f'<polyline points="{points}" fill="none" stroke="{COLORS[number % len(COLORS)]}" stroke-width="1.5"/>'
    labels = [line.label for line in shown][:MOST_LABELS]
    more = [f"+ {len(shown) - MOST_LABELS} more"] if len(shown) > MOST_LABELS else []
    at = float(left)
    for number, label in enumerate([*labels, *more]):
        color = COLORS[number % len(COLORS)] if number < len(labels) else "#555"
        yield _text(at, height - 12, _cut(label, (width - left) / len([*labels, *more])), size=10, color=color)
        at += (width - left) / len([*labels, *more])


def _values(line: Line, lines: Sequence[Line]) -> Sequence[float]:
    if line.metric:
        return sample.values(line.metric, line.statistic)
    named = {each.id: sample.values(each.metric, each.statistic) for each in lines if each.id and each.metric}
    points = [
        value(line.expression, {name: each[number] for name, each in named.items()}) for number in range(sample.POINTS)
    ]
    return [point or 0 for point in points]


def _cut(text: str, width: float) -> str:
    room = int(width / 6.2)
    return text if len(text) <= room else f"{text[: room - 1]}…"


def _text(x: float, y: float, text: str, *, size: int = 12, weight: str = "normal", color: str = "#16191f") -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" font-weight="{weight}" fill="{color}">{escape(text)}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(PROD))
