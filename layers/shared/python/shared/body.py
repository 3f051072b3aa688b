"""Request bodies as pydantic models; what is wrong with one is said field by field."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from shared.http import Request
from shared.problems import FieldError, ValidationFailedError

_REQUIRED = "is required"
_UNKNOWN = "is not a field of this operation; leave it out"


class Body(BaseModel):
    """A request body. Types are strict (no text for a number), and unknown fields are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def of(cls, request: Request) -> Self:
        """The body of `request`. Raises what of_object and Request.json_object raise."""
        return cls.of_object(request.json_object())

    @classmethod
    def of_object(cls, value: Mapping[str, object]) -> Self:
        """The body that the JSON object `value` says. Raises ValidationFailedError, naming each field with its fix."""
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise ValidationFailedError(field_errors(error)) from None


def field_errors(error: ValidationError) -> list[FieldError]:
    """What pydantic found, in our words; never the value itself, which may be a password."""
    errors: list[FieldError] = []
    for detail in error.errors(include_url=False, include_input=False, include_context=True):
        match detail["type"]:
            case "missing":
                message = _REQUIRED
            case "extra_forbidden":
                message = _UNKNOWN
            case "value_error":
                message = str(detail["ctx"]["error"])
            case _:
                message = detail["msg"][0].lower() + detail["msg"][1:]
        errors.append({"field": ".".join(str(part) for part in detail["loc"]), "message": message})
    return errors
