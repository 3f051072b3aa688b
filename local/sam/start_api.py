"""`sam local start-api` over the local cloud, in warm containers."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import httpx

from local.cloud import STAGE, local_cloud
from local.deployment import REGION
from local.emulator import ACCOUNT_KEY
from local.failure import LocalCloudError, NoDockerError
from local.ports import free_port
from local.sam import filled_in, runtime_image, tools
from local.sam.forwarder import reachable_by_containers
from local.synthesis import assembly
from local.tools import install

_START_SECONDS = 60
_STOP_SECONDS = 30


def demand_docker() -> None:
    """Raise NoDockerError, with what to do, when no Docker answers."""
    try:
        done = subprocess.run(["docker", "version"], check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise NoDockerError("there is no docker here; install Docker, or run without it: make local") from None
    if done.returncode:
        raise NoDockerError("Docker does not answer; start it, or run without it: make local")


@contextlib.contextmanager
def sam_api(port: int, output: TextIO) -> Iterator[str]:
    """Serve the API by SAM while the block runs; yields its address, which ends in /api/v1.

    The output of SAM and the functions goes to `output`. Raises LocalCloudError when it does not start.
    """
    demand_docker()
    install(tools.NAME)
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sam-")))
        cloud_port = free_port()
        description, _ = stack.enter_context(local_cloud(cloud_port, directory))
        host = stack.enter_context(reachable_by_containers(cloud_port))
        template = directory / "template.json"
        filled_in.write(assembly(STAGE), description, endpoint=f"http://{host}:{cloud_port}", to=template)
        process = subprocess.Popen(
            [
                *(tools.CLI, "local", "start-api", "--template", template, "--region", REGION),
                *("--host", "127.0.0.1", "--port", str(port), "--warm-containers", "LAZY"),
                *(["--skip-pull-image"] if runtime_image.is_there() else []),
            ],
            cwd=directory,
            env={**os.environ, **tools.QUIET, **ACCOUNT_KEY},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            api_url = f"http://127.0.0.1:{port}/api/v1"
            _wait(process, api_url)
            yield api_url
        finally:
            # On SIGTERM it also removes its containers.
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", api_url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            # The first request builds the image with the layers, which takes a while.
            httpx.get(f"{api_url}/health", timeout=300)
            return
        time.sleep(0.2)
    raise LocalCloudError("sam local start-api did not start; it says why above")


def say_where(api_url: str) -> None:
    """Print the address for the user."""
    print(f"SAM serves the API at {api_url}\n  try: API_URL={api_url} make demo\n  Ctrl-C ends it", flush=True)
    sys.stdout.flush()
