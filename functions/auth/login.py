"""POST /login"""

from http import HTTPStatus

from auth.cognito import TokensView, UserPool
from auth.credentials import Login, Password
from shared.body import Body
from shared.contract import Contract, contract
from shared.http import Request, Response, operation
from shared.problems import HostedLoginRequiredError, NotConfirmedError, WrongCredentialsError

users = UserPool.of_stage()


class LoginBody(Body):
    """Login, or e-mail address, and password."""

    login: Login
    password: Password


@operation
@contract(
    Contract(
        takes=LoginBody, gives=TokensView, refuses=(WrongCredentialsError, NotConfirmedError, HostedLoginRequiredError)
    )
)
def handler(request: Request) -> Response:
    """Sign in by login and password. One request to Cognito.

    `login` may be the e-mail address; upper and lower case are the same in both. An unknown login and a wrong password
    are answered alike. `token` is the access token to send as `Authorization: Bearer …`.
    """
    body = LoginBody.of(request)
    return Response(HTTPStatus.OK, users.sign_in(body.login, body.password))
