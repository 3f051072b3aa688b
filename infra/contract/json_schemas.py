"""JSON Schemas of HTTP bodies and of events.

`python -m infra.contract.json_schemas` writes those of the events to docs/events/.
"""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from shared import events

EVENTS = Path(__file__).parent.parent.parent / "docs/events"


class ExactNumbers(GenerateJsonSchema):
    """JSON Schema as we write JSON: a Decimal is a number."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:  # noqa: ARG002 - pydantic's own
        """Money, in major units."""
        return {"type": "number"}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's own
        """No titles that only repeat the field's name."""
        return False


def event_schemas() -> dict[str, dict[str, Any]]:
    """The schema of each event's detail, by file name. Consumers ignore unknown fields."""
    return {
        f"{event.name()}.v{events.VERSION}.json": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "x-producer": event.producer,
            **event.model_json_schema(schema_generator=ExactNumbers),
        }
        for event in events.EVENTS
    }


def text(document: dict[str, Any]) -> str:
    """A schema, or a document with schemas, as committed; amounts in examples are Decimals."""
    return json.dumps(document, indent=2, ensure_ascii=False, default=float) + "\n"


if __name__ == "__main__":
    EVENTS.mkdir(parents=True, exist_ok=True)
    for file_name, schema in event_schemas().items():
        (EVENTS / file_name).write_text(text(schema))
