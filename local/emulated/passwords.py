"""The characters that a password policy counts: the unpatched emulator counts É as upper case, and ٣ as a digit.

AWS requires letters of Basic Latin
(https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-policies.html).
"""

import re
from collections.abc import Callable
from typing import Any

from ministack.services import cognito


def install() -> None:
    """Make the policy count no others."""
    cognito._password_policy_errors = _in_basic_latin(cognito._password_policy_errors)


def _in_basic_latin(errors: Callable[[dict[str, Any], str], list[str]]) -> Callable[[dict[str, Any], str], list[str]]:
    def handle(pool: dict[str, Any], password: str) -> list[str]:
        return errors(pool, re.sub(r"[^\x00-\x7f]", "\0", password))

    return handle
