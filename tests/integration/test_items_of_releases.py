"""Today's code reads the items of every released version: answers, orders' next states, events, books."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import pytest

from infra.contract.released import RELEASED
from shared.dynamodb import to_item
from shared.outbox import OUTBOX_ATTRIBUTE
from tests.integration.factories import balance, create_order, deposit, execute, notifications
from tests.integration.gateway import authorizer_context, claims, refresh_giving, signed
from tests.integration.problems import problem
from tests.integration.verifiers import fresh_verifiers
from tests.scaffolding.audits import audit
from tests.scaffolding.item_history import ITEMS, SERVICES, clock_at, items_of, read
from tests.scaffolding.world import User, World

pytestmark = pytest.mark.untraced
VERSIONS = sorted(file.stem for file in ITEMS.glob("*.json"))
PLENTY = 1000


class Release(NamedTuple):
    """The items of a version, in a world of today's code, a minute later."""

    version: str
    world: World
    users: Mapping[str, User]
    recorded: Mapping[str, Any]

    def orders(self, *states: str) -> Iterator[tuple[User, dict[str, Any]]]:
        """Every order in one of the states, as its owner sees it."""
        for user in self.users.values():
            for order in read(self.world, user, "/orders").json["items"]:
                if order["state"] in states:
                    yield user, order

    def settle(self) -> int:
        """Publish and deliver the events of all items; returns their number."""
        published = self.world.republish()
        self.world.settle()
        return published

    def findings(self, **wishes: Any) -> Any:
        """What an audit finds."""
        report = audit(self.world, **wishes)
        assert report["total"] == len(report["findings"])
        return report["findings"]


@cache
def recorded(version: str) -> dict[str, Any]:
    """The record of a version."""
    loaded: dict[str, Any] = json.loads(items_of(version).read_text(), parse_float=Decimal)
    return loaded


@pytest.fixture(params=VERSIONS)
def release(request: pytest.FixtureRequest, world: World) -> Iterator[Release]:
    """Each released version."""
    known = recorded(request.param)
    for service in SERVICES:
        for row in known[f"{service} items"]:
            world.dynamodb.put_item(TableName=world.table_name(service), Item=to_item(row))
    users = {user["login"]: User(**user) for user in known["users"]}
    with clock_at(float(known["until"]) + 60):
        yield Release(request.param, world, users, known)


def test_the_released_version_has_its_items_recorded() -> None:
    released = json.loads((RELEASED / "openapi.json").read_text())["info"]["version"]
    assert released in VERSIONS, "make release records them"


def test_every_answer_says_what_it_said_then(release: Release) -> None:
    assert len(release.recorded["answers"]) >= 40
    for asked in release.recorded["answers"]:
        answer = read(release.world, release.users[asked["user"]], asked["path"])
        assert answer.status == 200, f"{asked['path']}: {answer.text}"
        assert_says(answer.json, asked["answer"], asked["path"])


def assert_says(now: Any, then: Any, where: str) -> None:
    """Today's answer holds all that the older one did; fields may have been added."""
    match then:
        case dict():
            assert now.keys() >= then.keys(), where
            for name, value in then.items():
                assert_says(now[name], value, f"{where} {name}")
        case list():
            assert len(now) == len(then), where
            for number, (each, older) in enumerate(zip(now, then, strict=True)):
                assert_says(each, older, f"{where} {number}")
        case _:
            assert now == then, where


def test_idempotency_keys_give_the_answers_that_they_gave_then(release: Release) -> None:
    before = {service: release.world.rows(service) for service in SERVICES}
    for sent in release.recorded["keyed"]:
        answer = release.world.request(
            "POST",
            sent["path"],
            release.users[sent["user"]],
            json_body=sent["body"],
            headers={"idempotency-key": sent["key"]},
        )
        assert (answer.status, answer.json) == (sent["status"], sent["answer"]), sent["path"]
        assert answer.headers["idempotency-replayed"] == "true"
    assert {service: release.world.rows(service) for service in SERVICES} == before


def test_ended_sessions_stay_ended_and_others_open(release: Release) -> None:
    def token(user: User, **changed: object) -> str:
        # PyJWT looks at the real clock.
        return signed(claims(release.world, user, exp=datetime.now(UTC).timestamp() + 3600, **changed))

    def refused(user: User, **changed: object) -> str | None:
        headers = {"authorization": f"Bearer {token(user, **changed)}"}
        return authorizer_context(release.world, headers).get("refused")

    ada, bob, dora = release.users.values()
    with fresh_verifiers(release.world):
        # The access tokens of what was signed out before 1.2 have expired when 1.2 was there for an hour.
        assert refused(ada) == (None if release.version in {"1.0.0", "1.1.0"} else "session-ended")
        problem(refresh_giving(release.world, token(ada)), 401, "refresh-token-invalid")
        assert refused(ada, origin_jti="another") is None
        [cut_off] = [row["endedBefore"] for row in release.world.rows("auth") if row.get("endedBefore")]
        assert refused(bob, auth_time=cut_off) == "session-ended"
        assert refused(bob, auth_time=cut_off + 1) is None
        assert refused(dora) is None


def test_events_in_the_items_reach_their_consumers_and_what_was_on_its_way_arrives(release: Release) -> None:
    ada, bob, _ = release.users.values()
    told = {user.login: notifications(release.world, user) for user in (ada, bob)}
    orders = {order["id"] for _, order in release.orders("PAID")}

    carried = sum(OUTBOX_ATTRIBUTE in row for service in SERVICES for row in release.world.rows(service))
    assert release.settle() == carried

    [healed] = [order for _, order in release.orders("PAID") if order["id"] not in orders]
    assert healed["productQuantity"] == 6, "it was taken, and not marked as paid"
    [canceled] = [row for row in release.world.rows("billing") if row.get("state") == "RETURNED" and row["attempt"]][1:]
    assert canceled["amount"] == 7000, "it was canceled, and not given back"
    late = ["OrderCanceled", "OrderCompleted", "OrderPaid", "OrderPaid", "OrderPaid", "OrderRefunded"]
    assert notifications(release.world, ada) == sorted(told["ada"] + late)
    assert notifications(release.world, bob) == sorted([*told["bob"], "DepositAccepted"])
    again = [read(release.world, ada, "/notifications").text, balance(release.world, ada)]
    release.settle()
    assert [read(release.world, ada, "/notifications").text, balance(release.world, ada)] == again


def test_the_books_are_sound(release: Release) -> None:
    assert release.findings(settlingSeconds=900) == [], "as they were left"
    release.settle()
    assert release.findings(settlingSeconds=900) == []


def test_orders_go_on_to_their_end(release: Release) -> None:
    for user in release.users.values():
        assert deposit(release.world, user, PLENTY).status == 200
    for user, order in list(release.orders("CREATED")):
        if order["productQuantity"] is None:
            assert execute(release.world, user, order["id"], "EDIT", productQuantity=2).status == 200
        assert execute(release.world, user, order["id"], "CONFIRM").json["state"] == "PAID"
    release.settle()
    for user, order in list(release.orders("PAID")):
        assert execute(release.world, user, order["id"], "COMPLETE").json["state"] == "COMPLETED"
    release.settle()

    assert list(release.orders("CREATED", "PAID")) == []
    assert release.findings() == []


def test_orders_are_canceled_and_their_money_comes_back(release: Release) -> None:
    ada = release.users["ada"]
    kept = sum(order["amount"] for _, order in release.orders("COMPLETED"))
    for user, order in list(release.orders("CREATED", "PAID")):
        assert execute(release.world, user, order["id"], "CANCEL").json["state"] == "CANCELED"
    release.settle()

    assert balance(release.world, ada) == Decimal(2000) - Decimal("25.5") - kept
    assert release.findings() == []


def test_orders_in_their_last_state_stay_there_and_repeats_are_safe(release: Release) -> None:
    for state, event in (("PAID", "CONFIRM"), ("COMPLETED", "COMPLETE"), ("CANCELED", "CANCEL")):
        found = list(release.orders(state))
        assert found
        for user, order in found:
            assert execute(release.world, user, order["id"], event).json == order
    for user, order in release.orders("COMPLETED"):
        assert execute(release.world, user, order["id"], "CANCEL").status == 409


def test_numbers_of_orders_and_entries_go_on_without_a_gap(release: Release) -> None:
    for user in release.users.values():
        numbers = [order["orderNumber"] for order in read(release.world, user, "/orders").json["items"]]
        assert create_order(release.world, user, 1).json["orderNumber"] == max(numbers, default=0) + 1
        assert deposit(release.world, user, 1).status == 200
        entries = read(release.world, user, "/billing/account/transactions").json["items"]
        assert [entry["sequence"] for entry in entries] == list(range(len(entries), 0, -1))


def test_profiles_are_edited(release: Release) -> None:
    for user in release.users.values():
        body = {"fullName": None, "age": 50}
        answer = release.world.request("PATCH", f"/profiles/{user.profile_id}", user, json_body=body)
        assert answer.json == read(release.world, user, f"/profiles/{user.profile_id}").json
        assert (answer.json["fullName"], answer.json["age"]) == (None, 50)
        assert re.fullmatch(rf"{user.login}@example\.com", answer.json["email"])
