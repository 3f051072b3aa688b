"""POST /refresh"""

from http import HTTPStatus

from auth.cognito import TokensView, UserPool
from auth.credentials import RefreshToken
from auth.fresh_tokens import session_of
from auth.sessions import SessionTable
from shared.body import Body
from shared.contract import Contract, contract
from shared.http import Request, Response, operation
from shared.problems import InvalidRefreshTokenError

users = UserPool.of_stage()
sessions = SessionTable.of_stage()


class RefreshBody(Body):
    """The refresh token that signing in, or the refresh before, gave."""

    refreshToken: RefreshToken


@operation
@contract(Contract(takes=RefreshBody, gives=TokensView, refuses=(InvalidRefreshTokenError,)))
def handler(request: Request) -> Response:
    """New tokens, unless the session has ended. One request to Cognito, one read.

    The refresh token is used up; the answer has the next one.
    """
    tokens = users.refresh(RefreshBody.of(request).refreshToken)
    if sessions.has_ended(session_of(tokens["token"])):
        raise InvalidRefreshTokenError
    return Response(HTTPStatus.OK, tokens)
