"""POST /profiles"""

from http import HTTPStatus

from profiles.profile import Profile
from profiles.profile_created import profile_created
from profiles.profile_fields import ProfileBody
from profiles.profile_table import ProfileTable
from profiles.views import PROFILE, ProfileView, profile_view
from shared import aws, clock, environment
from shared.body import read_body
from shared.dynamodb import ConditionFailedError
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.problems import ProfileExistsError

profiles = ProfileTable.of_stage()
cognito = aws.client("cognito-idp")
user_pool_id = environment.required("USER_POOL_ID")


@operation
@interface(
    Interface(
        takes=ProfileBody,
        gives=ProfileView,
        example=PROFILE,
        status=HTTPStatus.CREATED,
        refuses=(ProfileExistsError,),
        headers={"location": "The address of the profile"},
    )
)
def handler(request: Request) -> Response:
    """Create the caller's profile if it has none. One read of Cognito, one write.

    Signing up creates it already; use this only if it is missing.
    """
    caller, body, now = request.caller, read_body(request, ProfileBody), clock.timestamp()
    profile = Profile(caller.profile_id, caller.login, _email(caller.login), body.fullName, body.age, now, now)
    try:
        profiles.add(profile, profile_created(profile))
    except ConditionFailedError:
        raise ProfileExistsError from None
    return Response(HTTPStatus.CREATED, profile_view(profile), {"location": f"{request.path}/{profile.id}"})


def _email(login: str) -> str:
    user = cognito.admin_get_user(UserPoolId=user_pool_id, Username=login)
    return next(attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] == "email")
