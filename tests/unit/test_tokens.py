"""Access tokens: one that is ours and valid now opens, no other does."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.fresh_tokens import session_of
from auth.published_keys import KeysUnavailableError, UnknownKeyError
from auth.sessions import Session
from auth.signing_keys import SigningKeys
from auth.tokens import TokenVerifier, bearer_token
from shared.problems import InvalidTokenError

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
CLIENT = "client-1"
NOW = int(time.time())

OURS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
THEIRS = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_PEM = OURS.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class OurKey(SigningKeys):
    """A key set with one key, called key-1, that needs no fetching."""

    def __init__(self) -> None:
        super().__init__("http://keys.invalid")
        self._key = jwt.PyJWK(json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OURS.public_key())), "RS256")

    def key(self, key_id: str) -> jwt.PyJWK:
        if key_id != "key-1":
            raise UnknownKeyError
        return self._key


class NoKeys(SigningKeys):
    """A pool that can't be reached."""

    def key(self, key_id: str) -> jwt.PyJWK:
        raise KeysUnavailableError(key_id)


VERIFIER = TokenVerifier(issuer=ISSUER, client_id=CLIENT, keys=OurKey())


def claims(**changes: object) -> dict[str, object]:
    """What Cognito says in an access token, with `changes`; a claim changed to None is left out."""
    said: dict[str, object] = {
        "sub": "profile-1",
        "iss": ISSUER,
        "client_id": CLIENT,
        "origin_jti": "session-1",
        "jti": "token-1",
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "auth_time": NOW - 60,
        "iat": NOW - 60,
        "exp": NOW + 3600,
        "username": "ada",
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


def signed(
    said: Mapping[str, object] | None = None,
    *,
    key: rsa.RSAPrivateKey = OURS,
    key_id: str | None = "key-1",
    algorithm: str = "RS256",
) -> str:
    """A token as the pool signs it."""
    headers = {"kid": key_id} if key_id is not None else {}
    return jwt.encode(dict(said or claims()), key, algorithm=algorithm, headers=headers)


def part(value: object) -> str:
    """One part of a token made by hand."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed_with_a_secret(secret: bytes, algorithm: str = "HS256") -> str:
    """A token signed with a shared secret; PyJWT itself refuses to sign with a public key."""
    content = f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'key-1'})}.{part(claims())}"
    return f"{content}.{part(hmac.digest(secret, content.encode(), hashlib.sha256))}"


def altered(token: str) -> str:
    """The token, saying that it is another user's."""
    header, _, signature = token.split(".")
    return f"{header}.{part(claims(sub='profile-2'))}.{signature}"


def unsigned(algorithm: str = "none") -> str:
    return f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'key-1'})}.{part(claims())}."


def with_header(**header: object) -> str:
    """A token with a header of somebody's own making."""
    _, said, signature = signed().split(".")
    return f"{part({'alg': 'RS256', 'kid': 'key-1', **header})}.{said}.{signature}"


def test_a_good_token_says_whose_session_it_belongs_to() -> None:
    assert VERIFIER.session(signed()) == Session("session-1", "profile-1", "ada", NOW - 60)


def test_claims_that_we_do_not_know_do_no_harm() -> None:
    assert VERIFIER.session(signed(claims(**{"cognito:groups": ["admins"], "version": 2}))).login == "ada"


FORGED = {
    "nothing": "",
    "garbage": "garbage",
    "dots": "..",
    "not base64": "a.b.c",
    "not ASCII": "é.é.é",
    "a header that is no object": f"{part([1])}.{part(claims())}.x",
    "a header nested deeply": f"{part(b'{"a":' + b'[' * 2900)}.x.y",
    "two parts": signed().rpartition(".")[0],
    "four parts": signed() + ".x",
    "a signature cut off": signed().rpartition(".")[0] + ".",
    "a signature cut short": signed()[:-4],
    "another's claims under our signature": altered(signed()),
    "another key's signature under our key's id": signed(key=THEIRS),
    "another key's id": signed(key_id="key-2"),
    "an empty key id": signed(key_id=""),
    "no key id": signed(key_id=None),
    "a key id that is no text": with_header(kid=["key-1"]),
    "alg none": unsigned(),
    "alg None": unsigned("None"),
    "no alg": unsigned("").replace("..", "."),
    "HS256 with the public key as its secret": signed_with_a_secret(PUBLIC_PEM),
    "HS256 with an empty secret": signed_with_a_secret(b""),
    "another RSA algorithm": signed(algorithm="RS512"),
    "another padding": signed(algorithm="PS256"),
    "another family": jwt.encode(
        claims(), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "key-1"}
    ),
    "a key of its own": with_header(jwk=json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(THEIRS.public_key()))),
    "an extension that must be understood": with_header(crit=["exp"]),
    "expired": signed(claims(exp=NOW - 60)),
    "expired long ago": signed(claims(exp=1)),
    "not valid before tomorrow": signed(claims(nbf=NOW + 86400)),
    "issued tomorrow": signed(claims(iat=NOW + 86400)),
    "another issuer": signed(claims(iss=ISSUER + "x")),
    "another client": signed(claims(client_id="client-2")),
    "an id token": signed(claims(token_use="id", aud=CLIENT)),  # noqa: S106 - a kind of token
    "a refresh token": signed(claims(token_use="refresh")),  # noqa: S106 - a kind of token
    "an end that is no number": signed(claims(exp="never")),
    "longer than tokens are": signed(claims(scope="x" * 4096)),
    "valid, but for what follows it": signed() + "\n",
    "valid, but for its length": signed() + "=" * 4096,
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        VERIFIER.session(token)


@pytest.mark.parametrize(
    "claim", ["exp", "iat", "iss", "sub", "client_id", "token_use", "origin_jti", "auth_time", "username"]
)
def test_a_token_that_lacks_a_claim_is_refused(claim: str) -> None:
    with pytest.raises(InvalidTokenError):
        VERIFIER.session(signed(claims(**{claim: None})))


def test_a_refusal_says_nothing_about_why() -> None:
    with pytest.raises(InvalidTokenError) as refused:
        VERIFIER.session(signed(claims(exp=NOW - 60)))
    assert str(refused.value) == InvalidTokenError.title
    assert refused.value.__suppress_context__


def test_while_no_keys_can_be_had_a_token_is_neither_good_nor_bad() -> None:
    verifier = TokenVerifier(issuer=ISSUER, client_id=CLIENT, keys=NoKeys("http://keys.invalid"))
    with pytest.raises(KeysUnavailableError):
        verifier.session(signed())


def test_a_token_fresh_from_cognito_says_its_session_unchecked() -> None:
    assert session_of(signed(key=THEIRS)) == Session("session-1", "profile-1", "ada", NOW - 60)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer abc", "abc"),
        ("BEARER   abc ", "abc"),
        ("Bearer", None),
        ("Bearer ", None),
        ("Basic abc", None),
        ("abc", None),
        ("Bearerabc", None),
        ("", None),
        (None, None),
    ],
)
def test_a_bearer_token_is_taken_out_of_its_header(header: str | None, token: str | None) -> None:
    assert bearer_token(header) == token
