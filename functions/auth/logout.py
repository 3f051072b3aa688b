"""POST /logout"""

from http import HTTPStatus

from pydantic import ConfigDict

from auth.cognito import UserPool, sign_out_everywhere
from auth.credentials import RefreshToken
from auth.sessions import SessionTable
from shared import environment, examples
from shared.body import Body, read_body
from shared.http import Request, Response, operation
from shared.interface import Interface, interface

users = UserPool.of_stage()
sessions = SessionTable.of_stage()
user_pool_id = environment.required("USER_POOL_ID")


class LogoutBody(Body):
    """What to end besides this session's access tokens."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{}, {"everywhere": True, "refreshToken": examples.TOKEN}]}
    )

    everywhere: bool = False
    refreshToken: RefreshToken | None = None


@operation
@interface(Interface(takes=LogoutBody, status=HTTPStatus.NO_CONTENT))
def handler(request: Request) -> Response:
    """End this session, or all of the user's, at once. One read, one write; also revokes refresh tokens at Cognito.

    The very next request with the session's tokens is rejected. A refresh token in the body is revoked; with
    `everywhere`, all of the user's are.
    """
    caller, body = request.caller, read_body(request, LogoutBody)
    # The row comes first: from then on the authorizer rejects the tokens, even if the rest fails.
    if body.everywhere:
        sessions.end_all(caller.profile_id)
        sign_out_everywhere(user_pool_id, caller.login)
    else:
        sessions.end(caller.profile_id, caller.session_id)
    if body.refreshToken:
        users.revoke(body.refreshToken)
    return Response(HTTPStatus.NO_CONTENT)
