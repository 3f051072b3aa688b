"""GET /profiles/{id}"""

from http import HTTPStatus

from profiles.ownership import own_profile_id
from profiles.profile_table import ProfileTable
from profiles.views import profile_view
from shared.http import Request, Response, operation
from shared.problems import NotFoundError

profiles = ProfileTable.of_stage()


@operation
def handler(request: Request) -> Response:
    """The caller's profile; 403 for another's. One read."""
    profile = profiles.get(own_profile_id(request))
    if profile is None:
        raise NotFoundError
    return Response(HTTPStatus.OK, profile_view(profile))
