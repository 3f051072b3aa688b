"""Items of dataclasses: an attribute for each field, called by the field's name in camelCase. Tables add the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

type FromText = Callable[[str], Any]


class ItemShape[T: DataclassInstance]:
    """How things of one dataclass are written and read. A field that is None has no attribute.

    Fields hold what DynamoDB can: str, int, bool. Others are named with what makes them of text, such as `state=State`;
    they are stored as that text.
    """

    def __init__(self, kind: type[T], /, **from_text: FromText) -> None:
        self._kind = kind
        names = [field.name for field in fields(kind)]
        optional = {field.name for field in fields(kind) if "None" in str(field.type)}
        self._values = attrgetter(*names)
        self._attributes = [(_camel_case(name), name not in optional) for name in names]
        self._from_text = [(names.index(name), convert) for name, convert in from_text.items()]

    def attributes(self, thing: T) -> dict[str, Any]:
        """The attributes of a thing."""
        values = list(self._values(thing))
        for position, _ in self._from_text:
            values[position] = None if values[position] is None else str(values[position])
        return dict(zip((name for name, _ in self._attributes), values, strict=True))

    def thing(self, item: dict[str, Any]) -> T:
        """What the attributes of an item say; keys are passed over. Raises KeyError when one is missing."""
        values: list[Any] = [item[name] if required else item.get(name) for name, required in self._attributes]
        for position, convert in self._from_text:
            values[position] = None if values[position] is None else convert(values[position])
        return self._kind(*values)


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
