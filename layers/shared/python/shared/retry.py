"""Optimistic concurrency: a writer that loses the race for an item reads it again and retries."""

import random
import time
from collections.abc import Callable

from shared import metrics
from shared.metrics import Metric
from shared.snapshots import in_each_copy

_ATTEMPTS = 10
_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 0.25

# Copies of one process must not pause equally long, or they collide again.
in_each_copy(random.seed)


class ConflictError(Exception):
    """Another writer changed an item between our read and our write; nothing was written."""


class ThrottledError(ConflictError):
    """The table is too busy; nothing was read or written."""


def on_conflict[Answer](attempt: Callable[[], Answer]) -> Answer:
    """Run `attempt` until it ends without ConflictError, at most 10 times, with full-jitter pauses in between.

    `attempt` must itself read what it decides on, each time. Raises the last ConflictError when every attempt lost.
    """
    for number in range(_ATTEMPTS - 1):
        try:
            return attempt()
        except ConflictError:
            metrics.publish({Metric.CONFLICTS_RETRIED: 1})
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**number)))  # noqa: S311 - not a secret
    return attempt()
