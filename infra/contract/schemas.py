"""The schemas of the OpenAPI document, generated from the models that interfaces name."""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter, ValidationError

from infra.contract.json_schemas import ExactNumbers
from infra.contract.schema_changes import variants
from shared.interface import Interface
from shared.problems import ProblemDocument

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode

_GATEWAY_MESSAGE = {
    "description": "API Gateway's own answer, before any of our code runs.",
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}

type Schema = dict[str, Any]


class Schemas:
    """The input and output of each function, by its module; `components` holds all referenced schemas."""

    def __init__(self, interfaces: Mapping[str, Interface]) -> None:
        inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
            ("problem", "serialization", TypeAdapter(ProblemDocument))
        ]
        for module, promised in interfaces.items():
            if promised.takes:
                inputs.append((module, "validation", TypeAdapter(promised.takes)))
            if promised.gives not in {None, str}:
                inputs.append((module, "serialization", TypeAdapter(promised.gives)))
            inputs += [
                (answer.shape.__name__, "serialization", TypeAdapter(answer.shape)) for answer in promised.also.values()
            ]
        found, definitions = TypeAdapter.json_schemas(
            list({key[:2]: key for key in inputs}.values()),
            ref_template="#/components/schemas/{model}",
            schema_generator=ExactNumbers,
        )
        self._found = {key: cast("Schema", _with_our_names(schema)) for key, schema in found.items()}
        self.components: dict[str, Schema] = {
            name: {**schema, "title": name}  # generators name their classes by it: OrderPage, not PageView three times
            for name, schema in _with_our_names(definitions.get("$defs", {})).items()
        }
        self.components["GatewayMessage"] = _GATEWAY_MESSAGE

    @property
    def problem(self) -> Schema:
        """A problem document."""
        return self._found["problem", "serialization"]

    def taken(self, module: str) -> Schema:
        """The body that a function takes."""
        return self._found[module, "validation"]

    def examples(self, module: str) -> Schema:
        """The examples of that body, by number: of its model, or of all its alternatives."""
        models = variants(self.taken(module), {"components": {"schemas": self.components}})
        shown = [(model["description"], example) for model in models for example in model.get("examples", [])]
        return {str(number): {"summary": says, "value": value} for number, (says, value) in enumerate(shown, start=1)}

    def given(self, module: str) -> Schema:
        """The body that a function returns."""
        return self._found[module, "serialization"]

    def also(self, shape: type) -> Schema:
        """The body of another answer."""
        return self._found[shape.__name__, "serialization"]


def may_be_left_out(body: "type[BaseModel]") -> bool:
    """Whether `body` is optional: the operation reads a missing one as `{}`."""
    try:
        body.model_validate({})
    except ValidationError:
        return False
    return True


def _with_our_names(schema: Any) -> Any:
    """`PageView[OrderView]` is called OrderPage."""
    return json.loads(re.sub(r"PageView_(\w+?)View_", r"\1Page", json.dumps(schema)))
