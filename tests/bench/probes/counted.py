"""A function as it is, that after its first answer has what was counted until then written down.

Valgrind does so for each process at its end. A fork of the process takes its counts along, and ends at once; so one
run tells what a start costs and what the requests after it do. It imports nothing that isn't there already.
"""

import importlib
import os

real = importlib.import_module(os.environ["BENCH_MODULE"]).handler
answered = 0


def handler(event: object, context: object) -> object:
    """Have the function answer."""
    global answered  # noqa: PLW0603 - one process, one function
    if answered == 1:
        if (fork := os.fork()) == 0:
            os._exit(0)
        os.waitpid(fork, 0)
    answered += 1
    return real(event, context)
