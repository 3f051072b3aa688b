"""What clients see of profiles."""

from typing import TypedDict

from profiles.profile import Profile
from shared import examples
from shared.views import Id, Timestamp


class ProfileView(TypedDict):
    """A profile as its owner sees it; unset fields are null."""

    id: Id
    email: str
    login: str
    fullName: str | None
    age: int | None
    createdAt: Timestamp
    updatedAt: Timestamp


PROFILE: ProfileView = {
    "id": examples.PROFILE_ID,
    "email": "ada@example.com",
    "login": "ada",
    "fullName": "Ada Lovelace",
    "age": 36,
    "createdAt": examples.MOMENT,
    "updatedAt": examples.MOMENT,
}


def profile_view(profile: Profile) -> ProfileView:
    """The profile as its owner sees it."""
    return {
        "id": profile.id,
        "email": profile.email,
        "login": profile.login,
        "fullName": profile.full_name,
        "age": profile.age,
        "createdAt": profile.created_at,
        "updatedAt": profile.updated_at,
    }
