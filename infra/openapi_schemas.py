"""The schemas of the OpenAPI document, made of the models that contracts name."""

import json
import re
from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAliasType, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model

from infra.json_schemas import ExactNumbers
from shared.body import Body
from shared.contract import Contract
from shared.problems import ProblemDocument

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaMode

_GATEWAY_MESSAGE = {
    "description": "API Gateway's own words, before any code of ours runs.",
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}

type Schema = dict[str, Any]


class Schemas:
    """What each function takes and gives, by its module; `components` holds all that is referred to."""

    def __init__(self, contracts: Mapping[str, Contract]) -> None:
        inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
            ("problem", "serialization", TypeAdapter(ProblemDocument))
        ]
        for module, promised in contracts.items():
            if promised.takes:
                inputs.append((module, "validation", TypeAdapter(_model(promised.takes))))
            if promised.gives not in {None, str}:
                inputs.append((module, "serialization", TypeAdapter(promised.gives)))
            inputs += [(shape.__name__, "serialization", TypeAdapter(shape)) for shape in promised.also.values()]
        found, definitions = TypeAdapter.json_schemas(
            list({key[:2]: key for key in inputs}.values()),
            ref_template="#/components/schemas/{model}",
            schema_generator=ExactNumbers,
        )
        self._found = {key: cast("Schema", _with_our_names(schema)) for key, schema in found.items()}
        self.components: dict[str, Schema] = {
            name: {**schema, "title": name}  # what generators call their classes: OrderPage, not PageView thrice
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

    def given(self, module: str) -> Schema:
        """The body that a function gives."""
        return self._found[module, "serialization"]

    def also(self, shape: type) -> Schema:
        """The body of another answer."""
        return self._found[shape.__name__, "serialization"]


def may_be_left_out(body: Any) -> bool:
    """Whether an operation that takes `body` is content with none, which it reads as `{}`."""
    return all(hasattr(one, field) for one in bodies_of(body) for field in one.__annotations__)


def bodies_of(taken: Any) -> tuple[type[Body], ...]:
    """The bodies that a contract's `takes` stands for: itself, or each of the union that it names."""
    return get_args(taken.__value__) if isinstance(taken, TypeAliasType) else (taken,)


def _model(taken: Any) -> Any:
    """The body, or the bodies that one field tells apart, as pydantic knows them; of their rules it makes schemas."""
    models = [_model_of(body) for body in bodies_of(taken)]
    if not isinstance(taken, TypeAliasType):
        return models[0]
    told_apart_by = next(name for name, field in models[0].model_fields.items() if _is_literal(field.annotation))
    return TypeAliasType(taken.__name__, Annotated[reduce(or_, models), Field(discriminator=told_apart_by)])


def _model_of(body: type[Body]) -> type[BaseModel]:
    fields: dict[str, Any] = {name: (said, getattr(body, name, ...)) for name, said in body.__annotations__.items()}
    return create_model(body.__name__, __config__=ConfigDict(extra="forbid"), __doc__=body.__doc__, **fields)


def _is_literal(annotation: object) -> bool:
    return get_origin(annotation) is Literal


def _with_our_names(schema: Any) -> Any:
    """`PageView[OrderView]` is called OrderPage."""
    return json.loads(re.sub(r"PageView_(\w+?)View_", r"\1Page", json.dumps(schema)))
