"""POST /register/confirm"""

from http import HTTPStatus

from pydantic import ConfigDict

from auth.cognito import UserPool
from auth.credentials import Code, Login
from shared.body import Body, read_body
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from shared.problems import WrongConfirmationCodeError

users = UserPool.of_stage()


class ConfirmRegistrationBody(Body):
    """The code that was sent to the user's e-mail address."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"login": "ada", "code": "123456"}]})

    login: Login
    code: Code


@public_operation
@interface(
    Interface(takes=ConfirmRegistrationBody, status=HTTPStatus.NO_CONTENT, refuses=(WrongConfirmationCodeError,))
)
def handler(request: Request) -> Response:
    """Confirm the e-mail address, where the stage requires it. One request to Cognito.

    The code was sent when the user registered. An unknown login gets the same answer as a wrong code.
    """
    body = read_body(request, ConfirmRegistrationBody)
    users.confirm_sign_up(body.login, body.code)
    return Response(HTTPStatus.NO_CONTENT)
