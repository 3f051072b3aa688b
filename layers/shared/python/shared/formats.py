"""Text with a format that the contract names (JSON Schema's `format`). Costs a running function nothing.

Views can't use pydantic's types: handlers that take no body start without pydantic.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any


@dataclass(frozen=True, slots=True)
class Format:
    """Says the format of a text to whoever makes a JSON Schema of it; pydantic calls the method below."""

    name: str

    def __get_pydantic_json_schema__(self, schema: Any, schema_of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return {**schema_of(schema), "format": self.name}


Id = Annotated[str, Format("uuid")]
Timestamp = Annotated[str, Format("date-time")]
