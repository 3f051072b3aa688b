"""Tokens and their checks: the API's authorizer, and the keys that it fetches over HTTP."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.utilities.utils import load_resource

from local.serving import in_background
from tests.scaffolding.world import REGION, Answer, Ok, User, World

KEY_ID = "ours"


@cache
def signing_key() -> rsa.RSAPrivateKey:
    """A private key whose public half KeyServer publishes."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def published_keys() -> dict[str, Any]:
    """A key set of moto's own key, which signs what the user pool gives, and of signing_key()."""
    ours = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key()))
    [motos] = load_resource("cognitoidp/resources/jwks-public.json")["keys"]
    return {"keys": [motos, {**ours, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}


@dataclass
class KeyServer:
    """Publishes the key set, on 127.0.0.1."""

    url: str = ""
    fetches: int = 0
    answer: bytes = field(default_factory=lambda: json.dumps(published_keys()).encode())


@contextmanager
def key_server() -> Iterator[KeyServer]:
    """A server of the key set, while the block runs."""
    state = KeyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.fetches += 1
            self.send_response(200 if state.answer else 503)
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, *_: object) -> None:  # pytest's output is not its place
            return

    with in_background(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/keys"
        yield state


def claims(world: World, user: User, **changed: object) -> dict[str, Any]:
    """The claims of a good access token; None omits a claim."""
    now = int(time.time())
    said: dict[str, Any] = {
        "iss": f"https://cognito-idp.{REGION}.amazonaws.com/{world.user_pool_id}",
        "sub": user.profile_id,
        "client_id": world.client_id,
        "token_use": "access",
        "iat": now,
        "auth_time": now,
        "exp": now + 3600,
        "jti": str(uuid.uuid4()),
        "origin_jti": user.session_id,
        "username": user.login,
        **changed,
    }
    return {name: value for name, value in said.items() if value is not None}


def signed(said: Mapping[str, Any], *, headers: Mapping[str, Any] | None = None) -> str:
    """A token of these claims, signed by signing_key()."""
    return jwt.encode(dict(said), signing_key(), algorithm="RS256", headers={"kid": KEY_ID, **(headers or {})})


def authorizer_context(world: World, headers: Mapping[str, str]) -> dict[str, str]:
    """What the authorizer passes on to the operation, for a request with these headers: it lets all pass."""
    event = {"version": "2.0", "type": "REQUEST", "headers": headers, "requestContext": {"requestId": "r"}}
    answer: dict[str, Any] = world.invoke("auth.authorize", event)
    assert answer.pop("isAuthorized") is True
    context: dict[str, str] = answer.pop("context")
    assert answer == {}
    return context


def authorized(world: World, token: str | None, scheme: str = "Bearer") -> User | None:
    """The caller that the authorizer finds in this token; None when it rejects it."""
    context = authorizer_context(world, {} if token is None else {"authorization": f"{scheme} {token}"})
    if "refused" in context:
        assert context.keys() == {"refused"}
        return None
    return User(profile_id=context["profileId"], login=context["login"], session_id=context["sessionId"])


def refresh_giving(world: World, token: str) -> Answer:
    """Refresh the access token; Cognito returns `token`."""
    result = {"AccessToken": token, "IdToken": "i", "RefreshToken": "s", "TokenType": "Bearer", "ExpiresIn": 3600}
    answer = {"AuthenticationResult": result}
    with world.intercepting("cognito-idp", "GetTokensFromRefreshToken", lambda _params: (Ok(), answer)):
        return world.request("POST", "/refresh", json_body={"refreshToken": "r"})
