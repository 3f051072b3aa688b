"""What users sign up and in with, as fields of request bodies. Never logged."""

from typing import Annotated

from pydantic import Field

from shared.body import says
from shared.text import MISLEADING

_PASSWORD_POLICY = ("[a-z]", "[A-Z]", "[0-9]", r"[\^$*.\[\]{}()?\-\"!@#%&/\\,><':;|_~`+=]")
"""The pool's own rule, which it enforces itself; the contract states it beforehand."""

NewLogin = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9._-]{3,64}$"),
    says("must be 3 to 64 letters, digits, dots, underscores or hyphens"),
]
"""A login to register: without @, so that it can't be taken for an e-mail address."""

Login = Annotated[
    str, Field(min_length=1, max_length=128), says("must be a login or e-mail address of at most 128 characters")
]
Email = Annotated[
    str,
    Field(max_length=254, pattern=rf"^[^@\s{MISLEADING}]{{1,64}}@[^@\s{MISLEADING}]+\.[^@\s{MISLEADING}.]+$"),
    says("must be an e-mail address of at most 254 characters"),
]
NewPassword = Annotated[
    str,
    Field(
        max_length=256,
        pattern=r"^\S(.*\S)?$",
        json_schema_extra={"minLength": 8, "allOf": [{"pattern": pattern} for pattern in _PASSWORD_POLICY]},
    ),
    says("must be one line of at most 256 characters, without a blank at its ends"),
]
"""A password to register (Cognito's PasswordType)."""

Password = Annotated[str, Field(min_length=1, max_length=256), says("must be a password of at most 256 characters")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$"), says("must be the code that was sent")]
RefreshToken = Annotated[
    str, Field(max_length=8192, pattern=r"^[A-Za-z0-9._=-]+$"), says("must be a refresh token that signing in gave")
]
