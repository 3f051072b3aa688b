"""Sessions of functions' roles, registered one at a time.

Whenever a worker of a function starts, the emulator registers a session of the function's role, and iterates over all
sessions to remove expired ones. If two workers start at the same moment, the sessions change during the iteration
(`dictionary changed size during iteration`); the invocation fails with 502, and all other workers of the function are
ended in the middle of their work.
"""

import threading
from typing import Any

from ministack.services import sts

_one_at_a_time = threading.Lock()


def install() -> None:
    """Make them wait for each other."""
    register = sts.register_session

    def register_alone(access_key: str, session: dict[str, Any]) -> None:
        with _one_at_a_time:
            register(access_key, session)

    sts.register_session = register_alone
