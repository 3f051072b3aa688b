"""Text with a format that the contract names (JSON Schema's `format`). Costs a running function nothing.

pydantic has types for it, and functions start without pydantic (docs/decisions/0019).
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
