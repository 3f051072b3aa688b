"""GET /oauth2/authorize, POST /oauth2/token: where the hosted login of this stage is."""

from http import HTTPStatus
from urllib.parse import urlencode

from shared import environment
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface

hosted_login = environment.hosted_login()


@public_operation
@interface(
    Interface(
        status=HTTPStatus.TEMPORARY_REDIRECT, headers={"location": "The same address at the hosted login of this stage"}
    )
)
def handler(request: Request) -> Response:
    """Redirect to the hosted login.

    This document, which is the same on every stage, can thus name the OAuth 2 addresses (authorization code with PKCE).
    The redirect keeps method, query and body.
    """
    endpoint = request.path.rpartition("/")[2]
    query = f"?{urlencode(request.query)}" if request.query else ""
    return Response(HTTPStatus.TEMPORARY_REDIRECT, headers={"location": f"{hosted_login}/oauth2/{endpoint}{query}"})
