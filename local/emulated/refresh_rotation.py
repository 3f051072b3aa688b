"""Rotation of refresh tokens, if the app client enables it.

As https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html has
it: a refresh returns a new refresh token with the old one's remaining lifetime, and the old one works again only within
the client's grace period. REFRESH_TOKEN_AUTH, which would renew a session without rotation, is rejected. The unpatched
emulator returns no new refresh token, and accepts each until it expires.
"""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from ministack.services import cognito
from ministack.services.cloudformation import provisioners

type Answer = tuple[int, dict[str, str], bytes]

_SETTING = "RefreshTokenRotation"
_exchanged: dict[str, float] = {}
"""Used refresh tokens, and the time of their first use."""


def install() -> None:
    """Store the setting of app clients, and apply it to every way to refresh."""
    provisioners._COGNITO_USER_POOL_CLIENT_UPDATABLE[_SETTING] = None
    for name in ("_create_user_pool_client", "_update_user_pool_client"):
        setattr(cognito, name, _keeping_the_setting(getattr(cognito, name)))
    cognito._get_tokens_from_refresh_token = _rotating(cognito._get_tokens_from_refresh_token)
    cognito._initiate_auth = _refusing_to_refresh(cognito._initiate_auth)
    cognito._oauth2_token = _rotating_for_oauth(cognito._oauth2_token)


def _keeping_the_setting(change: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    def handle(data: dict[str, Any]) -> Answer:
        status, headers, body = change(data)
        if status == 200 and _SETTING in data:
            client = _client(json.loads(body)["UserPoolClient"]["ClientId"])
            client[_SETTING] = data[_SETTING]
        return status, headers, body

    return handle


def _rotating(refresh: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    def handle(data: dict[str, Any]) -> Answer:
        token = data.get("RefreshToken", "")
        if not _rotates(data.get("ClientId", "")):
            return refresh(data)
        if _has_served(token, data["ClientId"]):
            refusal: Answer = cognito.error_response_json(
                "RefreshTokenReuseException", "Refresh token has been invalidated by rotation", 400
            )
            return refusal
        status, headers, body = refresh(data)
        if status == 200:
            answer = json.loads(body)
            answer["AuthenticationResult"]["RefreshToken"] = _exchange(token)
            body = json.dumps(answer).encode()
        return status, headers, body

    return handle


def _refusing_to_refresh(sign_in: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    def handle(data: dict[str, Any]) -> Answer:
        if data.get("AuthFlow") in {"REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"} and _rotates(data.get("ClientId", "")):
            refusal: Answer = cognito.error_response_json(
                "InvalidParameterException", "Auth flow not enabled for this client", 400
            )
            return refusal
        return sign_in(data)

    return handle


def _rotating_for_oauth(exchange: Callable[..., Answer]) -> Callable[..., Answer]:
    def handle(data: Any, query: Any, raw_body: bytes = b"", headers: Any = None) -> Answer:
        form = {name: values[0] for name, values in parse_qs(raw_body.decode()).items()}
        token, client_id = form.get("refresh_token", ""), form.get("client_id", "")
        if form.get("grant_type") != "refresh_token" or not _rotates(client_id):
            return exchange(data, query, raw_body, headers)
        if _has_served(token, client_id):
            refusal: Answer = cognito._oauth2_error("invalid_grant", "Invalid refresh token.")
            return refusal
        status, answer_headers, body = exchange(data, query, raw_body, headers)
        if status == 200:
            body = json.dumps({**json.loads(body), "refresh_token": _exchange(token)}).encode()
        return status, answer_headers, body

    return handle


def _client(client_id: str) -> dict[str, Any]:
    pool, _ = cognito._pool_for_client(client_id)
    client: dict[str, Any] = pool["_clients"][client_id] if pool else {}
    return client


def _rotates(client_id: str) -> bool:
    return (_client(client_id).get(_SETTING) or {}).get("Feature") == "ENABLED"


def _has_served(token: str, client_id: str) -> bool:
    """Whether the token was exchanged, and its grace period is over."""
    grace = float(_client(client_id)[_SETTING].get("RetryGracePeriodSeconds", 0))
    return token in _exchanged and time.monotonic() - _exchanged[token] >= grace


def _exchange(token: str) -> str:
    """The next refresh token of the same session, with the remaining lifetime of this one."""
    _exchanged.setdefault(token, time.monotonic())
    claims = cognito._token_claims(token)
    pool_id = claims["iss"].rsplit("/", 1)[-1]
    fresh = {**claims, "iat": int(time.time()), "jti": cognito.new_uuid()}
    signed: str = cognito._signed_jwt(fresh, pool_id, "access")
    return signed
