"""The fields of a profile that its owner may set, as fields of request bodies."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from shared.body import Body, says
from shared.exact import whole
from shared.text import ONE_LINE

FullName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
    says("must be 1 to 200 characters on one line, without control characters or direction overrides"),
]
Age = Annotated[int, Field(ge=0, le=150, description="Whole years"), whole]


class ProfileBody(Body):
    """The owner's own data; each field is optional, and null means unset."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"fullName": "Ada Lovelace", "age": 36}, {"fullName": "Ada King"}, {"age": None}]
        }
    )

    fullName: FullName | None = None
    age: Age | None = None
