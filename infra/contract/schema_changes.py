"""Compares a JSON Schema with an older one, and names every breaking change.

Both directions are one question: may a value of the narrow schema fail the wide one? What clients send must stay
accepted: the old schema within the new. What they read must stay as promised: the new within the old, no field gone.
Keywords that can't be compared must be equal: a false alarm is better than a missed break.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

type Schema = Mapping[str, Any]

_LOWER = {"minimum", "exclusiveMinimum", "minLength", "minItems"}
_UPPER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems"}
_MUST_EQUAL = ("pattern", "format", "multipleOf", "allOf")


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents to resolve references in: the released one, and the one to be released."""

    released: Schema
    current: Schema


def sent_changes(documents: Documents, released: Schema, current: Schema, where: str) -> list[str]:
    """In which ways a request that fits the released schema may be rejected now."""
    comparison = _Comparison(documents.released, documents.current, fields_may_go=True)
    return list(comparison.outside(released, current, where))


def read_changes(documents: Documents, released: Schema, current: Schema, where: str) -> list[str]:
    """In which ways an answer may no longer fit the released schema."""
    comparison = _Comparison(documents.current, documents.released, fields_may_go=False)
    return list(comparison.outside(current, released, where))


@dataclass(frozen=True, slots=True)
class _Comparison:
    narrow_document: Schema
    wide_document: Schema
    fields_may_go: bool

    def outside(self, narrow: Schema, wide: Schema, where: str) -> Iterator[str]:
        """The ways in which a value of `narrow` may fail `wide`."""
        wide_variants = variants(wide, self.wide_document)
        for variant in variants(narrow, self.narrow_document):
            found = [list(self._variant_outside(variant, other, where)) for other in wide_variants]
            yield from min(found, key=len)

    def _variant_outside(self, narrow: Schema, wide: Schema, where: str) -> Iterator[str]:
        if stray := _types(narrow) - _types(wide):
            yield f"{where}: {_listed(stray)} is not {_listed(_types(wide))}"
            return
        yield from _values_outside(narrow, wide, where)
        yield from _bounds_outside(narrow, wide, where)
        for keyword in _MUST_EQUAL:
            if keyword in wide and narrow.get(keyword) != wide[keyword]:
                yield f"{where}: {keyword} {narrow.get(keyword)!r} is not {wide[keyword]!r}"
        if "items" in wide:
            yield from self.outside(narrow.get("items", {}), wide["items"], f"{where}[]")
        yield from self._fields_outside(narrow, wide, where)

    def _fields_outside(self, narrow: Schema, wide: Schema, where: str) -> Iterator[str]:
        narrow_fields, wide_fields = narrow.get("properties", {}), wide.get("properties", {})
        for name in sorted(set(wide.get("required", [])) - set(narrow.get("required", []))):
            yield f"{where}.{name}: is required on one side alone"
        for name, field in wide_fields.items():
            if name in narrow_fields:
                yield from self.outside(narrow_fields[name], field, f"{where}.{name}")
            elif not self.fields_may_go:
                yield f"{where}.{name}: is gone"
        if wide.get("additionalProperties") is False:
            for name in sorted(narrow_fields.keys() - wide_fields.keys()):
                yield f"{where}.{name}: is not taken any more"


def resolved(thing: Schema, document: Schema) -> Schema:
    """The target of `thing` if it is a reference, else itself."""
    while "$ref" in thing:
        found = document
        for part in thing["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        thing = found
    return thing


def variants(schema: Schema, document: Schema) -> list[Schema]:
    """The schema, or its alternatives; references followed."""
    schema = resolved(schema, document)
    nested = schema.get("anyOf") or schema.get("oneOf")
    return [variant for each in nested for variant in variants(each, document)] if nested else [schema]


def _types(schema: Schema) -> set[str]:
    said = schema.get("type", ["null", "boolean", "object", "array", "number", "string"])
    types = {said} if isinstance(said, str) else set(said)
    return types | {"integer"} if "number" in types else types


def _values_outside(narrow: Schema, wide: Schema, where: str) -> Iterator[str]:
    allowed = _values(wide)
    if allowed is None:
        return
    found = _values(narrow)
    if found is None:
        yield f"{where}: may be anything, not only {_listed(allowed)}"
    elif stray := found - allowed:
        yield f"{where}: {_listed(stray)} is not {_listed(allowed)}"


def _values(schema: Schema) -> set[Any] | None:
    return {schema["const"]} if "const" in schema else set(schema["enum"]) if "enum" in schema else None


def _bounds_outside(narrow: Schema, wide: Schema, where: str) -> Iterator[str]:
    for keyword in sorted((_LOWER | _UPPER) & wide.keys()):
        bound, found = wide[keyword], narrow.get(keyword)
        if found is None or (found < bound if keyword in _LOWER else found > bound):
            yield f"{where}: {keyword} {found} is not within {bound}"


def _listed(values: set[Any]) -> str:
    return " or ".join(sorted(map(str, values)))
