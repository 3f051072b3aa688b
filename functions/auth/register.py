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
    """The new user; the profile has the same id."""

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

    The profile, with the same id, and the account are created automatically. Where the stage verifies e-mail addresses,
    the user gets a code by e-mail and must send it to POST /register/confirm before signing in. Logins and e-mail
    addresses ignore case: if `ada` is taken, so is `ADA`. Both are stored in lower case.
    """
    body = read_body(request, RegisterBody)
    user_id = users.sign_up(body.login, body.email, body.password)
    view: RegisteredView = {"userId": user_id, "profileId": user_id}
    return Response(HTTPStatus.CREATED, view)
