"""Our own dockerd, for machines with Docker installed but not running: no firewall rules, no state kept.

It runs in its own network namespace, as must everything that connects to its containers: a program restarts itself
there with `unshare`.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Never

from local.failure import NoDockerError

INSIDE = "IN_OWN_NETWORK"
_NETWORK = "172.30.99.1/24"
_START_SECONDS = 30


def can_be_started() -> bool:
    """Whether it is installed and this user may start it."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("dockerd", "docker", "unshare", "ip", "busybox"))):
        return False
    return not subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode


def begin_anew_in_own_network(module: str) -> Never:
    """Run `module` in this process's place, in a network namespace with nothing but loopback."""
    program = f'ip link set lo up && exec "{sys.executable}" -m {module}'
    os.execvpe("unshare", ["unshare", "--net", "sh", "-c", program], {**os.environ, INSIDE: "1"})


@contextlib.contextmanager
def docker_daemon() -> Iterator[None]:
    """Run one while the block runs; DOCKER_HOST points to it. Raises NoDockerError when it does not start."""
    with tempfile.TemporaryDirectory(prefix="dockerd-") as directory:
        home = Path(directory)
        address = f"unix://{home}/docker.sock"
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *("dockerd", "--host", address, "--bip", _NETWORK),
                    *("--data-root", home / "data", "--exec-root", home / "exec", "--pidfile", home / "pid"),
                    *("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false"),
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        os.environ["DOCKER_HOST"] = address
        try:
            _wait(process, home)
            yield
        finally:
            process.terminate()
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", home: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if not subprocess.run(["docker", "version"], check=False, capture_output=True).returncode:
            return
        time.sleep(0.2)
    lines = (home / "log").read_text().splitlines()
    raise NoDockerError(f"dockerd did not start: {lines[-1] if lines else 'without a word'}")
