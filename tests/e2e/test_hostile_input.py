"""Hostile ids, cursors, keys, headers and texts are stored unchanged or rejected, and do nothing else."""

import base64
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import pytest

from infra.operations import ROUTES
from local.serving import in_background
from tests.e2e.api import Api, Body, Credentials, User, exact, new_key

TEXTS = {
    "NUL": "a\x00b",
    "line breaks": "a\r\nset-cookie: session=1",
    "right to left": "\u202egnp.exe",
    "beyond the basic plane": "\U0001d546\U0001f9fe",
    "combining": "e\u0301" * 20,
    "private use and noncharacters": "\ue000\ufffe\uffff",
    "overlong": "x" * 5000,
    "the separator of sort keys": "ORDER#1#2",
    "another row's key": "IDEMPOTENCY#deposit#key",
    "parent folders": "../../../etc/passwd",
    "SQL": "' OR '1'='1' --",
    "an expression": "#pk = :pk OR attribute_exists(pk)",
    "an operator": '{"$ne": null}',
    "a typed value": '{"S": "x"}',
    "a template": "${jndi:ldap://127.0.0.1/a}{{7*7}}%s%n",
    "markup": "<script>alert(1)</script>",
}
every_text = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)

OBJECTS: tuple[object, ...] = ({"$gt": 0}, {"$ne": None}, {"N": "1"}, {"S": "x"}, [1], [["a"]], {}, [])
LISTS = ("/orders", "/billing/account/transactions", "/notifications")


def assert_refused(answer: httpx.Response, *statuses: int) -> None:
    """A problem document with one of `statuses`, without internals."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    assert "set-cookie" not in answer.headers
    for inside in ("Traceback", "Exception", "botocore", "dynamodb", "arn:aws"):
        assert inside not in json.dumps({**answer.json(), "instance": ""})


def assert_refused_as_id(answer: httpx.Response, text: str, status: int) -> None:
    """An id that can't be part of a path finds no route; any other, no resource."""
    if "/" in text:
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    else:
        assert_refused(answer, status)


class TestIds:
    """Ids in paths."""

    @every_text
    def test_an_order_id_that_is_none_is_not_found(self, user: User, text: str) -> None:
        place = quote(text, safe="")
        answers = user.get(f"/orders/{place}"), user.post(f"/orders/{place}/execute", {"event": "CANCEL"})
        for answer in answers:
            assert_refused_as_id(answer, text, 404)

    @every_text
    def test_a_profile_id_that_is_not_ones_own_is_forbidden(self, user: User, text: str) -> None:
        place = quote(text, safe="")
        for answer in (user.get(f"/profiles/{place}"), user.patch(f"/profiles/{place}", {"age": 1})):
            assert_refused_as_id(answer, text, 403)

    @pytest.mark.parametrize("ending", ["%00", "%23", "%2F", "%2F..", "%20", "%0A", "#", "%E2%80%AE", "?x=1"])
    def test_ones_own_id_with_something_behind_it_opens_nothing_more(self, user: User, ending: str) -> None:
        order = user.new_order()
        for path, what in ((f"/orders/{order['id']}", order), (f"/profiles/{user.profile_id}", None)):
            answer = user.get(path + ending)
            if ending in {"#", "?x=1"}:
                # A fragment never leaves the client, and a query that nobody asked for says nothing.
                assert answer.status_code == 200
                assert what is None or exact(answer) == what
            else:
                assert answer.status_code in {403, 404}

    def test_the_separator_of_sort_keys_leads_to_no_other_row(self, user: User) -> None:
        key = new_key()
        user.post("/orders", {"productQuantity": 1}, headers=key)
        for row in (f"IDEMPOTENCY#create#{key['idempotency-key']}", "ORDER#", "COUNTER", "ORDER%23"):
            assert_refused(user.get(f"/orders/{quote(row, safe='')}"), 404)

    def test_ids_differ_by_case(self, user: User) -> None:
        assert_refused(user.get(f"/orders/{user.new_order()['id'].upper()}"), 404)
        assert_refused(user.get(f"/profiles/{user.profile_id.upper()}"), 403)


class TestCursors:
    """Cursors and filters of lists."""

    @pytest.mark.parametrize("path", LISTS)
    @every_text
    def test_a_cursor_that_was_made_up_is_refused(self, user: User, path: str, text: str) -> None:
        encoded = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for cursor in (text, encoded):
            assert_refused(user.get(path, params={"cursor": cursor}), 400)

    @pytest.mark.parametrize("path", LISTS)
    @pytest.mark.parametrize(
        "limit", ["0", "-1", "101", "1e2", "999999999999999999999", "٣", "1\x00", "20 ", "NaN", "[]"]
    )
    def test_a_page_has_a_hundred_items_at_most(self, user: User, path: str, limit: str) -> None:
        assert_refused(user.get(path, params={"limit": limit}), 422)

    @every_text
    def test_a_state_that_is_none_is_refused(self, user: User, text: str) -> None:
        assert_refused(user.get("/orders", params={"state": text}), 422)


class TestKeys:
    """Idempotency keys."""

    @pytest.mark.parametrize(
        "key",
        [
            b"\xe9",
            "\u202e".encode(),
            b"a b",
            b"\x7f",
            b"a\tb",
            b"x" * 256,
            b"\xff\xfe",
        ],
    )
    def test_a_key_of_other_than_visible_ascii_is_refused(self, user: User, key: bytes) -> None:
        answer = user.request("POST", "/billing/account/deposit", json={"amount": 1}, headers={b"idempotency-key": key})
        assert_refused(answer, 400)

    def test_keys_that_look_like_other_rows_are_keys_and_nothing_else(self, user: User) -> None:
        user.with_money(10)
        keys = (
            "ACCOUNT",
            "ENTRY#000000000001",
            "#",
            "##",
            "a#b",
            "a",
            "b",
            "../ACCOUNT",
            "withdraw#a",
            '{"$ne":null}',
            "%00",
        )
        for key in keys:
            answer = user.post("/billing/account/deposit", {"amount": 1}, headers={"idempotency-key": key})
            assert answer.status_code == 200
            assert "idempotency-replayed" not in answer.headers, key
        assert exact(user.get("/billing/account"))["balance"] == 10 + len(keys)
        assert len(exact(user.get("/billing/account/transactions"))["items"]) == 1 + len(keys)


class TestTexts:
    """Texts and values in bodies."""

    @every_text
    def test_a_name_is_kept_as_it_is_or_refused(self, user: User, text: str) -> None:
        answer = user.patch(f"/profiles/{user.profile_id}", {"fullName": text})
        kept = exact(user.get(f"/profiles/{user.profile_id}"))["fullName"]
        if answer.status_code == 200:
            assert kept == text
        else:
            assert_refused(answer, 422)
            assert kept is None

    @every_text
    def test_a_reason_is_kept_as_it_is_or_refused(self, user: User, text: str) -> None:
        order = user.new_order()
        answer = user.execute(order, "CANCEL", reason=text)
        kept = exact(user.get(f"/orders/{order['id']}"))
        if answer.status_code == 200:
            assert (kept["state"], kept["cancelReason"]) == ("CANCELED", text)
        else:
            assert_refused(answer, 422)
            assert kept["state"] == "CREATED"

    @pytest.mark.parametrize(
        "misleading", ["a\x00b", "\u202eevil", "a\u2066b", "a\u2069", "\x1b[31mred", "a\x7fb", "a\u0085b"], ids=ascii
    )
    def test_text_that_misleads_who_reads_it_is_refused_by_its_field(
        self, api: Api, user: User, misleading: str
    ) -> None:
        order = user.new_order()
        credentials = Credentials()
        email = f"{misleading}{credentials.email}"
        answers = {
            "fullName": user.patch(f"/profiles/{user.profile_id}", {"fullName": misleading}),
            "reason": user.execute(order, "CANCEL", reason=misleading),
            "email": api.post("/register", {**credentials.registration(), "email": email}),
        }
        for field, answer in answers.items():
            assert_refused(answer, 422)
            assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert exact(user.get(f"/orders/{order['id']}"))["state"] == "CREATED"

    @pytest.mark.parametrize(
        "name", ["محمد علي", "נועה", "नमस्ते", "Zoe\u0308", "👩\u200d👩\u200d👧", "𐍈𐌰", "O\u2019Brien", "Ada\u200f"]
    )
    def test_every_script_and_joined_emoji_are_welcome(self, user: User, name: str) -> None:
        assert exact(user.patch(f"/profiles/{user.profile_id}", {"fullName": name}))["fullName"] == name
        order = user.new_order()
        assert exact(user.execute(order, "CANCEL", reason=f"{name}\n\t{name}"))["cancelReason"] == f"{name}\n\t{name}"

    @pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0\u2003"], ids=ascii)
    def test_a_blank_reason_is_none_and_a_blank_name_is_refused(self, user: User, blank: str) -> None:
        assert exact(user.execute(user.new_order(), "CANCEL", reason=blank))["cancelReason"] is None
        assert_refused(user.patch(f"/profiles/{user.profile_id}", {"fullName": blank}), 422)

    @every_text
    def test_no_login_is_more_than_a_login(self, api: Api, text: str) -> None:
        assert_refused(api.post("/login", {"login": text, "password": text}), 401, 422)
        assert_refused(api.post("/register/confirm", {"login": text, "code": "123456"}), 422)
        assert_refused(api.post("/register", {"login": text, "email": "a@example.com", "password": "Aa1!aaaa"}), 422)
        assert_refused(api.post("/refresh", {"refreshToken": text}), 401, 422)

    @pytest.mark.parametrize(
        "body",
        [
            b'{"fullName": "\\ud800"}',
            b'{"fullName": "\\udfff\\ud800"}',
            b'{"\\ud800": 1}',
            b"\xff\xfe{\x00}\x00",
        ],
        ids=str,
    )
    def test_half_a_character_is_refused(self, user: User, body: bytes) -> None:
        answer = user.request(
            "PATCH", f"/profiles/{user.profile_id}", content=body, headers={"content-type": "application/json"}
        )
        assert_refused(answer, 400, 422)
        assert exact(user.get(f"/profiles/{user.profile_id}"))["fullName"] is None

    @pytest.mark.parametrize("value", OBJECTS, ids=str)
    def test_an_object_is_no_value(self, user: User, value: object) -> None:
        order = user.new_order()
        asks: list[tuple[str, str, Body]] = [
            ("POST", "/login", {"login": value, "password": value}),
            ("POST", "/register", {"login": value, "email": value, "password": value}),
            ("POST", "/register/confirm", {"login": value, "code": value}),
            ("POST", "/refresh", {"refreshToken": value}),
            ("POST", "/logout", {"everywhere": value, "refreshToken": value}),
            ("PATCH", f"/profiles/{user.profile_id}", {"fullName": value, "age": value}),
            ("POST", "/billing/account/deposit", {"amount": value}),
            ("POST", "/orders", {"productQuantity": value}),
            ("POST", f"/orders/{order['id']}/execute", {"event": "EDIT", "productQuantity": value}),
            ("POST", f"/orders/{order['id']}/execute", {"event": "CANCEL", "reason": value}),
            ("POST", f"/orders/{order['id']}/execute", {"event": value}),
        ]
        for method, path, body in asks:
            assert_refused(user.request(method, path, json=body, headers=new_key()), 422)
        assert exact(user.get(f"/orders/{order['id']}")) == order

    @pytest.mark.parametrize("number", ["9" * 5000, "1e400", "1e-400", "-0.001", "1E+2147483648", "0x10", "٣", "1_0"])
    def test_a_number_beyond_all_bounds_is_refused(self, user: User, number: str) -> None:
        for path, field in (("/billing/account/deposit", "amount"), ("/orders", "productQuantity")):
            headers = {**new_key(), "content-type": "application/json"}
            assert_refused(user.request("POST", path, content=f'{{"{field}": {number}}}', headers=headers), 400, 422)


class TestRepeatedNames:
    """A repeated name in one object: some readers would take the first member, others the last."""

    @pytest.mark.parametrize(
        ("method", "path", "body", "name"),
        [
            ("POST", "/billing/account/deposit", '{"amount":1,"amount":500}', "amount"),
            ("POST", "/billing/account/deposit", '{"amount":1,"amount":1}', "amount"),
            ("POST", "/billing/account/deposit", r'{"am\u006funt":1,"amount":500}', "amount"),
            ("POST", "/billing/account/withdraw", '{"amount":500,"amount":1}', "amount"),
            ("POST", "/orders", '{"productQuantity":1,"productQuantity":2}', "productQuantity"),
            ("POST", "/orders/{order}/execute", '{"event":"EDIT","productQuantity":2,"event":"CANCEL"}', "event"),
            ("POST", "/orders/{order}/execute", '{"event":"CANCEL","reason":"a","re\\u0061son":"b"}', "reason"),
            ("PATCH", "/profiles/{profile}", '{"fullName":"a","age":1,"fullName":null}', "fullName"),
            ("PATCH", "/profiles/{profile}", '{"age":{"a":[{"b":1,"b":2}]}}', "b"),
            ("POST", "/profiles", '{"age":1,"age":1}', "age"),
            ("POST", "/logout", '{"everywhere":false,"everywhere":true}', "everywhere"),
            ("POST", "/login", '{"login":"a","password":"b","login":"c"}', "login"),
            ("POST", "/register/confirm", '{"login":"a","code":"b","code":"c"}', "code"),
            ("POST", "/refresh", '{"refreshToken":"a","refreshToken":"b"}', "refreshToken"),
            ("POST", "/register", '{"login":"a","\\u0000<\\"":1,"\\u0000<\\"":2}', r"\u0000<\""),
        ],
    )
    def test_it_is_refused_by_name_and_does_nothing(
        self, user: User, method: str, path: str, body: str, name: str
    ) -> None:
        order = user.with_money(100).new_order()
        media_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
        place = path.format(order=order["id"], profile=user.profile_id)

        answer = user.request(method, place, content=body, headers={**new_key(), "content-type": media_type})

        assert_refused(answer, 400)
        assert answer.json()["code"] == "malformed-request"
        assert answer.json()["detail"] == f'In the body, the name "{name}" occurs twice in one object'
        assert exact(user.get("/billing/account"))["balance"] == 100
        assert exact(user.get("/orders"))["items"] == [order]
        assert exact(user.get(f"/profiles/{user.profile_id}"))["fullName"] is None


class TestHeaders:
    """Header values."""

    @pytest.mark.parametrize("value", [b"text/html", b"\xff\xfe", b"a" * 2000, b"application/jsonp"])
    def test_a_content_type_that_is_not_json_is_refused(self, user: User, value: bytes) -> None:
        answer = user.request("POST", "/logout", content="{}", headers={b"content-type": value})
        assert_refused(answer, 415)

    def test_who_asks_is_never_taken_from_a_header(self, api: Api, user: User) -> None:
        other = api.new_user()
        claimed = {
            "x-profile-id": other.profile_id,
            "x-user-login": other.credentials.login,
            "x-forwarded-user": "root",
        }
        assert user.get(f"/profiles/{other.profile_id}", headers=claimed).status_code == 403
        assert exact(user.get("/billing/account", headers=claimed))["id"] == user.profile_id


def test_what_is_no_route_is_not_found_whoever_asks(api: Api, user: User) -> None:
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    paths = {route.path for route in ROUTES} | {"", "/", "/admin", "/orders/{id}/pay", "/reconcile", "/.env"}
    absent = {(method, path) for method in methods for path in paths} - {(route.method, route.path) for route in ROUTES}
    assert len(absent) > 80
    for client in (api, user):
        for method, path in sorted(absent):
            answer = client.request(method, re.sub(r"\{.*?\}", user.profile_id, path))
            assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"}), (method, path)


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server that nothing should call, and the requests that it got."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with in_background(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}/bait", asked


def test_no_address_that_a_client_gives_is_ever_asked(api: Api, user: User) -> None:
    with listener() as (url, asked):
        claims = jwt.decode(user.tokens.access, options={"verify_signature": False})
        for header in ({"jku": url}, {"x5u": url}, {"kid": url}):
            token = jwt.encode({**claims, "iss": url}, "x" * 32, "HS256", headers={"kid": "another", **header})
            forged = {"authorization": f"Bearer {token}"}
            assert api.get("/orders", headers=forged).status_code == 401
            assert api.get("/auth/istio/orders", headers=forged).status_code == 401
        assert user.patch(f"/profiles/{user.profile_id}", {"fullName": url}).status_code == 200
        assert user.execute(user.new_order(), "CANCEL", reason=url).status_code == 200
        assert user.get(f"/auth/istio/{quote(url, safe='')}", headers={"x-forwarded-host": url}).status_code == 200
        assert httpx.get(url).status_code == 404
    assert asked == ["/bait"]
