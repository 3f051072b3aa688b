"""`make sam-journey`: the demo's journey through SAM, on the Docker that runs here, or on one started for it.

Where there can be no Docker it says so aloud, and that nothing was tested.
"""

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

from local.demo import journey
from local.failure import LocalCloudError
from local.ports import free_port
from local.sam import runtime_image, tools
from local.sam.docker_daemon import INSIDE, begin_anew_in_own_network, can_be_started, docker_daemon
from local.sam.start_api import demand_docker, sam_api


def main() -> None:
    """Go the journey; the exit code is not 0 when it meets a surprise."""
    own_daemon = INSIDE in os.environ
    if not own_daemon:
        try:
            demand_docker()
        except LocalCloudError as error:
            if can_be_started():
                tools.install()  # while there is a network
                begin_anew_in_own_network("local.sam.journey")
            print(f"!! NOT TESTED: the journey through SAM. {error}\n0 journeys, 1 skipped")
            return
    started = time.perf_counter()
    log = Path(tempfile.gettempdir()) / f"sam-{os.getpid()}.log"
    try:
        with docker_daemon() if own_daemon else contextlib.nullcontext():
            if own_daemon:
                runtime_image.make()
            with log.open("w") as output, sam_api(free_port(), output) as api_url:
                print(f"     {api_url}, served by SAM ({time.perf_counter() - started:.0f} s to start)", flush=True)
                steps = journey(api_url + "/")
    except LocalCloudError as error:
        sys.exit(f"sam: {error}; all that SAM said: {log}")
    print(f"1 journey through SAM, {steps} steps, 0 skipped ({time.perf_counter() - started:.0f} s; SAM's log: {log})")


if __name__ == "__main__":
    main()
