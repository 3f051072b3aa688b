"""GET, POST, PATCH /auth/istio/{proxy+}: the question that a gateway asks about a request before it lets it pass.

Envoy asks by its ext_authz HTTP service, nginx by auth_request; both copy the answer's headers to the upstream.
"""

from http import HTTPStatus

from auth.sessions import SessionTable
from auth.tokens import InvalidTokenError, TokenVerifier, bearer_token
from shared.contract import Contract, PathParameter, contract
from shared.http import Request, Response, operation
from shared.problems import SessionEndedError, UnauthorizedError

verifier = TokenVerifier.of_stage()
sessions = SessionTable.of_stage()


@operation
@contract(
    Contract(
        path={"proxy": PathParameter("The path of the original request, which does not matter", "api/v1/orders")},
        refuses=(UnauthorizedError, SessionEndedError),
        headers={"x-profile-id": "Whose the token is", "x-user-login": "The login of that user"},
    )
)
def handler(request: Request) -> Response:
    """Who the original request is from. One read.

    The question that a gateway asks before it lets a request pass (Envoy ext_authz over HTTP, nginx auth_request); the
    path after /auth/istio is the original one, and does not matter. 200 with `x-profile-id` and `x-user-login`, 401
    without a valid access token, 403 when its session has ended.
    """
    token = bearer_token(request.headers.get("authorization"))
    if token is None:
        raise UnauthorizedError
    try:
        session = verifier.session(token)
    except InvalidTokenError:
        raise UnauthorizedError from None
    if sessions.has_ended(session):
        raise SessionEndedError
    return Response(HTTPStatus.OK, headers={"x-profile-id": session.profile_id, "x-user-login": session.login})
