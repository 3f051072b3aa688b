"""POST /login"""

from http import HTTPStatus

from pydantic import ConfigDict

from auth.cognito import TOKENS, TokensView, UserPool
from auth.credentials import Login, Password
from shared import examples, metrics
from shared.body import Body, read_body
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from shared.metrics import Metric
from shared.problems import HostedLoginRequiredError, NotConfirmedError, WrongCredentialsError

users = UserPool.of_stage()


class LoginBody(Body):
    """Login, or e-mail address, and password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"login": "ada", "password": examples.PASSWORD},
                {"login": "ada@example.com", "password": examples.PASSWORD},
            ]
        }
    )

    login: Login
    password: Password


@public_operation
@interface(
    Interface(
        takes=LoginBody,
        gives=TokensView,
        example=TOKENS,
        refuses=(WrongCredentialsError, NotConfirmedError, HostedLoginRequiredError),
    )
)
def handler(request: Request) -> Response:
    """Sign in with login and password. One request to Cognito.

    `login` may be the e-mail address; case does not matter in either. An unknown login and a wrong password get the
    same answer. `token` is the access token to send as `Authorization: Bearer …`.
    """
    body = read_body(request, LoginBody)
    try:
        tokens = users.sign_in(body.login, body.password)
    except WrongCredentialsError:
        metrics.publish({Metric.SIGN_INS_REFUSED: 1})
        raise
    return Response(HTTPStatus.OK, tokens)
