"""Ends programs that run until they get a signal."""

import signal
from types import FrameType


def end_by_signals() -> None:
    """Make Ctrl-C and SIGTERM raise KeyboardInterrupt.

    SIGINT too: a program that a shell starts in the background would ignore it.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
