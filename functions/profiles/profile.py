"""A user's profile. Pure domain."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """One user. `id` is Cognito's `sub`, so that identity and profile can't get out of step."""

    id: str
    login: str
    email: str
    full_name: str | None
    age: int | None
    created_at: str
    updated_at: str
