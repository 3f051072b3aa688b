"""The fields of a profile that its owner may set, as fields of request bodies."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.body import Body
from shared.numbers import WHOLE

FullName = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
Age = Annotated[int, Field(strict=True, ge=0, le=150, description="Whole years"), WHOLE]


class ProfileBody(Body):
    """The owner's own data; each may be left out, and null means unset."""

    fullName: FullName | None = None
    age: Age | None = None

    def given(self) -> dict[str, str | int | None]:
        """The fields that the client sent, null included."""
        return self.model_dump(exclude_unset=True)
