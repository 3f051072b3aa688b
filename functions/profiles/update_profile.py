"""PATCH /profiles/{id}"""

from http import HTTPStatus

from profiles.ownership import IN_PATH, own_profile_id
from profiles.profile_fields import ProfileBody
from profiles.profile_table import ProfileTable
from profiles.views import PROFILE, ProfileView, profile_view
from shared.body import read_body
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.problems import ForbiddenError, NotFoundError
from shared.retry import on_conflict

profiles = ProfileTable.of_stage()


@operation
@interface(
    Interface(
        path=IN_PATH,
        takes=ProfileBody,
        gives=ProfileView,
        example=PROFILE,
        refuses=(ForbiddenError, NotFoundError),
    )
)
def handler(request: Request) -> Response:
    """Change the caller's profile. One write.

    A JSON merge patch (RFC 7396): absent fields stay, null clears one.
    """
    profile_id = own_profile_id(request)
    patch = read_body(request, ProfileBody)
    changes = patch.model_dump(exclude_unset=True)
    profile = on_conflict(lambda: profiles.change(profile_id, changes))
    if profile is None:
        raise NotFoundError
    return Response(HTTPStatus.OK, profile_view(profile))
