"""The event that a new profile publishes."""

from profiles.profile import Profile
from shared.events import ProfileCreated, occurrence
from shared.outbox import outbox_entry


def profile_created(profile: Profile) -> str:
    """ProfileCreated, as an entry of the outbox."""
    event = ProfileCreated(**occurrence(profile.id, profile.created_at), login=profile.login, email=profile.email)
    return outbox_entry(event)
