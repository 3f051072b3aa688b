"""The caller of a request, which the authorizer passes on to operations.

For a token that it rejects, it passes on the reason.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from shared.problems import InvalidTokenError, ProblemError, SessionEndedError, UnauthorizedError

_REFUSED = "refused"
_REFUSALS: Mapping[str, type[ProblemError]] = {
    problem.code: problem for problem in (InvalidTokenError, SessionEndedError)
}


class Caller(NamedTuple):
    """Who is signed in: the profile's id (Cognito's `sub`), the login, and the session."""

    profile_id: str
    login: str
    session_id: str

    @classmethod
    def of_context(cls, context: Mapping[str, Any]) -> Self:
        """The caller in the authorizer's context.

        Raises InvalidTokenError or SessionEndedError if the authorizer rejected the token for that, UnauthorizedError
        without a token or an authorizer.
        """
        if _REFUSED in context:
            raise _REFUSALS.get(context[_REFUSED], UnauthorizedError)
        try:
            return cls(context["profileId"], context["login"], context["sessionId"])
        except KeyError:
            raise UnauthorizedError from None

    def context(self) -> dict[str, str]:
        """The context for of_context to read."""
        return {"profileId": self.profile_id, "login": self.login, "sessionId": self.session_id}


def refusal_context(problem: ProblemError) -> dict[str, str]:
    """The context for a rejected token, for which of_context raises `problem`."""
    return {_REFUSED: problem.code}
