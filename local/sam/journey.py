"""`make sam-journey`: the demo's journey through SAM, on the running Docker or on one started for it.

Without Docker it reports clearly that nothing was tested.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator

from local import emulator
from local.cloud import STAGE
from local.demo import journey
from local.failure import LocalCloudError, NoDockerError
from local.places import LOCAL
from local.ports import free_port
from local.sam import runtime_image, tools
from local.sam.docker_daemon import INSIDE, begin_anew_in_own_network, can_be_started, docker_daemon
from local.sam.start_api import demand_docker, sam_api
from local.synthesis import assembly
from local.tools import install

_LAST_LINES = 30


def main() -> None:
    """Run the journey; the exit code is not 0 on a surprise."""
    started = time.perf_counter()
    try:
        with _docker():
            steps = _go(started)
    except NoDockerError as error:
        print(f"!! NOT TESTED: the journey through SAM. {error}\n0 journeys, 1 skipped")
        return
    except LocalCloudError as error:
        sys.exit(f"sam: {error}")
    print(f"1 journey through SAM, {steps} steps, 0 skipped ({time.perf_counter() - started:.0f} s)")


@contextlib.contextmanager
def _docker() -> Iterator[None]:
    """The running Docker; else our own, for which the program restarts in its own network."""
    if INSIDE in os.environ:
        with docker_daemon():
            runtime_image.make()
            yield
        return
    try:
        demand_docker()
    except NoDockerError:
        if not can_be_started():
            raise
        _fetch_everything()
        begin_anew_in_own_network("local.sam.journey")
    yield


def _go(started: float) -> int:
    """Run it, and return the number of steps; on a surprise, print SAM's last output."""
    LOCAL.mkdir(exist_ok=True)
    log = LOCAL / "sam.log"
    with log.open("w") as output:
        try:
            with sam_api(free_port(), output) as api_url:
                print(f"     {api_url}, served by SAM ({time.perf_counter() - started:.0f} s to start)", flush=True)
                return journey(api_url + "/")
        except (LocalCloudError, SystemExit):
            print("     What SAM said last:", *log.read_text().splitlines()[-_LAST_LINES:], sep="\n     ")
            raise


def _fetch_everything() -> None:
    """Install and build what is needed, while the network is available."""
    install(tools.NAME)
    install(emulator.TOOL)
    assembly(STAGE)


if __name__ == "__main__":
    main()
