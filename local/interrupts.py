"""How programs that run until they are ended are ended."""

import signal
from types import FrameType


def end_by_signals() -> None:
    """Have Ctrl-C and SIGTERM raise KeyboardInterrupt.

    SIGINT too: where a shell starts a program in the background, it would be ignored.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
