"""Signing in and out, over HTTP: the very next request of an ended session is rejected."""

import httpx
import jwt
import pytest
from botocore.exceptions import ClientError

from tests.e2e.api import Api, User
from tests.infra.stages import LOCAL
from tests.scaffolding.waiting import until

_GRACE_SECONDS = LOCAL.settings.refresh_grace_seconds


def _refused(user: User) -> bool:
    return user.get("/billing/account").status_code == 401


def test_the_published_keys_verify_our_tokens(api: Api, user: User) -> None:
    keys = jwt.PyJWKSet.from_dict(api.get("/.well-known/jwks.json").json())
    header = jwt.get_unverified_header(user.tokens.access)

    claims = jwt.decode(user.tokens.access, keys[header["kid"]], algorithms=["RS256"], options={"verify_aud": False})

    assert claims["sub"] == user.profile_id


def test_signing_out_ends_this_session_and_no_other(api: Api, user: User) -> None:
    other_session = api.signed_in(user.credentials, user.profile_id)

    assert user.post("/logout", {}).status_code == 204

    assert _refused(user)
    assert not _refused(other_session)


def test_signing_out_everywhere_ends_all_sessions_and_lets_one_in_again(api: Api, user: User) -> None:
    other_session = api.signed_in(user.credentials, user.profile_id)

    assert user.post("/logout", {"everywhere": True}).status_code == 204

    assert _refused(user)
    assert _refused(other_session)
    assert not _refused(api.signed_in(user.credentials, user.profile_id))


@pytest.mark.parametrize("body", [{}, {"everywhere": True}], ids=["this session", "everywhere"])
def test_the_refresh_token_of_an_ended_session_gives_no_new_token(api: Api, user: User, body: dict[str, bool]) -> None:
    assert user.post("/logout", body).status_code == 204

    answer = api.post("/refresh", {"refreshToken": user.tokens.refresh})

    assert (answer.status_code, answer.json()["code"]) == (401, "refresh-token-invalid")


def _refresh(api: Api, refresh_token: str) -> httpx.Response:
    return api.post("/refresh", {"refreshToken": refresh_token})


def test_each_refresh_gives_the_next_refresh_token_of_the_same_session(api: Api, user: User) -> None:
    used = [user.tokens.refresh]
    for _ in range(3):
        answer = _refresh(api, used[-1])
        assert answer.status_code == 200, answer.text
        assert api.get("/orders", headers={"authorization": f"Bearer {answer.json()['token']}"}).status_code == 200
        used.append(answer.json()["refreshToken"])
        claims = jwt.decode(answer.json()["token"], options={"verify_signature": False})
        first = jwt.decode(user.tokens.access, options={"verify_signature": False})
        assert claims["origin_jti"] == first["origin_jti"]

    assert len(set(used)) == 4


def test_a_used_refresh_token_serves_for_a_retry_and_then_never_again(api: Api, user: User) -> None:
    fresh = _refresh(api, user.tokens.refresh).json()["refreshToken"]

    answer = until(
        lambda: _refresh(api, user.tokens.refresh),
        lambda answer: answer.status_code != 200,
        seconds=_GRACE_SECONDS + 5,
        complaint=lambda: "a used refresh token was not refused",
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "refresh-token-invalid")
    assert _refresh(api, fresh).status_code == 200


def test_there_is_no_way_around_the_rotation(api: Api, user: User) -> None:
    with pytest.raises(ClientError, match="Auth flow not enabled"):
        api.aws("cognito-idp").initiate_auth(
            ClientId=api.stack["clientId"],
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": user.tokens.refresh},
        )


def test_a_refresh_token_of_a_session_that_has_ended_since_gives_nothing(api: Api, user: User) -> None:
    fresh = _refresh(api, user.tokens.refresh).json()

    ended = api.post("/logout", {}, headers={"authorization": f"Bearer {fresh['token']}"})

    assert ended.status_code == 204
    assert _refresh(api, fresh["refreshToken"]).status_code == 401
    assert _refresh(api, user.tokens.refresh).status_code == 401
    assert _refused(user)


def test_an_id_token_does_not_open_the_api(api: Api, user: User) -> None:
    answer = api.get("/orders", headers={"authorization": f"Bearer {user.tokens.identity}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")


def test_one_signs_in_by_email_too(api: Api, user: User) -> None:
    answer = api.post("/login", {"login": user.credentials.email, "password": user.credentials.password})

    assert answer.status_code == 200


def test_the_gateway_filter_says_who_asks_and_ignores_what_the_client_claims(user: User) -> None:
    answer = user.get("/auth/istio/api/v1/orders", headers={"x-profile-id": "somebody-else"})

    assert answer.status_code == 200
    assert answer.headers["x-profile-id"] == user.profile_id
    assert answer.headers["x-user-login"] == user.credentials.login


def test_nobody_sees_or_changes_what_is_anothers(api: Api, user: User) -> None:
    other = api.new_user()
    order = other.new_order()

    assert user.get(f"/profiles/{other.profile_id}").status_code == 403
    assert user.patch(f"/profiles/{other.profile_id}", {"age": 1}).status_code == 403
    assert user.get(f"/orders/{order['id']}").status_code == 404
    assert user.execute(order, "CANCEL").status_code == 404
    assert other.get(f"/orders/{order['id']}").json()["state"] == "CREATED"
