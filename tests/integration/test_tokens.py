"""Whose a token is: the API's authorizer, the check by other gateways, and the keys that both trust."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.integration.faults import TIMEOUT, failing
from tests.integration.gateway import (
    KEY_ID,
    KeyServer,
    authorized,
    claims,
    key_server,
    published_keys,
    signed,
    signing_key,
)
from tests.integration.problems import problem
from tests.scaffolding.world import Answer, User, World


@pytest.fixture(autouse=True)
def keys(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    """A server of keys, which every verifier calls."""
    from auth import authorize, check_request, get_signing_keys, signing_keys, tokens  # noqa: PLC0415 - read env

    with key_server() as server:
        known = signing_keys.SigningKeys(server.url)
        issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{world.user_pool_id}"
        verifier = tokens.TokenVerifier(issuer=issuer, client_id=world.client_id, keys=known)
        monkeypatch.setattr(authorize, "verifier", verifier)
        monkeypatch.setattr(check_request, "verifier", verifier)
        monkeypatch.setattr(get_signing_keys, "keys", known)
        yield server


def ask(world: World, token: str | None, method: str = "GET", path: str = "/orders") -> Answer:
    """The check by another gateway."""
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    return world.request(method, f"/auth/istio{path}", headers=headers)


def test_a_good_token_says_who_the_request_is_from(world: World, ada: User) -> None:
    token = signed(claims(world, ada))
    assert authorized(world, token) == ada
    assert authorized(world, token, scheme="bearer") == ada
    for method in ("GET", "POST", "PATCH"):
        answer = ask(world, token, method, "/billing/account/deposit")
        assert (answer.status, answer.text) == (200, "")
        assert (answer.headers["x-profile-id"], answer.headers["x-user-login"]) == (ada.profile_id, "ada")


def _other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _by_public_key_as_secret(said: dict[str, Any]) -> str:
    """HS256 with the public key as the secret: what a verifier that trusts the header's `alg` would take."""
    pem = (
        signing_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "kid": KEY_ID, "typ": "JWT"}, said)
    )
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(head + b"." + body, pem)
    return b".".join((head, body, base64.urlsafe_b64encode(signature).rstrip(b"="))).decode()


def _altered(said: dict[str, Any]) -> str:
    head, _, signature = signed(said).split(".")
    body = base64.urlsafe_b64encode(json.dumps({**said, "sub": "somebody-else"}).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "expired": lambda said: signed({**said, "exp": int(time.time()) - 600}),
    "of another pool": lambda said: signed({**said, "iss": said["iss"] + "x"}),
    "for another client": lambda said: signed({**said, "client_id": "another"}),
    "an id token": lambda said: signed({**said, "token_use": "id", "aud": said["client_id"]}),
    "altered": _altered,
    "of an unknown key": lambda said: signed(said, headers={"kid": "unknown"}),
    "of another key by our name": lambda said: jwt.encode(said, _other_key(), "RS256", headers={"kid": KEY_ID}),
    "unsigned": lambda said: jwt.encode(said, "", algorithm="none", headers={"kid": KEY_ID}),
    "HS256 by the public key": _by_public_key_as_secret,
    "RS512": lambda said: jwt.encode(said, signing_key(), "RS512", headers={"kid": KEY_ID}),
    "too long": lambda said: signed({**said, "padding": "x" * 5000}),
    "not a token": lambda _said: "nonsense",
    "empty parts": lambda _said: "..",
    "not ASCII": lambda _said: "ä.ö.ü",
    **{
        f"without {name}": lambda said, name=name: signed({k: v for k, v in said.items() if k != name})  # type: ignore[misc]
        for name in ("exp", "iat", "iss", "sub", "client_id", "token_use", "origin_jti", "auth_time", "username")
    },
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_token_that_is_not_a_good_access_token_of_ours_opens_nothing(world: World, ada: User, forgery: str) -> None:
    token = FORGED[forgery](claims(world, ada))
    assert authorized(world, token) is None
    answer = ask(world, token)
    problem(answer, 401, "invalid-token")
    assert "x-profile-id" not in answer.headers


def test_without_a_bearer_token_nobody_passes(world: World, ada: User) -> None:
    token = signed(claims(world, ada))
    for scheme in ("Basic", "", "Bearer Bearer"):
        assert authorized(world, token, scheme) is None
    assert authorized(world, None) is None
    assert authorized(world, "") is None
    problem(ask(world, None), 401, "unauthorized")


def test_a_token_of_an_ended_session_is_refused(world: World, ada: User) -> None:
    token = signed(claims(world, ada))
    assert world.request("POST", "/logout", ada, json_body={}).status == 204
    assert authorized(world, token) is None
    problem(ask(world, token), 401, "session-ended")


def test_a_cut_off_ends_the_sessions_that_began_until_then(world: World, ada: User) -> None:
    from auth.sessions import SessionTable  # noqa: PLC0415 - reads its environment when imported

    began = int(time.time())
    SessionTable.of_stage().end_all(ada.profile_id)
    opened = [
        authorized(world, signed(claims(world, User(ada.profile_id), auth_time=began + seconds))) is not None
        for seconds in (-3600, 0, 2)
    ]
    assert opened == [False, False, True]


def test_when_the_table_does_not_answer_nobody_passes(world: World, ada: User) -> None:
    token = signed(claims(world, ada))
    with failing(world, "dynamodb", "GetItem", TIMEOUT):
        with pytest.raises(type(TIMEOUT)):
            authorized(world, token)
        problem(ask(world, token), 503, "dependency-unavailable")


class TestKeys:
    """The public keys of the user pool."""

    def test_they_are_published_and_may_be_cached(self, world: World) -> None:
        answer = world.request("GET", "/.well-known/jwks.json")
        assert (answer.status, answer.json) == (200, published_keys())
        assert answer.headers["cache-control"].startswith("public, max-age=")

    def test_they_are_fetched_once_for_many_requests(self, world: World, ada: User, keys: KeyServer) -> None:
        for _ in range(3):
            assert authorized(world, signed(claims(world, ada)))
            world.request("GET", "/.well-known/jwks.json")
        assert keys.fetches == 1

    def test_forged_key_ids_do_not_make_us_hammer_the_user_pool(self, world: World, ada: User, keys: KeyServer) -> None:
        for number in range(10):
            assert authorized(world, signed(claims(world, ada), headers={"kid": f"forged {number}"})) is None
        assert keys.fetches <= 2

    def test_tokens_of_known_keys_verify_while_the_user_pool_is_away(
        self, world: World, ada: User, keys: KeyServer
    ) -> None:
        assert authorized(world, signed(claims(world, ada)))
        keys.answer = b""
        assert authorized(world, signed(claims(world, ada))) == ada

    @pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}", b'{"keys": []}'])
    def test_keys_that_can_not_be_had_are_said_to_be_unavailable(
        self, world: World, keys: KeyServer, answer: bytes
    ) -> None:
        keys.answer = answer
        problem(world.request("GET", "/.well-known/jwks.json"), 503, "dependency-unavailable")

    def test_a_gateway_is_told_to_come_back_when_keys_can_not_be_had(
        self, world: World, ada: User, keys: KeyServer
    ) -> None:
        keys.answer = b""
        problem(ask(world, signed(claims(world, ada))), 503, "dependency-unavailable")
