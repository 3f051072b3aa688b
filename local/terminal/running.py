"""`make local`, `make local-up`, `make local-down`: the platform on this machine, in front or in the background."""

import contextlib
import os
import signal
import subprocess
import sys
import time

from local.cloud import local_cloud
from local.deployment import StackDescription
from local.failure import LocalCloudError
from local.places import PROJECT, Place, chosen_place, running_stack
from local.terminal.reload import Reloader
from local.terminal.stream import Stream

_START_SECONDS = 280
_STOP_SECONDS = 20
_LAST_LINE = "Ctrl-C ends it, or: make local-down"
"""Of what is said once the cloud is there."""
_LOOK_SECONDS = 0.05
"""How often new lines are shown."""


def run() -> None:
    """Run the cloud until Ctrl-C: print its addresses, show what happens, and reload edits."""
    place = chosen_place()
    shows_events = _shows_events()
    started = time.perf_counter()
    try:
        with local_cloud(place.port, place.directory) as (stack, emulator):
            place.process_id.write_text(str(os.getpid()))
            place.publish()
            colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
            stream = Stream(emulator.happenings, events=shows_events, colours=colours)
            with contextlib.closing(stream), Reloader(PROJECT, stack, _say).running():
                _say_where(stack, time.perf_counter() - started)
                while not emulator.has_ended:
                    for line in stream.new_lines():
                        _say(line)
                    time.sleep(_LOOK_SECONDS)
            raise LocalCloudError(f"the emulator has ended by itself; see {emulator.log}")
    finally:
        place.withdraw()


def up() -> None:
    """Start the cloud in the background, and return when it is ready."""
    place = chosen_place()
    if place.runs:
        raise LocalCloudError(f"it is running already on port {place.port}; end it: make local-down")
    place.withdraw()
    place.directory.mkdir(parents=True, exist_ok=True)
    with place.output.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "local", "run"],
            cwd=PROJECT,
            env={**os.environ, "LOCAL_PORT": str(place.port), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    while _LAST_LINE not in place.output.read_text():
        if process.poll() is not None:
            lines = place.output.read_text().strip().splitlines()
            sys.exit(lines[-1] if lines else f"local cloud: it ended without a word; see {place.output}")
        if time.monotonic() > deadline:
            process.terminate()
            raise LocalCloudError(f"it was not there after {_START_SECONDS} s; see {place.output}")
        time.sleep(0.1)
    print(place.output.read_text(), end="")


def down() -> None:
    """End the cloud of `up` or `run`, and wait until its last process has ended."""
    place = _place_to_end()
    try:
        process_id = int(place.process_id.read_text())
        os.kill(process_id, signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        place.withdraw()
        print("local cloud: none is running")
        return
    deadline = time.monotonic() + _STOP_SECONDS
    while place.process_id.exists():
        if time.monotonic() > deadline:
            raise LocalCloudError(f"process {process_id} did not end")
        time.sleep(0.05)
    print("local cloud: stopped")


def _place_to_end() -> Place:
    if os.environ.get("LOCAL_PORT"):
        return chosen_place()
    try:
        return Place.of(running_stack())
    except LocalCloudError:
        return chosen_place()


def _say_where(stack: StackDescription, seconds: float) -> None:
    print(
        f"The platform is running ({seconds:.1f} s). Open the app, or try: make demo\n"
        f"  app           {stack['appUrl']}\n"
        f"  API           {stack['apiUrl']}\n"
        f"  docs          {stack['docsUrl']}\n"
        f"  client id     {stack['clientId']}\n"
        f"  user pool     {stack['userPoolId']}\n"
        f"  AWS endpoint  {stack['awsEndpoint']} (credentials test/test, region {stack['region']})\n"
        f"  logs          below; the emulator's own: {stack['logs']}\n"
        "  edited code   in functions/, layers/shared/ and layers/web/ is served at once\n"
        f"  {_LAST_LINE}",
        flush=True,
    )


def _shows_events() -> bool:
    """Whether SHOW asks for events."""
    shown = os.environ.get("SHOW", "")
    if shown not in {"", "events"}:
        raise LocalCloudError(f"SHOW can be events, not {shown!r}")
    return bool(shown)


def _say(line: str) -> None:
    """Print a whole line: events and reloads come from two threads."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
