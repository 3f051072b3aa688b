"""Who may see a profile: its owner."""

from shared.examples import PROFILE_ID
from shared.http import Request
from shared.interface import PathParameter
from shared.problems import ForbiddenError

IN_PATH = {"id": PathParameter("The id of the profile: `profileId` of who registered", PROFILE_ID, "uuid")}


def own_profile_id(request: Request) -> str:
    """The profile id in the path, if it is the caller's own.

    Raises ForbiddenError for any other, whether it exists or not.
    """
    profile_id = request.path_parameters["id"]
    if profile_id != request.caller.profile_id:
        raise ForbiddenError
    return profile_id
