"""The one id maker."""

import time
import uuid

_ALL_BUT_TIME_AND_VERSION = (1 << 76) - 1


def new_id() -> str:
    """A UUID version 7 (RFC 9562, section 5.7): unique, and sorts after the ids of earlier milliseconds.

    It is a random UUID with the milliseconds since 1970 in its first 48 bits. The standard library has it from 3.14 on.
    """
    milliseconds = time.time_ns() // 1_000_000
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | uuid.uuid4().int & _ALL_BUT_TIME_AND_VERSION))
