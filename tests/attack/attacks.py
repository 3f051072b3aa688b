"""The tokens that requests come with. Each claims to be the victim's, and one thing about it is wrong."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.attack.forger import claims_of, with_claims_of
from tests.attack.scene import Scene

HOUR = 3600
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Standing(Enum):
    """What a token deserves."""

    MISSING = auto()
    INVALID = auto()
    ENDED = auto()
    ANOTHERS = auto()
    OWNERS = auto()


@dataclass(frozen=True, slots=True)
class Attack:
    """A kind of token; `authorization` gives the header that carries it."""

    name: str
    standing: Standing
    authorization: Callable[[Scene], str | None]

    @property
    def is_refused(self) -> bool:
        """Whether the token is good for nobody."""
        return self.standing in {Standing.MISSING, Standing.INVALID, Standing.ENDED}


def _bearer(name: str, token: Callable[[Scene], str], standing: Standing = Standing.INVALID) -> Attack:
    return Attack(name, standing, lambda scene: f"Bearer {token(scene)}")


def _now() -> int:
    return int(time.time())


_KEY_OF_ITS_OWN = {"jwk": json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))}

CONTROL = _bearer(
    "made like the forgeries, and right: the owner's", lambda scene: scene.bystanders_forger.signed(), Standing.OWNERS
)
"""What shows that each forgery is refused for the one thing that is wrong with it."""

ATTACKS: tuple[Attack, ...] = (
    Attack("no token", Standing.MISSING, lambda _: None),
    _bearer("garbage", lambda _: "not.a.token"),
    Attack("a good token, by another scheme", Standing.INVALID, lambda scene: f"Basic {scene.tokens.access}"),
    _bearer("expired", lambda scene: scene.forger.signed(iat=_now() - 2 * HOUR, exp=_now() - HOUR)),
    _bearer("not yet valid", lambda scene: scene.forger.signed(nbf=_now() + HOUR)),
    _bearer("issued in the future", lambda scene: scene.forger.signed(iat=_now() + HOUR)),
    _bearer("wrong signature: a stranger's key by the name of ours", lambda scene: scene.forger.signed(by=STRANGER)),
    _bearer(
        "wrong signature: the attacker's token, saying that it is the victim's",
        lambda scene: with_claims_of(scene.attacker.user.tokens.access, scene.forger.claims()),
    ),
    _bearer("alg none", lambda scene: scene.forger.unsigned()),
    _bearer(
        "HS256 with the public key, in PEM", lambda scene: scene.forger.signed_with_secret(scene.forger.public_pem)
    ),
    _bearer(
        "HS256 with the public key, as JWK",
        lambda scene: scene.forger.signed_with_secret(json.dumps(scene.forger.jwk, separators=(",", ":")).encode()),
    ),
    _bearer("unknown kid", lambda scene: scene.forger.signed(header={"kid": str(uuid4())})),
    _bearer("a stranger's key, sent along", lambda scene: scene.forger.signed(by=STRANGER, header=_KEY_OF_ITS_OWN)),
    _bearer("another pool's, of a user with the victim's login", lambda scene: scene.of_another_pool),
    _bearer(
        "another pool's issuer, signed by ours",
        lambda scene: scene.forger.signed(iss=claims_of(scene.of_another_pool)["iss"]),
    ),
    _bearer("another client's, of the victim", lambda scene: scene.of_another_client),
    _bearer("the id token", lambda scene: scene.tokens.identity),
    _bearer(
        "an id token with all that an access token says",
        lambda scene: scene.forger.signed(token_use="id"),  # noqa: S106 - a kind of token
    ),
    _bearer("the refresh token", lambda scene: scene.tokens.refresh),
    _bearer("8 KB long", lambda scene: scene.forger.long(8192)),
    _bearer("of a session that was signed out", lambda scene: scene.signed_out, Standing.ENDED),
    _bearer("of a session ended by signing out everywhere", lambda scene: scene.signed_out_everywhere, Standing.ENDED),
    _bearer("another user's good token", lambda scene: scene.fresh_token(scene.attacker), Standing.ANOTHERS),
)
