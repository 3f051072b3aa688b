"""Workers that run the code that is deployed.

In the unpatched emulator an invocation that has read a function's code just before an update puts a worker with that
old code among the new ones, where it stays. On AWS invocations get the new code once an update has succeeded
(https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html).
"""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

type Leased = tuple[lambda_runtime.Worker | None, str]


def install() -> None:
    """Start a worker again that has other code or layers than the function."""
    lambda_svc.acquire_worker = _with_current_code(lambda_svc.acquire_worker)


def _with_current_code(acquire: Callable[..., Leased]) -> Callable[..., Leased]:
    def handle(name: str, config: Mapping[str, Any], code: bytes, **more: Any) -> Leased:
        worker, how = acquire(name, config, code, **more)
        if worker:
            made_of = (code, [layer["Arn"] for layer in config.get("Layers", [])])
            if how == "reused" and worker.made_of != made_of:
                worker.kill()  # it starts again when it is invoked
                worker.code_zip = code
            worker.made_of = made_of
        return worker, how

    return handle
