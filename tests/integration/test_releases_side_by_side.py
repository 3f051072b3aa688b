"""Functions of the last release and of today work together in every combination: nothing is rejected or retried.

`make simulate MIXED=1` shows that money is safe in the meantime, whatever fails.
"""

import importlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from infra.operations import CONSUMERS, PAY_ORDER, RELAY
from tests.integration.factories import create_order, deposit, execute, with_profile
from tests.integration.faults import aws_error, failing
from tests.scaffolding.releases import TODAY, Code, latest
from tests.scaffolding.world import User, World

pytestmark = pytest.mark.untraced
_CONSUMERS = {consumer.function.module for consumer in CONSUMERS}
OLD: dict[str, Callable[[str], bool]] = {
    "everything": lambda _module: True,
    "pay_order": lambda module: module == PAY_ORDER.module,
    "all but pay_order": lambda module: module != PAY_ORDER.module,
    "the relay": lambda module: module == RELAY.module,
    "all but the relay": lambda module: module != RELAY.module,
    "the consumers": lambda module: module in _CONSUMERS,
    "all but the consumers": lambda module: module not in _CONSUMERS,
    "orders": lambda module: module.startswith("orders."),
    "billing": lambda module: module.startswith("billing."),
}
"""Which functions are the last release's."""


@pytest.mark.parametrize("old", OLD)
def test_an_order_lives_its_life(world: World, old: str) -> None:
    release, called = Code.of_release(latest()), Counter[str]()

    def code_of(module: str) -> Code:
        code = release if OLD[old](module) and release.has(module) else TODAY
        called["today" if code is TODAY else "old"] += 1
        return code

    world.code_of = code_of
    ada = with_profile(world, User())
    assert deposit(world, ada, 100).status == 200
    world.settle()
    orders = [create_order(world, ada, 2).json["id"] for _ in range(2)]
    for order in orders:
        assert execute(world, ada, order, "CONFIRM").json["state"] == "PAID"
        world.settle()
    assert execute(world, ada, orders[0], "CANCEL", reason="too slow").json["state"] == "CANCELED"
    assert execute(world, ada, orders[1], "COMPLETE").json["state"] == "COMPLETED"
    world.settle(times=2)

    assert world.request("GET", "/billing/account", ada).json["balance"] == 80
    told = world.request("GET", "/notifications", ada).json["items"]
    assert Counter(item["type"] for item in told) == {
        "DepositAccepted": 1,
        "OrderPaid": 2,
        "OrderCanceled": 1,
        "OrderCompleted": 1,
        "OrderRefunded": 1,
    }
    assert called["old"]
    assert called["today"] or old == "everything"


def has_ended(code: Code, user: User) -> bool:
    """Whether this code takes the user's session, begun an hour ago, for ended."""
    with code.in_use():
        sessions = importlib.import_module("auth.sessions")
        session = sessions.Session(user.session_id, user.profile_id, user.login, int(time.time()) - 3600)
        ended: bool = sessions.SessionTable.of_stage().has_ended(session)
        return ended


@pytest.mark.parametrize("ended_by", ["old", "today"])
def test_what_one_of_them_ends_has_ended_for_both(world: World, ended_by: str) -> None:
    release = Code.of_release(latest())
    world.code_of = lambda _module: release if ended_by == "old" else TODAY
    phone = User(session_id="phone")
    laptop = replace(phone, session_id="laptop")
    assert world.request("POST", "/logout", phone, json_body={}).status == 204
    for code in (release, TODAY):
        assert (has_ended(code, phone), has_ended(code, laptop)) == (True, False)

    with failing(world, "cognito-idp", "AdminUserGlobalSignOut", aws_error("UserNotFoundException")):
        assert world.request("POST", "/logout", phone, json_body={"everywhere": True}).status == 204
    for code in (release, TODAY):
        assert has_ended(code, laptop)
