"""The table of ended sessions, and the only place that knows its keys.

| id                    | item                                                    |
|-----------------------|---------------------------------------------------------|
| SESSION#{origin_jti}  | a session that has ended                                |
| USER#{sub}            | `endedBefore`: sessions begun until then have ended     |

A row expires (time to live) when no token of its session can be valid any more.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared import clock, environment
from shared.dynamodb import Key, Table

LONGEST_SESSION_SECONDS = 31 * 24 * 3600
"""A refresh token's 30 days and the last access token's hour, with room to spare (infra/identity.py)."""


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
        ended, cut_off = self.table.get_several(_session_key(session.id), _user_key(session.profile_id))
        return ended is not None or (cut_off is not None and session.began_at <= cut_off["endedBefore"])

    def end(self, session_id: str) -> None:
        """End one session. One write."""
        self.table.put({**_session_key(session_id), "expiresAt": _expiry()})

    def end_all(self, profile_id: str) -> None:
        """End all sessions that a user has begun until now. One write.

        Returns when the current second is over: sign-ins are dated in whole seconds, and a new one must not fall into
        it.
        """
        now = time.time()
        self.table.put({**_user_key(profile_id), "endedBefore": int(now), "expiresAt": _expiry()})
        time.sleep(1 - now % 1)


def _expiry() -> int:
    return clock.epoch_seconds() + LONGEST_SESSION_SECONDS


def _session_key(session_id: str) -> Key:
    return {"id": f"SESSION#{session_id}"}


def _user_key(profile_id: str) -> Key:
    return {"id": f"USER#{profile_id}"}
