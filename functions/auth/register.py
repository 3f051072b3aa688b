"""POST /register"""

from http import HTTPStatus
from typing import TypedDict

from pydantic import ConfigDict

from auth.cognito import UserPool
from auth.credentials import Email, NewLogin, NewPassword
from shared import examples
from shared.body import Body, read_body
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from shared.problems import LoginTakenError
from shared.views import Id

users = UserPool.of_stage()


class RegisterBody(Body):
    """A new user."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "ada", "email": "ada@example.com", "password": examples.PASSWORD}]}
    )

    email: Email
    login: NewLogin
    password: NewPassword


class RegisteredView(TypedDict):
    """The new user; a profile has the id of its user."""

    userId: Id
    profileId: Id


REGISTERED: RegisteredView = {"userId": examples.PROFILE_ID, "profileId": examples.PROFILE_ID}


@public_operation
@interface(
    Interface(
        takes=RegisterBody,
        gives=RegisteredView,
        example=REGISTERED,
        status=HTTPStatus.CREATED,
        refuses=(LoginTakenError,),
    )
)
def handler(request: Request) -> Response:
    """Create a user. One request to Cognito.

    Its profile, which has the id of the user, and its account follow by themselves. Where the stage verifies e-mail
    addresses, a code is sent, and POST /register/confirm must follow before the user can sign in. Upper and lower case
    are the same in logins and e-mail addresses: where `ada` is taken, `ADA` is. Both are kept in lower case.
    """
    body = read_body(request, RegisterBody)
    user_id = users.sign_up(body.login, body.email, body.password)
    view: RegisteredView = {"userId": user_id, "profileId": user_id}
    return Response(HTTPStatus.CREATED, view)
