"""What users sign up and in with, as fields of request bodies. Never logged."""

from typing import Annotated, Any

from shared.fields import Text


class PasswordToChoose(Text):
    """A password to register: no blank at its ends (Cognito's PasswordType).

    The pool checks its policy by itself; the contract tells it beforehand.
    """

    _POLICY = ("[a-z]", "[A-Z]", "[0-9]", r"[\^$*.\[\]{}()?\-\"!@#%&/\\,><':;|_~`+=]")

    def schema(self) -> dict[str, Any]:
        """The policy of the pool with it."""
        return {**super().schema(), "minLength": 8, "allOf": [{"pattern": pattern} for pattern in self._POLICY]}


NewLogin = Annotated[
    str,
    Text(pattern=r"^[A-Za-z0-9._-]{3,64}$", says="must be 3 to 64 letters, digits, dots, underscores or hyphens"),
]
"""A login to register: without @, so that it can't be taken for an e-mail address."""

Login = Annotated[str, Text(min_length=1, max_length=128)]
Email = Annotated[
    str,
    Text(
        pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f.]+$",
        says="must be an e-mail address",
        max_length=254,
    ),
]
NewPassword = Annotated[
    str, PasswordToChoose(pattern=r"^\S(.*\S)?$", says="must not begin or end with a blank", max_length=256)
]
Password = Annotated[str, Text(min_length=1, max_length=256)]
Code = Annotated[str, Text(pattern=r"^[0-9A-Za-z-]{1,64}$", says="must be the code that was sent")]
RefreshToken = Annotated[str, Text(pattern=r"^[A-Za-z0-9._=-]+$", says="must be a refresh token", max_length=8192)]
