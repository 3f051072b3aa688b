"""Tokens that Cognito itself has just issued: decoded without verification, so without loading the cryptography."""

import base64
from typing import Any, cast

from auth.sessions import Session
from shared.wire import read_json


def session_of(fresh_token: str) -> Session:
    """The session of an access token. Never for one that a client sent: see auth/tokens.py."""
    _, payload, _ = fresh_token.split(".")
    claims = read_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return Session.of_claims(cast("dict[str, Any]", claims))
