"""What a service behind a gateway can rely on: who a request is from, and that nobody else's reaches it."""

import socket
from pathlib import Path

import pytest

from local.deployment import StackDescription
from tests.e2e.api import Api, User
from tests.gateway.conftest import Guarded
from tests.gateway.front import Front, api_front
from tests.gateway.gateways import GATEWAYS, running_gateway
from tests.gateway.upstream import running_upstream

_CLAIMS = ("X-Profile-Id", "x-profile-id", "X-PROFILE-ID", "x-user-login")


def test_a_users_way_through_the_gateway(api: Api, guarded: Guarded) -> None:
    ada, bob = api.new_user(), api.new_user()

    assert guarded.request("POST", token=ada.tokens.access, content="of Ada's").json() == ["of Ada's"]
    assert guarded.request("POST", token=bob.tokens.access, content="of Bob's").json() == ["of Bob's"]
    assert guarded.request("GET", token=ada.tokens.access).json() == ["of Ada's"]
    fresh = api.post("/refresh", {"refreshToken": ada.tokens.refresh}).json()["token"]
    assert guarded.request("GET", "/notes?page=1", token=fresh).json() == ["of Ada's"]
    assert guarded.request("DELETE", token=fresh).json() == []
    assert guarded.request("PUT", token=bob.tokens.access).json() == ["of Bob's"]

    arrivals = guarded.arrived()
    assert [(each.method, each.path) for each in arrivals] == [
        ("POST", "/notes"),
        ("POST", "/notes"),
        ("GET", "/notes"),
        ("GET", "/notes?page=1"),
        ("DELETE", "/notes"),
        ("PUT", "/notes"),
    ]
    users = [ada, bob, ada, ada, ada, bob]
    assert [each.claims for each in arrivals] == [
        {"x-profile-id": [user.profile_id], "x-user-login": [user.credentials.login]} for user in users
    ]

    assert ada.post("/logout", {}).status_code == 204
    for token in (ada.tokens.access, fresh):
        assert guarded.request("GET", token=token).status_code == 401
    assert guarded.request("GET", token=bob.tokens.access).status_code == 200
    assert len(guarded.arrived()) == 1


@pytest.mark.parametrize("name", _CLAIMS)
def test_what_a_client_claims_to_be_never_reaches_the_upstream(guarded: Guarded, user: User, name: str) -> None:
    answer = guarded.request("GET", token=user.tokens.access, headers={name: "somebody-else"})

    assert answer.status_code == 200
    [arrival] = guarded.arrived()
    assert arrival.claims == {"x-profile-id": [user.profile_id], "x-user-login": [user.credentials.login]}


@pytest.mark.parametrize("name", ["x_profile_id", "X_Profile_Id", "x-profile_id", "x_user_login"])
def test_nor_does_a_claim_that_many_servers_would_read_as_the_same(guarded: Guarded, user: User, name: str) -> None:
    """WSGI and CGI know no difference between - and _ in the name of a header."""
    guarded.request("GET", token=user.tokens.access, headers={name: "somebody-else"})

    good = {"x-profile-id": [user.profile_id], "x-user-login": [user.credentials.login]}
    assert [each.claims for each in guarded.arrived() if each.claims != good] == []


def test_nor_does_one_of_several(guarded: Guarded, user: User) -> None:
    claims = [("x-profile-id", "one"), ("x-profile-id", "another"), ("x-user-login", "root")]

    guarded.request("GET", token=user.tokens.access, headers=claims)

    [arrival] = guarded.arrived()
    assert arrival.claims == {"x-profile-id": [user.profile_id], "x-user-login": [user.credentials.login]}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer garbage", "Basic YWRhOnNlY3JldA=="])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_without_a_good_token_nothing_reaches_the_upstream(
    guarded: Guarded, method: str, authorization: str | None
) -> None:
    headers = {"x-profile-id": "somebody-else", **({} if authorization is None else {"authorization": authorization})}

    answer = guarded.request(method, headers=headers)

    assert answer.status_code == 401
    assert guarded.arrived() == []


def test_an_id_token_and_a_refresh_token_open_nothing(guarded: Guarded, user: User) -> None:
    for token in (user.tokens.identity, user.tokens.refresh):
        assert guarded.request("GET", token=token).status_code == 401
    assert guarded.arrived() == []


@pytest.mark.parametrize("body", [{}, {"everywhere": True}], ids=["this session", "everywhere"])
def test_an_ended_session_is_refused_on_the_very_next_request(
    guarded: Guarded, user: User, body: dict[str, bool]
) -> None:
    assert guarded.request("GET", token=user.tokens.access).status_code == 200
    guarded.arrived()

    assert user.post("/logout", body).status_code == 204

    assert guarded.request("GET", token=user.tokens.access).status_code == 401
    assert guarded.arrived() == []


@pytest.mark.parametrize(
    "path",
    [
        "/../openapi.json",
        "/../../openapi.json",
        "/%2e%2e/openapi.json",
        "/..%2fopenapi.json",
        "/x/../../health",
        "/.well-known/jwks.json",
        "//health",
        "/openapi.json?x=/../../health",
        "/health%00",
        "/whose-token",
    ],
)
def test_no_path_leads_to_a_route_that_is_open_to_anyone(guarded: Guarded, path: str) -> None:
    """The gateway takes 200 for a yes, and some of the platform's routes say that to everyone."""
    host, _, port = guarded.address.removeprefix("http://").partition(":")
    request = f"GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    guarded.front.asked.clear()
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode())
        status = int(connection.makefile("rb").readline().split()[1])

    assert status in {400, 401, 403, 404}
    assert guarded.arrived() == []
    asked = {("GET", "/api/v1/auth/istio/nginx"), ("GET", "/api/v1/auth/istio/envoy")}
    assert set(guarded.front.asked) <= asked


@pytest.mark.parametrize("name", GATEWAYS)
def test_while_the_platform_does_not_answer_nothing_passes(
    stack: StackDescription, user: User, tmp_path: Path, name: str
) -> None:
    with api_front(stack["apiUrl"], tmp_path) as gone:
        pass
    with running_upstream() as upstream, running_gateway(GATEWAYS[name], gone, upstream, tmp_path) as address:
        guarded = Guarded(address, upstream, gone)

        assert guarded.request("GET", token=user.tokens.access).status_code in {500, 503}
        assert guarded.arrived() == []


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_platform_whose_certificate_is_not_to_be_trusted_is_not_asked(
    stack: StackDescription, user: User, tmp_path: Path, name: str
) -> None:
    (tmp_path / "trusted").mkdir()
    with (
        api_front(stack["apiUrl"], tmp_path / "trusted") as trusted,
        api_front(stack["apiUrl"], tmp_path) as another,
        running_upstream() as upstream,
    ):
        mistaken = Front(another.port, trusted.certificates)
        with running_gateway(GATEWAYS[name], mistaken, upstream, tmp_path) as address:
            guarded = Guarded(address, upstream, another)

            assert guarded.request("GET", token=user.tokens.access).status_code in {500, 503}
            assert (guarded.arrived(), another.asked) == ([], [])
