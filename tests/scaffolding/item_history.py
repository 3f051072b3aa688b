"""A history that leaves an item of every kind in every state, and what it leaves: the items of a released version.

`python -m tests.scaffolding.item_history` (part of `make release`) records those that the present code writes, as the
items of the contract's version; with a COMMIT, those that another commit wrote, by its own code. Clock and ids are
fixed, so that the same code records the same. tests/integration/test_items_of_releases.py reads them.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

# Of the version that is recorded, which may be an older one: nothing else of ours is imported.
from tests.integration.factories import create_order, deposit, execute, with_profile, withdraw
from tests.integration.faults import aws_error, failing, losing_the_answer
from tests.scaffolding.world import Answer, User, World

PROJECT = Path(__file__).parent.parent.parent
ITEMS = PROJECT / "tests/fixtures/items"
BEGINNING = 1_795_525_200.0
"""When the history begins, in epoch seconds: 2026-11-24, 13:00 UTC."""

SERVICES = ("auth", "profiles", "orders", "billing", "notifications")
READS = (
    "/billing/account",
    "/billing/account/transactions",
    "/orders",
    *(f"/orders?state={state}" for state in ("CREATED", "PAID", "COMPLETED", "CANCELED")),
    "/notifications",
)
"""What every user can ask for, besides the profile and each order."""


class History:
    """The users' actions, and the answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.users = {name: User(str(uuid.uuid4()), name, str(uuid.uuid4())) for name in ("ada", "bob", "dora")}
        self.keyed: list[dict[str, Any]] = []
        """Requests with an idempotency key, each with its answer."""

    def live(self) -> None:
        """Make everything happen; at the end some events are still in flight."""
        ada, bob, dora = self.users.values()
        for user in (ada, bob, dora):
            with_profile(self.world, user)
        self.world.request("PATCH", f"/profiles/{ada.profile_id}", ada, json_body={"fullName": "Ada L.", "age": 36})
        self.world.settle()
        self._move("deposit", ada, 2000)
        self._move("withdraw", ada, 25.5)
        self._order(ada, None)
        self._order(ada, 1)
        assert execute(self.world, ada, self._order(ada, 2), "EDIT", productQuantity=3).status == 200
        self._take(ada, "CONFIRM")
        self._take(ada, "CONFIRM", "COMPLETE")
        self._take(ada, "CANCEL")
        assert execute(self.world, ada, self._order(ada, None), "CANCEL", reason="changed my mind").status == 200
        self._take(ada, "CONFIRM", "CANCEL")
        assert execute(self.world, bob, self._order(bob, 4), "CONFIRM").status == 402
        self.world.settle()
        self._sign_out(ada, bob)

        # From here on no event arrives any more, and requests don't come to their end.
        self._take(ada, "CONFIRM", "CANCEL")
        self._take(ada, "CONFIRM", "COMPLETE")
        self._move("deposit", bob, 5)
        frozen, taken = self._order(ada, 5), self._order(ada, 6)
        with failing(self.world, "lambda", "Invoke", aws_error("ServiceException")):
            assert execute(self.world, ada, frozen, "CONFIRM").status >= 500
        with losing_the_answer(self.world, "lambda", "Invoke"):
            assert execute(self.world, ada, taken, "CONFIRM").status >= 500

    def answers(self) -> Iterator[dict[str, Any]]:
        """What each user is answered to each GET, once all has happened."""
        for user in self.users.values():
            orders = [row for row in self.world.rows("orders") if row["sk"].startswith("ORDER#")]
            own = sorted(row["id"] for row in orders if row["profileId"] == user.profile_id)
            for path in [*READS, f"/profiles/{user.profile_id}", *(f"/orders/{order_id}" for order_id in own)]:
                answer = read(self.world, user, path)
                assert answer.status == 200, f"{path}: {answer.text}"
                yield {"user": user.login, "path": path, "answer": answer.json}

    def _take(self, user: User, *events: str) -> None:
        order_id = self._order(user, 7)
        for event in events:
            assert execute(self.world, user, order_id, event).status == 200

    def _order(self, user: User, quantity: int | None) -> str:
        key = str(uuid.uuid4())
        answer = create_order(self.world, user, quantity, key)
        self._note(user, "/orders", {} if quantity is None else {"productQuantity": quantity}, key, answer)
        order_id: str = answer.json["id"]
        return order_id

    def _move(self, way: str, user: User, amount: float) -> None:
        key = str(uuid.uuid4())
        answer = {"deposit": deposit, "withdraw": withdraw}[way](self.world, user, amount, key)
        self._note(user, f"/billing/account/{way}", {"amount": amount}, key, answer)

    def _note(self, user: User, path: str, body: object, key: str, answer: Answer) -> None:
        assert answer.status in {200, 201}, answer.text
        request = {"user": user.login, "path": path, "body": body, "key": key}
        self.keyed.append({**request, "status": answer.status, "answer": answer.json})

    def _sign_out(self, once: User, everywhere: User) -> None:
        assert self.world.request("POST", "/logout", once, json_body={}).status == 204
        with failing(self.world, "cognito-idp", "AdminUserGlobalSignOut", aws_error("UserNotFoundException")):
            answer = self.world.request("POST", "/logout", everywhere, json_body={"everywhere": True})
        assert answer.status == 204


def read(world: World, user: User, path: str) -> Answer:
    """What a user is answered to a GET of the first hundred."""
    path, _, query = path.partition("?")
    listed = path in READS and path != "/billing/account"
    filters = dict(each.split("=") for each in query.split("&")) if query else {}
    return world.request("GET", path, user, query={"limit": "100", **filters} if listed else {})


def recording() -> dict[str, Any]:
    """All that the code in this process leaves behind."""
    with _fixed_clock_and_ids(), World() as world:
        history = History(world)
        history.live()
        return {
            "until": time.time(),
            "users": [asdict(user) for user in history.users.values()],
            "keyed": history.keyed,
            "answers": list(history.answers()),
            "tables": {service: sorted(world.rows(service), key=_key) for service in SERVICES},
        }


def items_of(version: str) -> Path:
    """Where the items of a version are kept."""
    return ITEMS / f"{version}.json"


def main(arguments: list[str]) -> None:
    """Record. The items of a version are never rewritten: they were deployed."""
    match arguments:
        case ["--into", file]:
            Path(file).write_text(_text(recording()))
        case [commit]:
            version, text = _of_commit(commit)
            _keep(version, text)
        case _:
            _keep(_version((PROJECT / "docs/released/openapi.json").read_text()), _text(recording()))


def _keep(version: str, text: str) -> None:
    file = items_of(version)
    if file.exists() and file.read_text() != text:
        sys.exit(f"{file.relative_to(PROJECT)} holds other items: what writes other items is another version (VERSION)")
    ITEMS.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _of_commit(commit: str) -> tuple[str, str]:
    """The version that a commit released, and what its own code leaves behind."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        git = ["git", "-C", str(PROJECT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(checkout), commit], check=True)
        try:
            for installed in (".venv", "node_modules", ".tools"):
                (checkout / installed).symlink_to(PROJECT / installed)
            sources = [checkout, checkout / "functions", checkout / "layers/shared/python"]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, sources))}
            # -P: this file's own folder is not where modules are looked for.
            recorded = Path(folder) / "items.json"
            command = [sys.executable, "-P", __file__, "--into", str(recorded)]
            done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
            if done.returncode:
                sys.exit(done.stderr)
            return _version((checkout / "docs/released/openapi.json").read_text()), recorded.read_text()
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)


def _version(openapi: str) -> str:
    version: str = json.loads(openapi)["info"]["version"]
    return version


def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name, "")) for name in ("pk", "profileId", "id", "sk"))


def _text(recorded: dict[str, Any]) -> str:
    """One line per row and answer, so that it can be read and compared."""
    lists = {name: value for name, value in recorded.items() if isinstance(value, list)}
    lists |= {f"{name} items": rows for name, rows in recorded["tables"].items()}
    parts = [f'"until": {recorded["until"]}']
    for name, rows in lists.items():
        lines = ",\n  ".join(json.dumps(row, ensure_ascii=False, default=_number) for row in rows)
        parts.append(f'"{name}": [\n  {lines}\n ]')
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


@contextmanager
def clock_at(moment: float) -> Iterator[None]:
    """Set the clock to `moment` (epoch seconds); it runs from there, and waiting takes no time."""
    now = [moment]

    def look() -> float:
        now[0] += 0.001
        return round(now[0], 3)

    def wait(seconds: float) -> None:
        now[0] += seconds

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", look)
        patch.setattr(time, "time_ns", lambda: round(look() * 1000) * 1_000_000)
        patch.setattr(time, "sleep", wait)
        yield


@contextmanager
def _fixed_clock_and_ids() -> Iterator[None]:
    dice = random.Random(1)  # noqa: S311 - ids of nobody
    with pytest.MonkeyPatch.context() as patch, clock_at(BEGINNING):
        patch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=dice.getrandbits(128), version=4))
        yield


if __name__ == "__main__":
    main(sys.argv[1:])
