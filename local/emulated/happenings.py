"""Records what happens in the emulated cloud: a JSON line for each request, function log, event, and call by a role.

The lines go into the file that HAPPENINGS names; the terminal of `make local` shows them (local/terminal/stream.py).
"""

import json
import os
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime
from ministack.services import apigateway, eventbridge, lambda_svc

type Answer = tuple[int, dict[str, str], bytes]

_INIT_FAILED = '{"status": "error", "error": str(e)}'
_INIT_FAILED_WHERE = '{"status": "error", "error": traceback.format_exc()}'

_one_at_a_time = threading.Lock()


def install() -> None:
    """Record it, from now on."""
    apigateway._handle_execute_in_scope = _requests_told(apigateway._handle_execute_in_scope)
    lambda_svc._execute_function_dispatch = _logs_told(lambda_svc._execute_function_dispatch)
    eventbridge._dispatch_event = _events_told(eventbridge._dispatch_event)
    iam_evaluator.pin_request_caller = _calls_told(iam_evaluator.pin_request_caller)
    # A module that can't be imported: with the place, not only the reason.
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if _INIT_FAILED not in script:
        raise LookupError("ministack's worker says in another way that a module can't be imported")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(_INIT_FAILED, _INIT_FAILED_WHERE)


def _requests_told(execute: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    async def handle(api_id: str, stage: str, path: str, method: str, *rest: Any) -> Answer:
        started = time.perf_counter()
        answer = await execute(api_id, stage, path, method, *rest)
        route = apigateway._match_route(api_id, method, path)
        _tell(
            "request",
            route=route["routeKey"] if route else f"{method} {path}",
            status=answer[0],
            durationMs=round((time.perf_counter() - started) * 1000, 1),
            requestId=answer[1].get("x-request-id"),
        )
        return answer

    return handle


def _logs_told(execute: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def handle(function: dict[str, Any], config: Mapping[str, Any], *rest: Any) -> dict[str, Any]:
        result = execute(function, config, *rest)
        # The log of a failed invocation ends with the traceback; one that never started has only an error.
        text = result.get("log") or (result["body"]["errorMessage"] if result.get("error") else "")
        if text:
            _tell("log", function=config["Handler"].removesuffix(".handler"), text=text)
        return result

    return handle


def _events_told(dispatch: Callable[..., None]) -> Callable[..., None]:
    def handle(event: dict[str, Any], *rest: Any) -> None:
        _tell("event", source=event["Source"], name=event["DetailType"], detail=event["Detail"])
        dispatch(event, *rest)

    return handle


def _calls_told(pin: Callable[..., None]) -> Callable[..., None]:
    def handle(headers: Mapping[str, str], *rest: Any) -> None:
        pin(headers, *rest)
        caller = iam_evaluator.caller_arn()
        if ":assumed-role/" in caller:
            _tell("call", by=caller, target=headers.get("x-amz-target", ""))

    return handle


def _tell(kind: str, **what: object) -> None:
    line = json.dumps({"kind": kind, "at": time.time(), **what}) + "\n"
    with _one_at_a_time, Path(os.environ["HAPPENINGS"]).open("a") as file:
        file.write(line)
