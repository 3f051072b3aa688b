"""GET, POST, PATCH /auth/istio/{proxy+}: the check that a gateway makes before it lets a request pass.

Envoy calls it as ext_authz HTTP service, nginx by auth_request; both copy the answer's headers to the upstream.
"""

from http import HTTPStatus

from auth.live_session import live_session
from auth.sessions import SessionTable
from auth.tokens import TokenVerifier
from shared.http import Request, Response, public_operation
from shared.interface import Interface, PathParameter, interface
from shared.problems import InvalidTokenError, SessionEndedError, UnauthorizedError

verifier = TokenVerifier.of_stage()
sessions = SessionTable.of_stage()


@public_operation
@interface(
    Interface(
        path={"proxy": PathParameter("The path of the original request, which does not matter", "api/v1/orders")},
        refuses=(UnauthorizedError, InvalidTokenError, SessionEndedError),
        headers={"x-profile-id": "Whose the token is", "x-user-login": "The login of that user"},
    )
)
def handler(request: Request) -> Response:
    """Identify the caller of the original request. One read.

    A gateway calls this before it lets a request pass (Envoy ext_authz over HTTP, nginx auth_request). The path after
    /auth/istio is the original one, and is ignored. 200 with `x-profile-id` and `x-user-login`, or 401: `code` says
    whether the token is missing, invalid, or from a session that has ended.
    """
    session = live_session(request.headers.get("authorization"), verifier, sessions)
    return Response(HTTPStatus.OK, headers={"x-profile-id": session.profile_id, "x-user-login": session.login})
