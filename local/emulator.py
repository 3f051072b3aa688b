"""The emulator's process: ministack on loopback, in its own environment, with IAM enforced."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from local.failure import LocalCloudError
from local.tools import environment, install

TOOL = "emulator"
SERVER = Path(__file__).parent / "emulator" / "serve.py"
HOST = "127.0.0.1"
NAME = "localhost"
"""The host in the emulator's addresses: browsers resolve every name below it to this machine (RFC 6761)."""

ACCOUNT_KEY = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""The emulated account's root user."""

_START_SECONDS = 30
_STOP_SECONDS = 10


class Emulator:
    """One emulator on `port`; its log, keys and scratch files are in `directory`."""

    def __init__(self, port: int, directory: Path) -> None:
        self.endpoint = f"http://{HOST}:{port}"
        self.log = directory / "emulator.log"
        self.happenings = directory / "happenings.jsonl"
        """What happens, as local/emulated/happenings.py records it."""
        self.state = directory / "state"
        self._port = port
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises LocalCloudError."""
        self._demand_free_port()
        install(TOOL)
        scratch = self._directory / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        self.happenings.write_bytes(b"")
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C reaches only us, and we end the emulator with all of its workers.
            self._process = subprocess.Popen(
                [environment(TOOL) / "bin" / "python", SERVER],
                env=self._environment(scratch),
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End it and every process that it started."""
        if self._process is None:
            return
        _signal_group(self._process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        _signal_group(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended by itself."""
        return self._process is None or self._process.poll() is not None

    def _environment(self, scratch: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "TMPDIR": str(scratch),
            "STATE_DIR": str(self.state),
            "HAPPENINGS": str(self.happenings),
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": HOST,
            "MINISTACK_HOST": NAME,
            "AUTH": "true",
            "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",
            "LAMBDA_ACCOUNT_CONCURRENCY": "64",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            **ACCOUNT_KEY,
        }

    def _demand_free_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self._port))
            except OSError:
                raise LocalCloudError(
                    f"port {self._port} is in use; choose another: LOCAL_PORT=4600 make local"
                ) from None

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and not self.has_ended:
            with contextlib.suppress(urllib.error.URLError, OSError):
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1).close()  # noqa: S310 - loopback
                return
            time.sleep(0.05)
        self.stop()
        raise LocalCloudError(f"the emulator did not start; see {self.log}")


def _signal_group(group: int, signal_: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal_)
