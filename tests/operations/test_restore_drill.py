"""`make restore-drill`: the tables restored under other names, audited, and taken away again, however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from local.places import PROJECT
from ops.restore_drill import SERVICES
from ops.target import Target
from tests.e2e.api import Api, User
from tests.e2e.emulated import frozen_order
from tests.scaffolding.waiting import until


class Drill:
    """The command, on the stack of these tests."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.target = Target.local(api.stack)

    def command(self, **variables: str) -> subprocess.Popen[str]:
        """The command, begun."""
        program = (
            "from ops import restore_drill, target, command;"
            "from local.deployment import session;"
            f"stage = target.Target({self.target.stack_name!r}, session(), {self.target.endpoint!r});"
            "import contextlib;"
            "target.Target.chosen = lambda: contextlib.nullcontext(stage);"
            "command.run('restore-drill', restore_drill.command)"
        )
        return subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env={**os.environ, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, **variables: str) -> tuple[int, str]:
        """Its exit code, and what it printed."""
        done = self.command(**variables)
        output, _ = done.communicate(timeout=120)
        return done.returncode, output

    def copies(self) -> list[str]:
        """The copies that there are."""
        names: list[str] = self.api.aws("dynamodb").list_tables()["TableNames"]
        return [name for name in names if "-drill-" in name]


@pytest.fixture
def drill(api: Api) -> Iterator[Drill]:
    """A drill of which nothing is left."""
    drill = Drill(api)
    yield drill
    assert drill.copies() == []


def test_sound_books_are_restored_and_audited(drill: Drill, user: User) -> None:
    user.with_money(100).order_in("PAID")

    code, output = drill.run()

    assert code == 0, output
    assert all(f"-drill-{service}" in output for service in SERVICES)
    assert "payments" in output
    assert " old: 0 findings, in " in output


def test_a_finding_in_the_restored_books_is_told(drill: Drill) -> None:
    with frozen_order(drill.api) as frozen:
        code, output = drill.run()

    assert code == 1
    assert f"{frozen:80} the order has been frozen for too long" in output


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_drill_takes_its_copies_away(drill: Drill, ending: signal.Signals) -> None:
    running = drill.command()
    until(drill.copies)

    running.send_signal(ending)
    output, _ = running.communicate(timeout=60)

    assert running.returncode == 1
    assert output.strip().endswith("restore-drill: interrupted")


def test_copies_that_a_killed_drill_has_left_are_told_and_taken_away(drill: Drill) -> None:
    running = drill.command()
    until(drill.copies)
    running.kill()
    running.communicate()
    assert drill.copies() != []

    code, output = drill.run()
    assert code == 1
    assert output.startswith("restore-drill: another drill runs, or was killed and has left ")

    code, output = drill.run(CLEAN="1")
    assert code == 0, output
