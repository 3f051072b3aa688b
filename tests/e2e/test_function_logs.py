"""The log of a function on the local cloud: what the function wrote in one invocation, and all of it."""

import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.api import Api

SOURCE = """
import os
import time

def handler(event, context):
    for number in range(event.get("lines", 0)):
        print("line", number)
    print(event.get("unended", ""), end="", flush=True)
    if event.get("dies"):
        os._exit(1)
    time.sleep(event.get("hangs", 0))
"""
MANY = 50_000
"""More than the emulator reads in a quarter of a second, when it stops to read by itself."""

type Invoke = Callable[..., list[str]]


@pytest.fixture(scope="module")
def invoke(api: Api) -> Iterator[Invoke]:
    """Invokes a function that writes what it is told; gives the end of the invocation's log."""
    functions, name = api.aws("lambda"), "writes-its-log"
    role = functions.get_function_configuration(FunctionName=f"{api.stack['stackName']}-billing-health")["Role"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("writes.py", SOURCE)
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="writes.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=2,
    )

    def log_of(**event: Any) -> list[str]:
        answer = functions.invoke(FunctionName=name, LogType="Tail", Payload=json.dumps(event).encode())
        return base64.b64decode(answer.get("LogResult", "")).decode().splitlines()

    yield log_of
    functions.delete_function(FunctionName=name)


def test_a_log_has_every_line_of_its_invocation_and_none_of_another(invoke: Invoke) -> None:
    assert invoke(lines=MANY)[-1] == f"line {MANY - 1}"
    assert invoke(lines=2) == ["line 0", "line 1"]
    assert invoke() == []


def test_a_log_may_end_within_a_line(invoke: Invoke) -> None:
    assert invoke(lines=1, unended="and then") == ["line 0", "and then"]


@pytest.mark.parametrize("end", [{"dies": True}, {"hangs": 60}], ids=["dies", "has no time left"])
def test_a_function_that_dies_or_has_no_time_left_leaves_its_log(invoke: Invoke, end: dict[str, Any]) -> None:
    assert invoke(lines=1, **end)[0] == "line 0"
    assert invoke(lines=1) == ["line 0"]
