"""One fresh process of a function, under Lambda's runtime interface client, with what Lambda gives it and nothing else.

It is ended when it has answered as often as it should, so that what is counted ends with its last answer.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from local.serving import in_background
from tests.bench.loopback import AwsAnswer, Invocation, Loopback
from tests.scaffolding.world import REGION

_LONGEST_SECONDS = 240
_MILLION = 10**6


class BenchmarkError(Exception):
    """A situation could not be measured: it did not answer as it should. One line, with the situation's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is started: a handler, and what it finds and is given."""

    name: str
    handler: str
    path: Sequence[Path]
    """Where modules are, beside Python's own: the asset, the layers, the runtime interface client."""
    event: bytes
    environment: Mapping[str, str] = field(default_factory=dict)
    answers: Sequence[AwsAnswer] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def task_root(self) -> Path:
        """Its asset, which Lambda has as /var/task."""
        return self.path[0]


@dataclass(frozen=True, slots=True)
class Ran:
    """A process that has ended."""

    started: float
    """When, in seconds of time.perf_counter()."""
    invocations: Sequence[Invocation]
    output: bytes
    counts: Sequence[int]
    """Instructions from its first one on, of every process that there was, where they are counted; the fewest first."""
    peak_mb: float
    fetched: Sequence[str]
    errors: str = ""
    """What it wrote to its standard error."""


@cache
def valgrind() -> str | None:
    """The program that counts instructions, None where there is none."""
    return shutil.which("valgrind")


def run(program: Program, *, events: int, counted: bool = False, options: Sequence[str] = (), **more: str) -> Ran:
    """Start `program` and have it answer `events` events. `options` are Python's, `more` more of its environment.

    Raises BenchmarkError when it fails, or calls something else than `program.answers` answer.
    """
    with (
        tempfile.TemporaryDirectory() as scratch,
        in_background(Loopback(program.event, list(program.answers), program.files)) as loopback,
    ):
        folder = Path(scratch)
        # No -I, which would overlook PYTHONPATH and the seed; the environment holds nothing else that Python reads.
        command = [python(), "-s", "-S", "-P", "-B", *options, "-m", "awslambdaric", program.handler]
        if counted:
            tool = [str(valgrind()), "-q", "--tool=cachegrind", "--cache-sim=no"]
            command = [*tool, f"--cachegrind-out-file={folder / 'counts.%p'}", *command]
        with (folder / "output").open("wb") as output, (folder / "errors").open("wb") as errors:
            started = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=program.task_root,
                env={**_environment(program, loopback.address), **more},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
            )

            def at_answer(invocation: Invocation) -> None:
                invocation.cpu_seconds = _cpu_seconds(process.pid)
                invocation.peak_bytes = _peak_bytes(process.pid)
                invocation.log_bytes = (folder / "output").stat().st_size
                if len(loopback.invocations) == events:
                    process.terminate()

            loopback.at_answer = at_answer
            loopback.at_failure = process.terminate
            _end(process)
        said = (folder / "errors").read_text(errors="replace")
        answered = sum(invocation.ended > 0 for invocation in loopback.invocations)
        if loopback.wrong or answered < events:
            said_last = (folder / "output").read_text(errors="replace")[-2000:]
            wrong = loopback.wrong[0] if loopback.wrong else f"{answered} answers to {events} events"
            raise BenchmarkError(f"{program.name}: {wrong}\n{said[-2000:]}{said_last}".rstrip())
        return Ran(
            started=started,
            invocations=loopback.invocations[:events],
            output=(folder / "output").read_bytes(),
            counts=sorted(map(_counted, folder.glob("counts.*"))),
            peak_mb=max(invocation.peak_bytes for invocation in loopback.invocations) / _MILLION,
            fetched=loopback.fetched,
            errors=said,
        )


@cache
def python() -> str:
    """The interpreter itself, not that of the development environment."""
    return str(Path(sys.executable).resolve())


def _environment(program: Program, address: str) -> dict[str, str]:
    """What Lambda gives every function, and what the template gives this one.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
    """
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join(map(str, program.path)),
        "PYTHONHASHSEED": "0",  # so that counts repeat
        "_HANDLER": program.handler,
        "_X_AMZN_TRACE_ID": "",
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": program.name.partition(" ")[0].replace(".", "-"),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
        "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_ENDPOINT_URL": f"http://{address}",
        "LAMBDA_TASK_ROOT": str(program.task_root),
        "LAMBDA_RUNTIME_DIR": str(program.path[-1]),
        **program.environment,
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _cpu_seconds(pid: int) -> float:
    """The processor time of another process until now: the clock that clock_getcpuclockid(3) names on Linux."""
    with suppress(OSError):
        return time.clock_gettime(((~pid) << 3) | 2)
    return 0.0


def _counted(counts: Path) -> int:
    summary = next(line for line in reversed(counts.read_text().splitlines()) if line.startswith("summary:"))
    return int(summary.split()[1])


def _peak_bytes(pid: int) -> int:
    """The most memory that another process has had until now. Not getrusage's, which starts from ours at the fork."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
