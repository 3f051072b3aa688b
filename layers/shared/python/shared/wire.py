"""JSON as it goes over the wire: numbers stay exact in both directions.

The standard library can read them exactly, but can't write a Decimal as a number. simplejson can, at 5 % of a
function's start-up time; the writer below is a dozen lines (docs/decisions/0004).
"""

import json
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Never

_WORDS = {None: "null", True: "true", False: "false"}
_LONGEST_NAME = 64


class RepeatedNameError(ValueError):
    """A name occurs twice in one object. The message has it escaped and cut, since it may be a client's text."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {encode_basestring_ascii(name[:_LONGEST_NAME])} occurs twice in one object")


def read_json(text: str | bytes) -> object:
    """Parse JSON; numbers with a fraction or exponent become Decimal, never float.

    Raises RepeatedNameError for a name that occurs twice in one object: some readers take the first, others the last
    (RFC 8259, section 4). Raises ValueError for malformed text, NaN, Infinity, nesting too deep to parse, and exponents
    out of range.
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except (RecursionError, ArithmeticError):
        raise ValueError("nested too deeply, or a number beyond all bounds") from None


def write_json(value: object) -> str:
    """Compact JSON. A Decimal is written digit for digit, so money keeps its places (`12.50`).

    Raises TypeError for anything that is not a dict with str keys, list, tuple, str, int, bool, None or Decimal;
    a float is refused, since money must not pass through one.
    """
    # Most values, and quicker than by matching.
    if type(value) is str:
        return encode_basestring_ascii(value)
    if type(value) is int:
        return str(value)
    if value is None or value is True or value is False:
        return _WORDS[value]
    match value:
        case dict():
            members = [f"{encode_basestring_ascii(name)}:{write_json(member)}" for name, member in value.items()]
            return "{" + ",".join(members) + "}"
        case int():
            return str(int(value))
        case Decimal() if value.is_finite():
            return format(value, "f")
        case str():
            return encode_basestring_ascii(value)
        case list() | tuple():
            return "[" + ",".join([write_json(member) for member in value]) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no exact JSON form")


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) < len(members):
        _refuse_repeated([name for name, _ in members])
    return found


def _refuse_repeated(names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:  # pragma: no branch - one of them does repeat
        if name in seen:
            raise RepeatedNameError(name)
        seen.add(name)


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")
