"""Request bodies; what is wrong with one is said field by field."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from shared.fields import Rule, rules_of
from shared.http import Request
from shared.problems import FieldError, ValidationFailedError


class Body:
    """A request body: a JSON object with the fields that a subclass annotates, and no others.

    What a subclass gives a value may be left out, and has that value then.
    """

    _rules: ClassVar[Mapping[str, Rule]]

    def __init_subclass__(cls) -> None:
        """Read the annotations once."""
        cls._rules = rules_of(cls)

    @classmethod
    def of(cls, request: Request) -> Self:
        """The body of `request`. Raises what of_object and Request.json_object raise."""
        return cls.of_object(request.json_object())

    @classmethod
    def of_object(cls, said: Mapping[str, object]) -> Self:
        """The body that the JSON object `said` is. Raises ValidationFailedError, naming each field with its fix."""
        body = cls()
        errors: list[FieldError] = []
        for name, rule in cls._rules.items():
            if name in said:
                try:
                    setattr(body, name, rule.read(said[name]))
                except ValueError as error:
                    errors.append({"field": name, "message": str(error)})
            elif not hasattr(cls, name):
                errors.append({"field": name, "message": "is required"})
        errors += [
            {"field": name, "message": "is not a field of this operation; leave it out"}
            for name in said
            if name not in cls._rules
        ]
        if errors:
            raise ValidationFailedError(errors)
        return body

    def given(self) -> dict[str, Any]:
        """The fields that the client sent, null included."""
        return {**vars(self)}
