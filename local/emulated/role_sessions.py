"""Sessions of functions' roles, registered one at a time.

Whenever a worker of a function starts, the emulator registers a session of the function's role, and looks through all
sessions for expired ones as it does. When two workers start at the same moment, it finds the sessions changed in the
midst of that (`dictionary changed size during iteration`); the invocation fails with 502, and every other worker of the
function is ended, whatever it is doing.
"""

import threading
from typing import Any

from ministack.services import sts

_one_at_a_time = threading.Lock()


def install() -> None:
    """Have them wait for each other."""
    register = sts.register_session

    def register_alone(access_key: str, session: dict[str, Any]) -> None:
        with _one_at_a_time:
            register(access_key, session)

    sts.register_session = register_alone
