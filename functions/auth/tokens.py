"""Access tokens: verifies every part of one before it tells who the caller is.

The checks are those of
https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

import jwt

from auth.published_keys import UnknownKeyError
from auth.sessions import Session
from auth.signing_keys import SigningKeys
from shared import environment
from shared.problems import InvalidTokenError

_REQUIRED = ["exp", "iat", "iss", "sub", "client_id", "token_use", "origin_jti", "auth_time", "username"]
_LONGEST_TOKEN = 4096
_CLOCK_SKEW_SECONDS = 2


class TokenVerifier:
    """Verifies access tokens of one app client."""

    def __init__(self, *, issuer: str, client_id: str, keys: SigningKeys) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._keys = keys

    @classmethod
    def of_stage(cls) -> TokenVerifier:
        """A verifier for the pool and client that this function is deployed with."""
        pool_id, region = environment.required("USER_POOL_ID"), environment.required("AWS_REGION")
        issuer = f"https://cognito-idp.{region}.amazonaws.com/{pool_id}"
        return cls(issuer=issuer, client_id=environment.required("USER_POOL_CLIENT_ID"), keys=SigningKeys.of_stage())

    def session(self, token: str) -> Session:
        """The session that the access token belongs to; does not check whether it has ended.

        Raises InvalidTokenError unless it is signed by the pool (RS256 and nothing else), unexpired, and an access
        token for this client.
        """
        if len(token) > _LONGEST_TOKEN:
            raise InvalidTokenError
        try:
            claims = jwt.decode(
                token,
                self._keys.key(jwt.get_unverified_header(token).get("kid", "")),
                algorithms=["RS256"],
                issuer=self._issuer,
                leeway=_CLOCK_SKEW_SECONDS,
                options={"require": _REQUIRED, "verify_aud": False},
            )
        except (jwt.InvalidTokenError, UnknownKeyError, UnicodeError):
            raise InvalidTokenError from None
        if claims["token_use"] != "access" or claims["client_id"] != self._client_id:  # noqa: S105 - a kind of token
            raise InvalidTokenError
        return Session.of_claims(claims)


def bearer_token(authorization: str | None) -> str | None:
    """The token of an Authorization header (RFC 6750), None if it holds none."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
