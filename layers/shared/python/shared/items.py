"""Dataclasses as items: one attribute per field, with the field's name in camelCase. Tables add the keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

type FromText = Callable[[str], Any]


class ItemShape[T: DataclassInstance]:
    """Writes and reads objects of one dataclass. A field that is None has no attribute.

    Fields of type str, int and bool are stored as they are. Name each other field with a function that reads it from
    text, such as `state=State`; it is stored as text.
    """

    def __init__(self, kind: type[T], /, **from_text: FromText) -> None:
        self._kind = kind
        names = [field.name for field in fields(kind)]
        optional = {field.name for field in fields(kind) if "None" in str(field.type)}
        self._fields, self._attributes = names, [_camel_case(name) for name in names]
        self._values = attrgetter(*names)
        self._from_text = {_camel_case(name): (name, convert) for name, convert in from_text.items()}
        self._required = [name for name in names if name not in optional]
        self._of_required = itemgetter(*map(_camel_case, self._required))
        self._optional = {name: _camel_case(name) for name in optional}

    def attributes(self, thing: T) -> dict[str, Any]:
        """The attributes of an object."""
        item = dict(zip(self._attributes, self._values(thing), strict=True))
        for attribute in self._from_text:
            if item[attribute] is not None:
                item[attribute] = str(item[attribute])
        return item

    def thing(self, item: dict[str, Any]) -> T:
        """The object in an item's attributes; ignores keys. Raises KeyError when an attribute is missing."""
        values = dict(zip(self._required, self._of_required(item), strict=True))
        for name, attribute in self._optional.items():
            values[name] = item.get(attribute)
        for name, convert in self._from_text.values():
            if values[name] is not None:
                values[name] = convert(values[name])
        return self._kind(**values)


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))
