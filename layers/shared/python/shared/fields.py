"""What the fields of request bodies and events may be: read when a function runs, and said in the contract.

A field's annotation is its type, with a rule where the type alone says too little:
`Annotated[str, Text(max_length=500)] | None`. A rule reads one JSON value, and refuses it in a sentence that names the
fix and never repeats the value, which may be a password.

Loading pydantic takes a third of a function's start (docs/decisions/0019). So it makes the contract of these
annotations (infra/openapi_schemas.py), and the tests hold what is read here against that.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args, get_origin

_MOST_DIGITS = 18


class Rule(ABC):
    """What a field may be."""

    @abstractmethod
    def read(self, value: object) -> object:
        """`value`, out of JSON (shared/wire.py), as the field's type.

        Raises ValueError with a sentence for the client.
        """

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The same as a JSON Schema."""

    def __get_pydantic_json_schema__(self, _schema: object, _schema_of: object) -> dict[str, Any]:
        """What pydantic asks, where it makes the contract."""
        return self.schema()


class Text(Rule):
    """Text. `says` is the sentence for one that does not match `pattern`; `strip` takes blanks off its ends first."""

    def __init__(
        self,
        *,
        pattern: str | None = None,
        says: str = "",
        min_length: int = 0,
        max_length: int | None = None,
        strip: bool = False,
    ) -> None:
        self._pattern = pattern
        self._says = says or f"must match {pattern}"
        self._min_length = min_length
        self._max_length = max_length
        self._strip = strip

    def read(self, value: object) -> str:
        """The text."""
        if not isinstance(value, str):
            raise ValueError("must be text")  # noqa: TRY004 - a ValueError is what the client is told
        text = value.strip() if self._strip else value
        if len(text) < self._min_length:
            raise ValueError(f"must have at least {self._min_length} characters")
        if self._max_length is not None and len(text) > self._max_length:
            raise ValueError(f"must have at most {self._max_length} characters")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("must be well-formed Unicode") from None
        if self._pattern is not None and not re.fullmatch(self._pattern, text):
            raise ValueError(self._says)
        return text

    def schema(self) -> dict[str, Any]:
        """Its length and pattern."""
        said = {"minLength": self._min_length or None, "maxLength": self._max_length, "pattern": self._pattern}
        return {"type": "string", **{name: value for name, value in said.items() if value is not None}}


class Whole(Rule):
    """A whole number from `at_least` to `at_most`; 3.0 is one, as it is to JSON Schema."""

    def __init__(self, at_least: int | None = None, at_most: int | None = None, *, description: str = "") -> None:
        self._at_least = at_least
        self._at_most = at_most
        self._description = description

    def read(self, value: object) -> int:
        """The number."""
        number = _whole(value)
        if number is None or not self._is_within(number):
            bounds = f" from {self._at_least} to {self._at_most}" if self._at_most is not None else ""
            raise ValueError(f"must be a whole number{bounds}")
        return number

    def _is_within(self, number: int) -> bool:
        return (self._at_least is None or number >= self._at_least) and (
            self._at_most is None or number <= self._at_most
        )

    def schema(self) -> dict[str, Any]:
        """Its bounds."""
        said = {"minimum": self._at_least, "maximum": self._at_most, "description": self._description or None}
        return {"type": "integer", **{name: value for name, value in said.items() if value is not None}}


class Number(Rule):
    """A number, exact. Money without decimal places (1250 JPY) is an int in JSON, but a Decimal to us."""

    def read(self, value: object) -> Decimal:
        """The number."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError("must be a number")  # noqa: TRY004 - a ValueError is what the client is told
        return Decimal(value)

    def schema(self) -> dict[str, Any]:
        """Any number."""
        return {"type": "number"}


class Flag(Rule):
    """True or false."""

    def read(self, value: object) -> bool:
        """The flag."""
        if not isinstance(value, bool):
            raise ValueError("must be true or false")  # noqa: TRY004 - a ValueError is what the client is told
        return value

    def schema(self) -> dict[str, Any]:
        """A boolean."""
        return {"type": "boolean"}


class OneOf(Rule):
    """One of some words."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def read(self, value: object) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self._words:
            raise ValueError(f"must be one of {', '.join(self._words)}")
        return value

    def schema(self) -> dict[str, Any]:
        """The words."""
        return {"type": "string", "enum": list(self._words)}


class Nullable(Rule):
    """What `rule` takes, or null."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def read(self, value: object) -> object:
        """The value, or None."""
        return None if value is None else self._rule.read(value)

    def schema(self) -> dict[str, Any]:
        """Either."""
        return {"anyOf": [self._rule.schema(), {"type": "null"}]}


_PLAIN: Mapping[object, Rule] = {str: Text(), int: Whole(), bool: Flag(), Decimal: Number()}


def rules_of(shape: type) -> dict[str, Rule]:
    """The rules of the fields that the class `shape` annotates, by name."""
    return {name: _rule_of(annotation) for name, annotation in shape.__annotations__.items()}


def _rule_of(annotation: Any) -> Rule:
    """The rule that an annotation says. Raises KeyError for a type that no field may have."""
    origin = get_origin(annotation)
    if origin is Annotated:
        typed, *notes = get_args(annotation)
        return next((note for note in notes if isinstance(note, Rule)), None) or _rule_of(typed)
    if origin is Literal:
        return OneOf(*get_args(annotation))
    if origin is None:
        return _PLAIN[annotation]
    (typed,) = [member for member in get_args(annotation) if member is not type(None)]
    return Nullable(_rule_of(typed))


def _whole(value: object) -> int | None:
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    # A number with a huge exponent is not written out to find that it is too large.
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() >= _MOST_DIGITS:
        return None
    return int(value) if value == value.to_integral_value() else None
