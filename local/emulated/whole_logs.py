"""Every line of an invocation's log with that invocation, however busy the machine.

The unpatched emulator takes for the log what comes within 50 ms of the answer, or until 5 ms pass without a line. What
comes later goes with the worker's next invocation, or nowhere. Here a worker ends its log with a mark as it answers,
and the log is read up to the mark. On AWS the log has what the function wrote
(https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html).
"""

import queue
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime

type Worker = lambda_runtime.Worker

_END = "--- end of this invocation's log ---"
_ANSWERS = "        _real_stdout.flush()\n\nrun()\n"
_ENDS_ITS_LOG = f'        sys.stderr.write("{_END}\\n")\n        sys.stderr.flush()\n'
_PATIENCE_SECONDS = 10
"""For a worker that was ended before its mark, and whose children keep the log open."""


def install() -> None:
    """Read logs whole from now on, of functions in Python: workers of other runtimes set no mark."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if _ANSWERS not in script:
        raise LookupError("ministack's worker answers in another way")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_ANSWERS, _ENDS_ITS_LOG + _ANSWERS)
    worker = lambda_runtime.Worker
    worker._read_stderr = _if_marked(_read, worker._read_stderr)
    worker._drain_stderr = _if_marked(_up_to_the_mark, worker._drain_stderr)
    worker._drain_stderr_bounded = _if_marked(_up_to_the_mark, worker._drain_stderr_bounded)


def _if_marked(ours: Callable[..., Any], theirs: Callable[..., Any]) -> Callable[..., Any]:
    def handle(worker: Worker, **waits: float) -> Any:
        if worker.config.get("Runtime", "").startswith("python"):
            return ours(worker)
        return theirs(worker, **waits)

    return handle


def _read(worker: Worker) -> None:
    """Put what the worker logs into its queue, as long as it lives."""
    process, log = worker._proc, worker._stderr_queue  # a worker that is started again has others
    for line in process.stderr:
        text, mark, _ = line.rstrip("\n").partition(_END)
        if text or not mark:
            log.put(text)
        if mark:
            log.put(_END)
    log.put(_END)


def _up_to_the_mark(worker: Worker) -> str:
    lines: list[str] = []
    try:
        while (line := worker._stderr_queue.get(timeout=_PATIENCE_SECONDS)) != _END:
            lines.append(line)
    except queue.Empty:
        lines.append("(the end of this log did not come)")
    return "\n".join(lines)
