"""`make load`: a mix of requests by many clients at once on a local cloud, driven by locust; latencies by route.

Every answer must be the one that the client aims at (tests/load/journeys.py); in the end every user was notified of
what happened, once, the accounts hold what they must, and the books are in order. REQUESTS sets how many requests are
made, not counting those made again because an answer said so; CLIENTS how many clients are at it at once, two for each
user; SEED what they do.
"""

import json
import math
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from local.failure import LocalCloudError
from local.places import PROJECT
from ops.reconcile import print_report, reconcile
from ops.target import Target
from tests.e2e.api import Api, User
from tests.e2e.own_cloud import own_cloud

REQUESTS = int(os.environ.get("REQUESTS") or 2000)
CLIENTS = int(os.environ.get("CLIENTS") or 16)
SEED = int(os.environ.get("SEED") or 20261125)
CLIENTS_OF_A_USER = 2
SETTLING_SECONDS = 180
LOCUST = PROJECT / ".tools" / "load" / "bin" / "python"
JOURNEYS = Path(__file__).parent / "journeys.py"


type Told = dict[str, Any]
"""What tests/load/journeys.py tells."""


def main() -> None:
    """Start a cloud, load it, check it; the exit code is not 0 on any error, finding, or request that was not made."""
    started = time.perf_counter()
    print(f"load: {REQUESTS} requests, {CLIENTS} clients, seed {SEED} (REQUESTS=… CLIENTS=… SEED=…)", flush=True)
    try:
        with own_cloud(timeout=60) as (api, folder):
            clients = list(_clients(api))
            told = _drive(clients, folder)
            made = _print_table(told)
            wrong = [f"{route}: {kind}, {count} times" for route, kind, count in told["errors"]]
            if made < REQUESTS:
                wrong.append(f"{made} requests were made, not {REQUESTS}")
            for user in clients[::CLIENTS_OF_A_USER]:
                notices, balance = Counter(told["notices"][user.profile_id]), told["balances"][user.profile_id]
                wrong += user.disagreements(notices, balance, seconds=SETTLING_SECONDS)
            report = reconcile(Target.local(api.stack), settlingSeconds=0)
    except LocalCloudError as error:
        sys.exit(f"load: {error}")
    print_report(report)
    for line in wrong:
        print(f"  WRONG: {line}")
    print(
        f"load: {made} requests by {CLIENTS} clients in {told['seconds']:.0f} s, {made / told['seconds']:.1f} a second "
        f"({time.perf_counter() - started:.0f} s in all); {_total(told['repeats'])} repeats, "
        f"{_total(told['errors'])} errors, {len(wrong)} things wrong, {report['total']} findings"
    )
    sys.exit(bool(wrong) or report["total"] > 0)


def _clients(api: Api) -> Iterator[User]:
    """A session for each client; those of one user one after the other."""
    for first in range(0, CLIENTS, CLIENTS_OF_A_USER):
        user = api.new_user()
        yield user
        for _ in range(first + 1, min(first + CLIENTS_OF_A_USER, CLIENTS)):
            yield api.signed_in(user.credentials, user.profile_id)


def _drive(clients: Sequence[User], directory: Path) -> Told:
    """Have the clients go their ways. Raises LocalCloudError when locust itself fails."""
    scene, told = directory / "scene.json", directory / "told.json"
    sessions = [
        {"profileId": user.profile_id, "token": user.tokens.access, "refreshToken": user.tokens.refresh}
        for user in clients
    ]
    api = clients[0].stack["apiUrl"]
    scene.write_text(json.dumps({"api": api, "seed": SEED, "requests": REQUESTS, "clients": sessions}))
    environment = {**os.environ, "LOAD_SCENE": str(scene), "LOAD_TOLD": str(told)}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run([LOCUST, JOURNEYS], env=environment, check=False)
    if done.returncode or not told.exists():
        raise LocalCloudError(f"locust ended with exit code {done.returncode}")
    said: Told = json.loads(told.read_text())
    return said


def _print_table(told: Told) -> int:
    """Print a line a route, then the repeats; gives how many requests were made, without the repeats."""
    errors, repeats = (_by_route(told[what]) for what in ("errors", "repeats"))
    times: dict[str, list[float]] = told["times"]
    everything = [each for route in times.values() for each in route]
    print(f"\n  {'route':40} requests  a second    p50    p95    p99 ms  errors  repeats")
    for route, taken in [*sorted(times.items(), key=_path_first), ("all", everything)]:
        shares = "".join(f"{_percentile(taken, share):7.0f}" for share in (50, 95, 99))
        counts = [errors.total(), repeats.total()] if route == "all" else [errors[route], repeats[route]]
        print(f"  {route:40} {len(taken):8} {len(taken) / told['seconds']:9.1f} {shares}   {counts[0]:7} {counts[1]:8}")
    print()
    for route, kind, count in told["repeats"]:
        print(f"  made again: {route}: {kind}, {count} times")
    return len(everything) - repeats.total()


def _path_first(row: tuple[str, list[float]]) -> tuple[str, str]:
    method, _, path = row[0].partition(" ")
    return path, method


def _percentile(values: list[float], share: int) -> float:
    """The smallest value that `share` percent of all values do not exceed."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def _by_route(counted: list[tuple[str, str, int]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for route, _, count in counted:
        counts[route] += count
    return counts


def _total(counted: list[tuple[str, str, int]]) -> int:
    return _by_route(counted).total()


if __name__ == "__main__":
    main()
