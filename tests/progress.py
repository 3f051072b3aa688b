"""A pytest plugin that tells `make test` how far a run is: a line of JSON for what was collected, and one a test.

It is on with `-p tests.progress`, and writes to the file that TEST_PROGRESS names. What pytest prints for each test
goes: failures and the summary stay.
"""

import json
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

VARIABLE = "TEST_PROGRESS"


class Progress:
    """Writes what happens. With xdist only the process that collects the reports has one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._running: dict[str, dict[str, Any]] = {}

    def _write(self, line: dict[str, Any]) -> None:
        with self._file.open("a") as lines:
            lines.write(json.dumps(line) + "\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without xdist, the tests to run."""
        if session.items:
            self._write({"collected": [item.nodeid for item in session.items]})

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """With xdist, the tests to run; each worker reports the same."""
        self._write({"collected": list(ids)})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Setup, call and teardown of a test. The last one ends it, and so does the crash of its worker."""
        test = self._running.setdefault(
            report.nodeid, {"test": report.nodeid, "outcome": "passed", "seconds": 0.0, "why": ""}
        )
        test["seconds"] += report.duration
        if not report.passed and test["outcome"] != "failed":
            test["outcome"] = report.outcome
            test["why"] = _reason(report) if report.skipped else ""
        if report.when not in {"setup", "call"}:
            self._write(self._running.pop(report.nodeid))

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, tuple[str, Any, Any], tuple[str, Any, Any]]:
        """No dots."""
        category, _letter, _word = yield
        return category, "", ""


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def pytest_configure(config: pytest.Config) -> None:
    """Workers of xdist have the option too, and nothing to write."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(Path(os.environ[VARIABLE])))
