"""Renews state in each copy of a function that starts from a snapshot (Lambda SnapStart).

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from collections.abc import Callable

from shared import environment


def in_each_copy(renew: Callable[[], None]) -> None:
    """Call `renew` in each copy before its first request; never when starts are not recorded."""
    if environment.starts_from_snapshot():
        from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - Lambda's own, and only there

        register_after_restore(renew)
