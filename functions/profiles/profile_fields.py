"""The fields of a profile that its owner may set, as fields of request bodies."""

from typing import Annotated

from shared.body import Body
from shared.fields import Text, Whole

FullName = Annotated[
    str,
    Text(
        strip=True,
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f]*$",
        says="must be one line, without control characters",
    ),
]
Age = Annotated[int, Whole(0, 150, description="Whole years")]


class ProfileBody(Body):
    """The owner's own data; each may be left out, and null means unset."""

    fullName: FullName | None = None
    age: Age | None = None
