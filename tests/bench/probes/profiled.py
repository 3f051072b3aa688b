"""A function as it is, its requests but the first under Python's own profiler."""

import cProfile
import importlib
import json
import os
from pathlib import Path
from typing import Any

real = importlib.import_module(os.environ["BENCH_MODULE"]).handler
profiler = cProfile.Profile()
answered = 0


def handler(event: Any, context: object) -> Any:
    """Have the function answer; after the last request write down which functions took how long by themselves."""
    global answered  # noqa: PLW0603 - one process, one function
    answered += 1
    if answered == 1:
        return real(event, context)
    answer = profiler.runcall(real, event, context)
    if answered == 1 + int(os.environ["BENCH_REQUESTS"]):
        taken = sorted(((_name(entry.code), entry.inlinetime) for entry in profiler.getstats()), key=lambda it: -it[1])
        Path(os.environ["BENCH_PROFILE"]).write_text(json.dumps(taken))
    return answer


def _name(code: Any) -> str:
    if isinstance(code, str):
        return code
    return f"{'/'.join(Path(code.co_filename).parts[-2:])}:{code.co_firstlineno} {code.co_qualname}"
