"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable

EVENT_SECONDS = 30
"""How long an event may take to show its effect: half a second, but not where three local clouds run at once."""

_MOST_TOLD = 1_000
"""How many characters of what was found a failure tells: it may be a whole log."""


def until[Found](
    look: Callable[[], Found],
    holds: Callable[[Found], object] = bool,
    *,
    seconds: float = EVENT_SECONDS,
    complaint: Callable[[], str] = lambda: "it did not come to be so",
    between: float = 0.1,
) -> Found:
    """What `look` finds, once that is as it should be; fails the test after `seconds`, with the complaint.

    There are `between` seconds between two looks: each takes from the machine what the awaited needs.
    """
    deadline = time.monotonic() + seconds
    while not holds(found := look()):
        assert time.monotonic() < deadline, f"{complaint()} within {seconds} s, but is: {str(found)[-_MOST_TOLD:]}"
        time.sleep(between)
    return found
