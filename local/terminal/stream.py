"""What happens in the local cloud, as readable lines: requests, the functions' logs, and optionally events.

Exceptions appear as tracebacks, with the files' paths in the project.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_API_PREFIX = "/api/v1"
_GREY, _RED, _GREEN, _YELLOW, _CYAN, _MAGENTA = 90, 31, 32, 33, 36, 35
_SHOWN_OTHERWISE = {
    "level",
    "location",
    "message",
    "timestamp",
    "service",
    "exception",
    "exception_name",
    "stack_trace",
}
_ROUTINE = {"request", "authorized"}
"""Messages that only repeat the line of the request."""
_UNPACKED = (
    (re.compile(r'"[^"]*/ministack-lambda-[^"/]*/code/'), '"functions/'),
    (re.compile(r'"[^"]*/ministack-layer-[^"/]*/python/shared/'), '"layers/shared/python/shared/'),
)
"""The emulator's folders of unpacked code, and their places in the project."""


class Stream:
    """The happenings in `file` from now on (local/emulated/happenings.py writes them)."""

    def __init__(self, file: Path, *, events: bool, colours: bool) -> None:
        self._file = file.open()
        self._file.seek(0, 2)
        self._events = events
        self._colours = colours
        self._rest = ""

    def close(self) -> None:
        """Stop reading."""
        self._file.close()

    def new_lines(self) -> Iterator[str]:
        """New lines since the last call."""
        *whole, self._rest = (self._rest + self._file.read()).split("\n")
        for line in whole:
            yield from self.lines_of(json.loads(line))

    def lines_of(self, happening: dict[str, Any]) -> Iterator[str]:
        """The lines of one happening; empty if it is not shown."""
        at = datetime.fromtimestamp(happening["at"], UTC).astimezone()
        time = self._painted(_GREY, f"{at:%H:%M:%S}.{at.microsecond // 1000:03}")
        match happening["kind"]:
            case "request":
                yield f"{time}  {self._request(happening)}"
            case "log":
                for line in self._log(happening["function"], happening["text"]):
                    yield f"{time}  {line}"
            case "event" if self._events:
                yield f"{time}  {self._event(happening)}"

    def _request(self, request: dict[str, Any]) -> str:
        method, _, path = request["route"].partition(" ")
        route = f"{method} {path.removeprefix(_API_PREFIX)}"
        status = self._painted(_colour_of(request["status"]), str(request["status"]))
        request_id = self._painted(_GREY, request["requestId"] or "answered by the gateway")
        return f"{status}  {route:<40} {request['durationMs']:7.1f} ms  {request_id}"

    def _log(self, function: str, text: str) -> Iterator[str]:
        who = self._painted(_CYAN, f"{function:<28}")
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            if isinstance(entry, dict) and "_aws" in entry:
                entry = _counted(entry)
            if not isinstance(entry, dict) or "message" not in entry:
                yield f"     {who}  {_in_project(line)}"
            elif entry["message"] not in _ROUTINE:
                yield f"     {who}  {self._entry(entry)}"

    def _entry(self, entry: dict[str, Any]) -> str:
        colour = {"ERROR": _RED, "CRITICAL": _RED, "WARNING": _YELLOW}.get(entry.get("level", ""))
        message = self._painted(colour, entry["message"]) if colour else entry["message"]
        fields = " ".join(f"{name}={value}" for name, value in entry.items() if name not in _SHOWN_OTHERWISE)
        trace = entry.get("exception", "")
        below = "".join(f"\n{' ' * 8}{line}" for line in _in_project(trace).splitlines())
        return f"{message}  {self._painted(_GREY, fields)}{self._painted(_RED, below) if below else ''}"

    def _event(self, event: dict[str, Any]) -> str:
        name = self._painted(_MAGENTA, f"{event['name']:<28}")
        return f"{'bus':<4} {name}  from {event['source']}  {self._painted(_GREY, event['detail'])}"

    def _painted(self, colour: int, text: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text


def _counted(entry: dict[str, Any]) -> dict[str, Any]:
    """A line of metrics (EMF) as a log line; the age of an event shows that it was handled."""
    values = {name: value[0] for name, value in entry.items() if isinstance(value, list)}
    about = {name: value for name, value in entry.items() if name not in {*values, "_aws"}}
    return {"message": "event handled" if "EventAge" in values else "counted", **values, **about}


def _colour_of(status: int) -> int:
    if status >= 500:
        return _RED
    return _YELLOW if status >= 400 else _GREEN


def _in_project(text: str) -> str:
    for unpacked, source in _UNPACKED:
        text = unpacked.sub(source, text)
    return text
