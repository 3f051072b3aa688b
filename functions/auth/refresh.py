"""POST /refresh"""

from http import HTTPStatus

from pydantic import ConfigDict

from auth.cognito import TOKENS, TokensView, UserPool
from auth.credentials import RefreshToken
from auth.fresh_tokens import session_of
from auth.sessions import SessionTable
from shared import examples
from shared.body import Body, read_body
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from shared.problems import InvalidRefreshTokenError

users = UserPool.of_stage()
sessions = SessionTable.of_stage()


class RefreshBody(Body):
    """The refresh token from signing in, or from the previous refresh."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refreshToken": examples.TOKEN}]})

    refreshToken: RefreshToken


@public_operation
@interface(Interface(takes=RefreshBody, gives=TokensView, example=TOKENS, refuses=(InvalidRefreshTokenError,)))
def handler(request: Request) -> Response:
    """Issue new tokens, unless the session has ended. One request to Cognito, one read.

    Each refresh token works once; the answer has the next one.
    """
    tokens = users.refresh(read_body(request, RefreshBody).refreshToken)
    if not sessions.may_be_refreshed(session_of(tokens["token"])):
        raise InvalidRefreshTokenError
    return Response(HTTPStatus.OK, tokens)
