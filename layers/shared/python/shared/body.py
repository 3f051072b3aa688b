"""Request bodies: pydantic models. Errors are reported field by field, and never repeat the value."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError, WrapValidator

from shared.http import Request
from shared.problems import FieldError, ValidationFailedError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Body(BaseModel):
    """A request body: a JSON object with the fields of a subclass, and no others."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


def read_body[Model: BaseModel](request: Request, model: type[Model]) -> Model:
    """The body of `request` as a Body, or as a RootModel of several with a discriminator field.

    Raises ValidationFailedError, naming each field with its fix, and what Request.json_object raises.
    """
    said = request.json_object()
    try:
        return model.model_validate(said)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    # Errors within one of several models begin with its discriminator.
    above = 1 if issubclass(model, RootModel) else 0
    raise ValidationFailedError([_field_error(each, above) for each in found])


def says(sentence: str) -> WrapValidator:
    """Set the error text of a field, for any wrong value: `Annotated[str, Field(pattern=…), says("must …")]`.

    For errors that no general sentence can explain, such as the meaning of a pattern.
    """

    def validated(value: Any, read: Callable[[Any], Any]) -> Any:
        try:
            return read(value)
        except ValidationError:
            raise ValueError(sentence) from None

    return WrapValidator(validated)


def _field_error(error: "ErrorDetails", above: int) -> FieldError:
    context = error.get("ctx", {})
    field = ".".join(map(str, error["loc"][above:])) or context.get("discriminator", "").strip("'")
    return {"field": field, "message": _SENTENCES.get(error["type"], "can't be accepted").format(**context)}


_SENTENCES = {
    "missing": "is required",
    "union_tag_not_found": "is required",
    "union_tag_invalid": "must be one of {expected_tags}",
    "literal_error": "must be {expected}",
    "extra_forbidden": "is not a field of this operation; leave it out",
    "value_error": "{error}",
    "string_type": "must be text",
    "string_unicode": "must be well-formed Unicode",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
"""What to do about each error: https://docs.pydantic.dev/latest/errors/validation_errors/."""
