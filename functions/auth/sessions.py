"""The table of ended sessions, and the only place that knows its keys.

| id          | item                                |
|-------------|-------------------------------------|
| USER#{sub}  | the user's sessions that have ended |

The attribute `endedBefore` ends the sessions that began until then. An attribute `SESSION#{origin_jti}` ends that
session; its value is the epoch second at which that can be forgotten. Releases before 1.2 noted a session that ended in
a row of its own, `SESSION#{origin_jti}`.

A row expires (time to live) when no token of its sessions can be valid any more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from boto3.dynamodb.conditions import Attr

from shared import clock, environment
from shared.dynamodb import ConditionFailedError, Key, Table

LONGEST_SESSION_SECONDS = 31 * 24 * 3600
"""A refresh token's 30 days and the last access token's hour, with room to spare (infra/identity.py)."""
MOST_ENDED = 1000
"""Sessions that a user's row names at most, in 50 KB. Who signs out more often within a month, ends all sessions."""
_REMOVED_AT_ONCE = 75
"""An update expression has 4 KB at most.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

_SESSION = "SESSION#"


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one user: `id` is Cognito's `origin_jti`, `began_at` the sign-in in epoch seconds."""

    id: str
    profile_id: str
    login: str
    began_at: int

    @classmethod
    def of_claims(cls, claims: Mapping[str, Any]) -> Session:
        """The session that an access token's claims name."""
        return cls(
            id=claims["origin_jti"], profile_id=claims["sub"], login=claims["username"], began_at=claims["auth_time"]
        )


class SessionTable:
    """The ended sessions of one stage."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @classmethod
    def of_stage(cls) -> SessionTable:
        """The table that this function is deployed with."""
        return cls(Table(environment.required("SESSIONS_TABLE")))

    def has_ended(self, session: Session) -> bool:
        """Whether the session was signed out, alone or together with all of the user's sessions. One read."""
        return _ends(self.table.get(_user_key(session.profile_id)), session)

    def may_be_refreshed(self, session: Session) -> bool:
        """Whether it has not ended, nor did a release before 1.2 end it. One read."""
        user, own = self.table.get_several(_user_key(session.profile_id), {"id": _name(session.id)})
        return own is None and not _ends(user, session)

    def end(self, profile_id: str, session_id: str) -> None:
        """End one session of a user. One read, one write."""
        ended, now = self._ended(profile_id), clock.epoch_seconds()
        if len(ended) >= MOST_ENDED:
            self.end_all(profile_id)
            return
        expiry = now + LONGEST_SESSION_SECONDS
        forgotten = _removed(name for name, forget_at in ended.items() if forget_at <= now)
        self.table.change(_user_key(profile_id), {**forgotten, _name(session_id): expiry, "expiresAt": expiry})

    def end_all(self, profile_id: str) -> None:
        """End all sessions that a user has begun until now. One read, one write.

        Returns when the current second is over: sign-ins are dated in whole seconds, and a new one must not fall into
        it.
        """
        covered = _removed(self._ended(profile_id))
        now = time.time()
        changes = {**covered, "endedBefore": int(now), "expiresAt": int(now) + LONGEST_SESSION_SECONDS}
        until_now = Attr("endedBefore").not_exists() | Attr("endedBefore").lte(int(now))
        with suppress(ConditionFailedError):  # else more has ended meanwhile
            self.table.change(_user_key(profile_id), changes, until_now)
        time.sleep(1 - now % 1)

    def _ended(self, profile_id: str) -> dict[str, int]:
        """The ended sessions that a user's row names, and when each can be forgotten."""
        user = self.table.get(_user_key(profile_id)) or {}
        return {name: value for name, value in user.items() if name.startswith(_SESSION)}


def _ends(user: Mapping[str, Any] | None, session: Session) -> bool:
    return user is not None and (_name(session.id) in user or session.began_at <= user.get("endedBefore", 0))


def _removed(names: Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(islice(names, _REMOVED_AT_ONCE))


def _name(session_id: str) -> str:
    return f"{_SESSION}{session_id}"


def _user_key(profile_id: str) -> Key:
    return {"id": f"USER#{profile_id}"}
