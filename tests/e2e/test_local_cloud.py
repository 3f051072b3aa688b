"""`make local-up`, `local-down` and `local`, as their users see them: what they print, write, and leave behind."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.places import PROJECT, Place
from local.ports import free_port


@pytest.fixture
def place() -> Iterator[Place]:
    """Its own port; ends what still runs there afterwards."""
    place = Place(free_port())
    yield place
    _local("down", place)


def _local(command: str, place: Place, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "local", command],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_PORT": str(place.port), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _processes_of(place: Place) -> list[str]:
    """The command lines of living processes that have to do with this place."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            variables = path.read_bytes().split(b"\0")
            command = (path.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        own = {f"GATEWAY_PORT={place.port}".encode(), f"AWS_ENDPOINT_URL=http://127.0.0.1:{place.port}".encode()}
        if command and own & set(variables):
            found.append(command)
    return found


def test_two_run_side_by_side_and_leave_nothing_behind(place: Place) -> None:
    other = Place(free_port())
    try:
        for each in (place, other):
            started = _local("up", each)
            assert started.returncode == 0, started.stdout + started.stderr
            assert f"app           http://localhost:{each.port}/app" in started.stdout
        descriptions = [_description(each) for each in (place, other)]

        assert _processes_of(place)
        assert descriptions[0]["apiUrl"].endswith("/api/v1")
        assert descriptions[0]["awsEndpoint"] != descriptions[1]["awsEndpoint"]
        assert set(descriptions[0]["tables"]) == {"auth", "profiles", "orders", "billing", "notifications"}
        assert {"apiUrl", "hostedLoginUrl", "clientId", "userPoolId", "region", "queues"} <= set(descriptions[0])
    finally:
        assert _local("down", other).returncode == 0

    assert _local("down", place).returncode == 0
    assert _processes_of(place) == []
    assert not place.stack.exists()


def test_ctrl_c_ends_every_process(place: Place) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "local", "run"],
        cwd=PROJECT,
        env={**os.environ, "LOCAL_PORT": str(place.port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as output:
        assert "The platform is running" in output.readline()
        assert _processes_of(place)
        process.send_signal(signal.SIGINT)
        process.wait(20)

    assert process.returncode == 0
    assert _processes_of(place) == []


def test_a_port_in_use_is_one_clear_line(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.port))
        taken.listen()

        refused = _local("up", place)

    assert refused.returncode != 0
    assert (refused.stdout + refused.stderr).strip() == (
        f"local cloud: port {place.port} is in use; choose another: LOCAL_PORT=4600 make local"
    )


def test_starting_twice_is_one_clear_line(place: Place) -> None:
    assert _local("up", place).returncode == 0

    refused = _local("up", place)

    assert refused.returncode != 0
    assert refused.stderr.strip() == f"local cloud: it is running already on port {place.port}; end it: make local-down"


def test_a_wrong_port_is_one_clear_line(place: Place) -> None:
    refused = _local("up", place, LOCAL_PORT="eighty")

    assert refused.returncode != 0
    assert refused.stderr.strip() == "local cloud: LOCAL_PORT must be a port number from 1024 to 65535, not 'eighty'"


def test_a_wrong_show_is_one_clear_line(place: Place) -> None:
    refused = _local("up", place, SHOW="everything")

    assert refused.returncode != 0
    assert refused.stderr.strip() == "local cloud: SHOW can be events, not 'everything'"


def _description(place: Place) -> dict[str, Any]:
    description: dict[str, Any] = json.loads(place.stack.read_text())
    return description
