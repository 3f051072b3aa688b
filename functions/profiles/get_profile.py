"""GET /profiles/{id}"""

from http import HTTPStatus

from profiles.ownership import IN_PATH, own_profile_id
from profiles.profile_table import ProfileTable
from profiles.views import PROFILE, ProfileView, profile_view
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.problems import ForbiddenError, NotFoundError

profiles = ProfileTable.of_stage()


@operation
@interface(Interface(path=IN_PATH, gives=ProfileView, example=PROFILE, refuses=(ForbiddenError, NotFoundError)))
def handler(request: Request) -> Response:
    """Get the caller's profile. One read.

    403 for any other id, whether such a profile exists or not.
    """
    profile = profiles.get(own_profile_id(request))
    if profile is None:
        raise NotFoundError
    return Response(HTTPStatus.OK, profile_view(profile))
