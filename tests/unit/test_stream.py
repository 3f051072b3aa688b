"""What the terminal of `make local` shows of what happens."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.terminal.stream import Stream

REQUEST = {
    "kind": "request",
    "at": 0,
    "route": "POST /api/v1/orders/{id}/execute",
    "status": 200,
    "durationMs": 12.34,
    "requestId": "r-1",
}
EVENT = {"kind": "event", "at": 0, "source": "billing", "name": "OrderPaid", "detail": '{"orderId": "o"}'}


def log(text: str) -> dict[str, Any]:
    """A log of the function orders.create_order."""
    return {"kind": "log", "at": 0, "function": "orders.create_order", "text": text}


def shown(tmp_path: Path, *happenings: dict[str, Any], events: bool = False, colours: bool = False) -> list[str]:
    """The lines that are shown of these."""
    file = tmp_path / "happenings.jsonl"
    file.write_text("")
    stream = Stream(file, events=events, colours=colours)
    file.write_text("".join(json.dumps(happening) + "\n" for happening in happenings))
    try:
        return list(stream.new_lines())
    finally:
        stream.close()


def test_a_request_is_one_line(tmp_path: Path) -> None:
    [line] = shown(tmp_path, REQUEST)
    assert line.split()[1:] == ["200", "POST", "/orders/{id}/execute", "12.3", "ms", "r-1"]


@pytest.mark.parametrize(("status", "colour"), [(200, 32), (404, 33), (500, 31)])
def test_the_status_has_a_colour_at_a_terminal_and_none_elsewhere(tmp_path: Path, status: int, colour: int) -> None:
    [line] = shown(tmp_path, REQUEST | {"status": status}, colours=True)
    assert f"\x1b[{colour}m{status}\x1b[0m" in line
    assert "\x1b" not in "".join(shown(tmp_path, REQUEST, EVENT, log("{}"), events=True))


def test_events_are_shown_when_wanted(tmp_path: Path) -> None:
    assert shown(tmp_path, EVENT) == []
    [line] = shown(tmp_path, EVENT, events=True)
    assert line.split()[1:] == ["bus", "OrderPaid", "from", "billing", '{"orderId":', '"o"}']


def test_a_log_line_is_its_message_and_its_fields(tmp_path: Path) -> None:
    entry = {"level": "INFO", "location": "x:1", "message": "payment", "service": "billing", "outcome": "TAKEN"}
    [line] = shown(tmp_path, log(json.dumps(entry)))
    assert line.split()[1:] == ["orders.create_order", "payment", "outcome=TAKEN"]


@pytest.mark.parametrize(
    ("values", "shown_as"),
    [
        ({"OrdersPaid": [1.0], "MoneyPaid": [3000.0]}, "counted OrdersPaid=1.0 MoneyPaid=3000.0 orderId=o"),
        ({"EventAge": [7.0]}, "event handled EventAge=7.0 orderId=o"),
    ],
)
def test_metrics_are_shown_by_what_they_count(tmp_path: Path, values: dict[str, list[float]], shown_as: str) -> None:
    entry = {"_aws": {"Timestamp": 1}, "service": "billing", "orderId": "o", **values}
    [line] = shown(tmp_path, log(json.dumps(entry)))
    assert " ".join(line.split()[2:]) == shown_as


def test_what_the_line_of_the_request_says_is_not_said_twice(tmp_path: Path) -> None:
    assert shown(tmp_path, log('{"message": "request", "status": 200}')) == []


def test_what_is_printed_is_shown_as_it_is(tmp_path: Path) -> None:
    assert shown(tmp_path, log("here\n[1, 2]"))[1].endswith("orders.create_order           [1, 2]")


def test_a_traceback_names_the_files_of_the_project(tmp_path: Path) -> None:
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/x/scratch/ministack-lambda-local-orders-a1/code/orders/order.py", line 3, in create\n'
        '  File "/x/scratch/ministack-layer-b2/python/shared/wire.py", line 9, in read_json\n'
        "ValueError: no"
    )
    entry = {"level": "ERROR", "message": "unexpected failure", "exception": trace}
    [text] = shown(tmp_path, log(json.dumps(entry)))
    assert 'File "functions/orders/order.py", line 3, in create' in text
    assert 'File "layers/shared/python/shared/wire.py", line 9' in text


def test_a_line_that_is_half_written_waits_for_its_rest(tmp_path: Path) -> None:
    file = tmp_path / "happenings.jsonl"
    file.write_text("")
    stream = Stream(file, events=False, colours=False)
    whole = json.dumps(REQUEST) + "\n"
    with file.open("a") as writer:
        writer.write(whole[:20])
        writer.flush()
        assert list(stream.new_lines()) == []
        writer.write(whole[20:])
    assert len(list(stream.new_lines())) == 1
    stream.close()
