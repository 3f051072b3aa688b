"""The inner loop: `make local` as a developer sees it. It runs in a copy of the project, which the tests edit."""

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.places import PROJECT
from local.ports import free_port
from local.synthesis import ASSEMBLIES, assembly
from tests.scaffolding.waiting import until

EDITS = 10
MEDIAN_SECONDS = 2
_NOT_COPIED = shutil.ignore_patterns(".*", "node_modules", "cdk.out", "__pycache__")


class RunningProject:
    """A copy of the project with `make local` running in it, and what its terminal has shown."""

    def __init__(self, folder: Path, process: "subprocess.Popen[str]") -> None:
        self.folder = folder
        self._lines: list[str] = []
        assert process.stdout is not None
        output = process.stdout

        def read() -> None:
            self._lines.extend(line.rstrip("\n") for line in output)

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        [address] = re.findall(r"http\S+/api/v1", self.shown(r"  API +http"))
        self.api = httpx.Client(base_url=address, timeout=30)

    def shown(self, pattern: str, *, since: int = 0) -> str:
        """The first matching line after the first `since` lines; waits for it."""
        first, *_ = until(
            lambda: [line for line in self._lines[since:] if re.search(pattern, line)],
            complaint=lambda: "\n".join([*self._lines, f"no line like {pattern!r}"]),
        )
        return first

    @property
    def line_count(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace `old`, which must be there, in a source; the first if there are several."""
        source = self.folder / path
        text = source.read_text()
        assert old in text
        source.write_text(text.replace(old, new, 1))

    def until_served(self, path: str, mark: str) -> None:
        """Poll `path` until `mark` is in the headers or the body of the answer."""

        def look() -> bool:
            answer = self.api.get(path)
            return mark in answer.text or answer.headers.get("x-edit") == mark

        until(
            look,
            complaint=lambda: "\n".join(["the terminal:", *self._lines[-20:], f"{path} did not answer with {mark}"]),
        )


def marked(health_check: str, mark: str) -> str:
    """The source of a health check, which then has `mark` in a header of its answer."""
    last_line = f'    return Response(answer.status, answer.body, {{"x-edit": "{mark}"}})\n'
    return health_check.replace("    return health(", "    answer = health(") + last_line


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProject]:
    """The copy; it has the synthesized template and the emulator of the checkout."""
    synthesized = assembly("local")
    folder = tmp_path_factory.mktemp("copy") / "project"
    shutil.copytree(PROJECT, folder, ignore=_NOT_COPIED)
    shutil.copy(PROJECT / ".python-version", folder)
    assemblies = folder / ASSEMBLIES.relative_to(PROJECT)
    assemblies.mkdir(parents=True)
    (assemblies / synthesized.name).symlink_to(synthesized)
    (folder / ".tools").mkdir()
    (folder / ".tools/emulator").symlink_to(PROJECT / ".tools/emulator")
    (folder / "node_modules").symlink_to(PROJECT / "node_modules")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "local", "run"],
        cwd=folder,
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "LOCAL_PORT": str(free_port()),
            "SHOW": "events",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        running = RunningProject(folder, process)
        with running.api:
            yield running
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        if process.stdout:
            running.reader.join()
            process.stdout.close()


def test_a_saved_handler_answers_anew_within_two_seconds(
    project: RunningProject, capsys: pytest.CaptureFixture[str]
) -> None:
    source = project.folder / "functions/orders/health.py"
    original = source.read_text()
    figures = []
    for edit in (f"edit-{number}" for number in range(EDITS)):
        text = marked(original, edit)
        saved = time.perf_counter()
        source.write_text(text)
        project.until_served("/orders/health", edit)
        figures.append(time.perf_counter() - saved)
    with capsys.disabled():
        print(  # noqa: T201 - figures for whoever runs it
            f"\n  save to served, {EDITS} edits of a handler: median {statistics.median(figures):.2f} s,"
            f" from {min(figures):.2f} to {max(figures):.2f} s"
        )
    assert statistics.median(figures) < MEDIAN_SECONDS


def test_a_saved_module_of_the_app_is_served_at_its_new_address(project: RunningProject) -> None:
    app = project.api.base_url.join("/app")
    before = httpx.get(app).text

    project.edit("layers/web/app/texts.js", "Order with confidence", "Order with an edit")

    project.shown("reloaded layers/web: texts.js")
    page = until(lambda: httpx.get(app).text, lambda text: text != before)
    [address] = re.findall(r'"(/app/files/[^"]+/texts.js)"', page)
    assert "Order with an edit" in httpx.get(app.join(address)).text


def test_what_was_reloaded_is_said(project: RunningProject) -> None:
    since = project.line_count
    project.edit("functions/orders/views.py", '"""', '"""Edited. ')

    line = project.shown("reloaded", since=since)

    assert re.fullmatch(r"reloaded functions/orders: views\.py \(\d+ functions, \d+\.\d\d s\)", line)


def test_shared_code_is_reloaded_for_every_function(project: RunningProject) -> None:
    shared = "layers/shared/python/shared/health.py"
    project.edit(shared, '"status": "OK"', '"status": "SPLENDID"')
    try:
        for path in ("/orders/health", "/billing/health"):
            project.until_served(path, "SPLENDID")
    finally:
        since = project.line_count
        project.edit(shared, '"status": "SPLENDID"', '"status": "OK"')
        project.shown("^reloaded layers/shared", since=since)


def test_a_syntax_error_says_where_it_is_and_the_old_code_serves_on(project: RunningProject) -> None:
    since = project.line_count
    source = project.folder / "functions/billing/health.py"
    original = source.read_text()
    source.write_text(f"{original}\ndef broken(:\n")
    line_number = len(original.splitlines()) + 2

    line = project.shown("not reloaded", since=since)

    assert f"functions/billing/health.py:{line_number}: " in line
    assert project.api.get("/billing/health").status_code == 200

    # A neighbour that is saved meanwhile doesn't bring the error in either.
    since = project.line_count
    project.edit("functions/billing/views.py", '"""', '"""Edited. ')
    assert f"functions/billing/health.py:{line_number}: " in project.shown("reloaded", since=since)
    assert project.api.get("/billing/health").status_code == 200

    since = project.line_count
    source.write_text(original)
    project.shown(r"^reloaded functions/billing", since=since)
    assert project.api.get("/billing/health").status_code == 200


def test_what_is_only_read_at_the_start_says_so(project: RunningProject) -> None:
    since = project.line_count
    project.edit("infra/topics.py", '"""', '"""Edited. ')

    assert project.shown("restart", since=since) == "infra/topics.py has changed: that takes a restart of make local"


def test_a_request_is_a_line_with_route_status_duration_and_id(project: RunningProject) -> None:
    since = project.line_count
    answer = project.api.get("/notifications/health")
    request_id = answer.headers["x-request-id"]

    line = project.shown(request_id, since=since)

    assert re.search(rf"^\S+  200  GET /notifications/health +\d+\.\d ms  {request_id}$", line)
    refused = project.api.get("/orders", headers={"authorization": "Bearer nonsense"})
    assert refused.status_code == 401
    assert project.shown(r"  401  GET /orders +\d+\.\d ms", since=since)


def test_an_exception_is_shown_with_its_place_in_the_project(project: RunningProject) -> None:
    source = project.folder / "functions/profiles/health.py"
    original = source.read_text()
    since = project.line_count
    source.write_text(f"{original}\n\nraise LookupError('at import')\n")
    project.shown("^reloaded functions/profiles", since=since)

    assert project.api.get("/health").status_code >= 500

    assert project.shown(r'File "functions/profiles/health\.py", line \d+', since=since)
    assert project.shown("LookupError: at import", since=since)
    since = project.line_count
    source.write_text(original)
    project.shown("^reloaded functions/profiles", since=since)
    assert project.api.get("/health").status_code == 200


def test_events_are_shown_as_they_pass(project: RunningProject) -> None:
    since = project.line_count
    body = {"login": "ada-of-the-loop", "email": "ada@example.com", "password": "Correct-horse-7"}
    assert project.api.post("/register", json=body).status_code == 201
    assert project.api.post("/login", json={"login": body["login"], "password": body["password"]}).status_code == 200

    assert "from profiles" in project.shown(r"  bus +ProfileCreated", since=since)
    assert project.shown("billing.open_account +event handled", since=since)
