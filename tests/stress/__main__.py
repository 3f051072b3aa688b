"""`make stress`: payments and cancellations by many workers on few accounts, and every count exact in the end.

Each account has money for four fifths of its orders, so that it is known how many payments must succeed and how many
must be refused, whatever the workers' order. Half of all requests are sent twice at once: with the same key where the
operation takes one.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import httpx

from local.failure import LocalCloudError
from ops.reconcile import print_report, reconcile
from ops.target import Target
from tests.e2e.api import Api, User, exact, new_key
from tests.e2e.own_cloud import own_cloud
from tests.stress.books import compared, table

WORKERS = 20
ACCOUNTS = 10
PAYMENTS = int(os.environ.get("PAYMENTS") or 500)
PRICE = 10
SETTLING_SECONDS = 180
ATTEMPTS = 50

type Ask = Callable[[], httpx.Response]


@dataclass(slots=True)
class Tally:
    """Answers by phase and status, of all workers."""

    counts: dict[str, Counter[int]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, phase: str, status: int) -> None:
        """Count one final answer."""
        with self._lock:
            self.counts.setdefault(phase, Counter())[status] += 1


class Stress:
    """The workers, and what they were told."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.tally = Tally()
        self.requests = 0
        self.notices: Counter[str] = Counter()
        self._pool = ThreadPoolExecutor(WORKERS)
        self._twins = ThreadPoolExecutor(WORKERS)

    def run(self) -> list[str]:
        """All phases; gives what is not as it must be."""
        users = list(self._pool.map(lambda _: self._api.new_user(), range(ACCOUNTS)))
        each = PAYMENTS // ACCOUNTS
        affordable = each * 4 // 5
        self._phase("deposit", [self._deposit(user, affordable * PRICE) for user in users])
        orders = self._phase("create", [self._create(user) for user in users for _ in range(each)])
        owned = [(user, orders[place * each + number]) for place, user in enumerate(users) for number in range(each)]
        interleaved = [owned[place * each + number] for number in range(each) for place in range(ACCOUNTS)]
        self._phase("pay", [self._execute(user, order, "CONFIRM") for user, order in interleaved])
        self._phase("cancel", [self._execute(user, order, "CANCEL") for user, order in interleaved])
        return self._check(users, each, affordable)

    def _phase(self, name: str, asks: list[Ask]) -> list[dict[str, Any]]:
        started = time.perf_counter()
        answers = list(self._pool.map(lambda numbered: self._ask(name, *numbered), enumerate(asks)))
        print(
            f"  {name:8} {len(asks):4} × {dict(self.tally.counts[name])} in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        return answers

    def _ask(self, phase: str, number: int, ask: Ask) -> dict[str, Any]:
        """Ask, every second time twice at once; count the answer, and a twin's if it is another."""
        twin = self._twins.submit(self._until_final, ask) if number % 2 else None
        answers = [self._until_final(ask), *([twin.result()] if twin else [])]
        for status in {answer.status_code for answer in answers}:
            self.tally.add(phase, status)
        body: dict[str, Any] = exact(answers[0])
        return body

    def _until_final(self, ask: Ask) -> httpx.Response:
        """What a well-behaved client does: when told to try again, it does, with the same key."""
        attempts = iter(range(ATTEMPTS))
        while True:
            self.requests += 1
            answer = ask()
            if "retry-after" not in answer.headers or next(attempts, None) is None:
                return answer
            time.sleep(0.2)

    def _deposit(self, user: User, amount: int) -> Ask:
        key = new_key()
        return lambda: user.post("/billing/account/deposit", {"amount": amount}, headers=key)

    def _create(self, user: User) -> Ask:
        key = new_key()
        return lambda: user.post("/orders", {"productQuantity": 1}, headers=key)

    def _execute(self, user: User, order: dict[str, Any], event: str) -> Ask:
        return lambda: user.execute(order, event)

    def _check(self, users: list[User], each: int, affordable: int) -> list[str]:
        refused = each - affordable
        expected: dict[str, dict[int, int]] = {
            "deposit": {200: ACCOUNTS},
            "create": {201: ACCOUNTS * each},
            "pay": {200: ACCOUNTS * affordable, 402: ACCOUNTS * refused},
            "cancel": {200: ACCOUNTS * each},
        }
        wrong = [
            f"{phase}: {dict(self.tally.counts[phase])}, not {counts}"
            for phase, counts in expected.items()
            if self.tally.counts[phase] != counts
        ]
        notices = {
            "DepositAccepted": 1,
            "OrderPaid": affordable,
            "OrderCanceled": each,
            "OrderRefunded": affordable,
        }
        for user in users:
            wrong += user.disagreements(notices, affordable * PRICE, seconds=SETTLING_SECONDS)
            self.notices.update(user.all_notification_types())
        return wrong


def main() -> None:
    """Start a cloud, stress it, audit it; the exit code is not 0 when a count is off or the books disagree."""
    started, began = time.perf_counter(), datetime.now(UTC)
    limits = httpx.Limits(max_connections=2 * WORKERS)
    try:
        with own_cloud(timeout=60, limits=limits) as (api, _):
            stress = Stress(api)
            wrong = stress.run()
            target = Target.local(api.stack)
            report = reconcile(target, settlingSeconds=0)
            books = list(compared(target, stress.notices, began))
    except LocalCloudError as error:
        sys.exit(f"stress: {error}")
    print_report(report)
    print("\n".join(table(books)))
    wrong += [f"{row.what}: metrics, ledger and notifications differ" for row in books if not row.agrees]
    for line in wrong:
        print(f"  WRONG: {line}")
    print(
        f"stress: {PAYMENTS} payments, {PAYMENTS} cancellations, {WORKERS} workers, {ACCOUNTS} accounts, "
        f"{stress.requests} requests in {time.perf_counter() - started:.0f} s: {len(wrong)} wrong counts, "
        f"{report['total']} findings"
    )
    sys.exit(bool(wrong) or report["total"] > 0)


if __name__ == "__main__":
    main()
