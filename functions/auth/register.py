"""POST /register"""

from http import HTTPStatus
from typing import TypedDict

from auth.cognito import UserPool
from auth.credentials import Email, NewLogin, NewPassword
from shared.body import Body
from shared.contract import Contract, contract
from shared.http import Request, Response, operation
from shared.problems import LoginTakenError

users = UserPool.of_stage()


class RegisterBody(Body):
    """A new user."""

    email: Email
    login: NewLogin
    password: NewPassword


class RegisteredView(TypedDict):
    """The new user; a profile has the id of its user."""

    userId: str
    profileId: str


@operation
@contract(Contract(takes=RegisterBody, gives=RegisteredView, status=HTTPStatus.CREATED, refuses=(LoginTakenError,)))
def handler(request: Request) -> Response:
    """Create a user; its profile and account follow by themselves. One request to Cognito."""
    body = RegisterBody.of(request)
    user_id = users.sign_up(body.login, body.email, body.password)
    view: RegisteredView = {"userId": user_id, "profileId": user_id}
    return Response(HTTPStatus.CREATED, view)
