"""What users sign up and in with, as fields of request bodies. Never logged."""

from typing import Annotated

from pydantic import Field, StringConstraints

NewLogin = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{3,64}$")]
"""A login to register: without @, so that it can't be taken for an e-mail address."""

Login = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Email = Annotated[
    str, StringConstraints(pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]+$", max_length=254)
]
_POLICY = ["[a-z]", "[A-Z]", "[0-9]", r"[\^$*.\[\]{}()?\-\"!@#%&/\\,><':;|_~`+=]"]
NewPassword = Annotated[
    str,
    StringConstraints(pattern=r"^\S(.*\S)?$", max_length=256),
    Field(json_schema_extra={"minLength": 8, "allOf": [{"pattern": pattern} for pattern in _POLICY]}),
]
"""A password to register: no blank at its ends (Cognito's PasswordType). The pool checks its policy by itself; the
contract tells it beforehand.
"""

Password = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,64}$")]
RefreshToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._=-]+$", max_length=8192)]
