"""A forger of access tokens, who has what no attacker has: the pool's own key.

So a token can be wrong in one way and right in all others, and a check that is missing shows.
"""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any, Self, cast
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from local.emulator import Emulator

type Claims = dict[str, Any]


def claims_of(token: str) -> Claims:
    """What a token says, believed."""
    claims: Claims = jwt.decode(token, options={"verify_signature": False})
    return claims


@dataclass(frozen=True, slots=True)
class Forger:
    """Makes tokens of the user whose genuine claims are `genuine`; `jwk` is the public key as the pool publishes it.

    Each is of a session of its own that has just begun, so that one that gets through can't end the others'.
    """

    key: rsa.RSAPrivateKey
    jwk: dict[str, str]
    genuine: Claims

    @classmethod
    def of(cls, emulator: Emulator, user_pool_id: str, key_set: dict[str, Any], genuine_token: str) -> Self:
        """A forger with the key of `user_pool_id`, which the emulator keeps among its files."""
        file = emulator.state / "cognito-pool-keys" / f"{user_pool_id}-access.pem"
        key = cast("rsa.RSAPrivateKey", load_pem_private_key(file.read_bytes(), None))
        key_id = jwt.get_unverified_header(genuine_token)["kid"]
        [jwk] = [jwk for jwk in key_set["keys"] if jwk["kid"] == key_id]
        return cls(key, jwk, claims_of(genuine_token))

    @property
    def key_id(self) -> str:
        """The name of the pool's key."""
        return self.jwk["kid"]

    @property
    def public_pem(self) -> bytes:
        """The pool's public key, as text."""
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def claims(self, **changes: object) -> Claims:
        """What a good token says, with `changes`."""
        now = int(time.time())
        return {**self.genuine, "origin_jti": str(uuid4()), "auth_time": now, "iat": now, **changes}

    def signed(self, *, by: rsa.RSAPrivateKey | None = None, header: Claims | None = None, **changes: object) -> str:
        """A good token's claims with `changes`, signed by the pool's key, or by another."""
        return jwt.encode(
            self.claims(**changes), by or self.key, "RS256", headers={"kid": self.key_id, **(header or {})}
        )

    def unsigned(self) -> str:
        """A good token's claims, saying that they need no signature."""
        return f"{self._content('none')}."

    def signed_with_secret(self, secret: bytes) -> str:
        """A good token's claims by HS256. PyJWT itself refuses to sign with a public key."""
        content = self._content("HS256")
        return f"{content}.{_encoded(hmac.digest(secret, content.encode(), hashlib.sha256))}"

    def long(self, length: int) -> str:
        """A token that is right but for its length, which is `length` or a little more."""
        missing = length - len(self.signed(padding=""))
        return self.signed(padding="x" * (missing * 3 // 4 + 1))

    def _content(self, algorithm: str) -> str:
        header = {"alg": algorithm, "typ": "JWT", "kid": self.key_id}
        return f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(self.claims()).encode())}"


def with_claims_of(token: str, claims: Claims) -> str:
    """The token, made to say something else under the signature that it has."""
    header, _, signature = token.split(".")
    return f"{header}.{_encoded(json.dumps(claims).encode())}.{signature}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
