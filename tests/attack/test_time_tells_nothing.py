"""How long login, confirm and register take does not tell who has an account.

Measured here, where few have one: the emulator looks through all users for one who isn't there.
"""

import time
from collections.abc import Callable
from statistics import median

import httpx
import pytest

from tests.attack.scene import Scene
from tests.e2e.api import Api, Credentials

TIMES = 40

type Ask = Callable[[Api, Credentials], httpx.Response]


def sign_in(api: Api, somebody: Credentials) -> httpx.Response:
    return api.post("/login", {"login": somebody.login, "password": "Wrong-pass-1"})


def confirm(api: Api, somebody: Credentials) -> httpx.Response:
    return api.post("/register/confirm", {"login": somebody.login, "code": "000000"})


def register_with_address(api: Api, somebody: Credentials) -> httpx.Response:
    return api.post("/register", {**Credentials().registration(), "email": somebody.email})


@pytest.mark.parametrize(
    ("ask", "status"),
    [(sign_in, 401), (confirm, 422), (register_with_address, 201)],
    ids=["login", "confirm", "register"],
)
def test_somebody_who_may_ask_forty_times_can_not_tell_who_has_an_account(
    everybody: Scene, ask: Ask, status: int
) -> None:
    """An answer about somebody known is as often slower as it is faster than one about nobody."""
    api, known = everybody.api, everybody.victim.user.credentials
    known_times: list[float] = []
    unknown_times: list[float] = []
    for number in range(TIMES):
        both = [(known, known_times), (Credentials(), unknown_times)]
        for somebody, times in both if number % 2 else reversed(both):
            started = time.perf_counter()
            answer = ask(api, somebody)
            times.append(time.perf_counter() - started)
            assert answer.status_code == status
    slower = sum(one > other for one in known_times for other in unknown_times) / TIMES**2
    assert 0.25 < slower < 0.75, (median(known_times), median(unknown_times))
