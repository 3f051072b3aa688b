"""After signing out, the very next request is rejected, every time: one client after another, and eight at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from local.deployment import StackDescription
from tests.e2e.api import Api, User

TIMES = 50
CLIENTS = 8
TIMES_EVERYWHERE = 10
"""Each waits until the second is over (docs/decisions/0008)."""

type Statuses = tuple[int, int, int]
"""Of a request before signing out, of signing out, and of the next request."""

AS_PROMISED: Statuses = (200, 204, 401)


def signed_out(user: User, body: dict[str, bool]) -> Statuses:
    """Use a session, end it, and use it again at once."""
    answers = user.get("/billing/account"), user.post("/logout", body), user.get("/billing/account")
    before, at, after = (answer.status_code for answer in answers)
    return before, at, after


@pytest.mark.parametrize(("body", "times"), [({}, TIMES), ({"everywhere": True}, TIMES_EVERYWHERE)], ids=str)
def test_every_time_the_next_request_is_refused(api: Api, user: User, body: dict[str, bool], times: int) -> None:
    sessions = (api.signed_in(user.credentials, user.profile_id) for _ in range(times))
    assert Counter(signed_out(session, body) for session in sessions) == {AS_PROMISED: times}


def test_so_it_is_fifty_times_each_for_eight_clients_at_once(stack: StackDescription, user: User) -> None:
    together = Barrier(CLIENTS)

    def client(_number: int) -> Counter[Statuses]:
        with httpx.Client(timeout=60) as http:
            api, seen = Api(stack, http), Counter[Statuses]()
            for _ in range(TIMES):
                session = api.signed_in(user.credentials, user.profile_id)
                together.wait(60)
                seen[signed_out(session, {})] += 1
            return seen

    with ThreadPoolExecutor(CLIENTS) as pool:
        seen = sum(pool.map(client, range(CLIENTS)), Counter[Statuses]())
    assert seen == {AS_PROMISED: CLIENTS * TIMES}


def test_a_session_that_eight_clients_share_ends_for_all_of_them(stack: StackDescription, user: User) -> None:
    ended = Barrier(CLIENTS + 1)

    def client(_number: int) -> tuple[int, int]:
        with httpx.Client(timeout=60, headers={"authorization": f"Bearer {user.tokens.access}"}) as http:
            before = http.get(f"{stack['apiUrl']}/orders").status_code
            ended.wait(60)
            ended.wait(60)
            return before, http.get(f"{stack['apiUrl']}/orders").status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client, number) for number in range(CLIENTS)]
        ended.wait(60)
        assert user.post("/logout", {}).status_code == 204
        ended.wait(60)
        assert Counter(asked.result() for asked in clients) == {(200, 401): CLIENTS}
