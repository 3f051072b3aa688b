"""The one id maker."""

import os
import time
import uuid

_RANDOM_BITS = 74


def new_id() -> str:
    """A UUID version 7 (RFC 9562, section 5.7): unique, and later ids sort after earlier ones.

    The standard library has it from Python 3.14 on.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10)) & ((1 << _RANDOM_BITS) - 1)
    high, low = random >> 62, random & ((1 << 62) - 1)
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low))


def is_id(text: str) -> bool:
    """Whether `text` is written the way new_id writes ids: a lower-case UUID with hyphens."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
