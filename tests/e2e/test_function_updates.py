"""A function of the local cloud runs the code that is deployed. In the emulator's own process: the order matters."""

import subprocess

from local.emulator import TOOL
from local.places import PROJECT
from local.tools import environment, install

CODE_BY_CODE = """
import io
import zipfile

from ministack.services import lambda_svc

from local.emulated import current_code

def code(answer):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("answers.py", f"def handler(event, context): return {answer!r}")
    return archive.getvalue()

current_code.install()
arn = "arn:aws:lambda:us-east-1:000000000000:function:answers"
config = {"FunctionArn": arn, "Handler": "answers.handler", "Runtime": "python3.13", "Timeout": 10}
old, new = code("old"), code("new")
for deployed in (new, new, old, new):
    worker, how = lambda_svc.acquire_worker("answers", config, deployed)
    print(how, worker.invoke({}, "a request")["result"])
    worker.in_use = False
worker.kill()
"""
"""The third invocation has read the function's code before its update, and takes a worker after it."""


def test_a_worker_that_was_started_with_old_code_is_started_again() -> None:
    install(TOOL)
    python = environment(TOOL) / "bin" / "python"

    done = subprocess.run(
        [python, "-c", CODE_BY_CODE], env={"PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[:4] == ["spawn new", "reused new", "reused old", "reused new"]
