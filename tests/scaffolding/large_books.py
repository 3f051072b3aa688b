"""Books of any size that take no memory: DynamoDB's pages are generated on request.

Every profile has the rows of a real one after a deposit, three payments and a refund, with its own ids. Answers have
the form of AWS's, and are billed as AWS bills them.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any

from reconciliation.rules import GENESIS, hash_of
from shared.dynamodb import from_item, to_item
from tests.integration import factories
from tests.scaffolding.request_units import Units, request_units
from tests.scaffolding.world import Item, Ok, User, World

ROWS_EACH = 12
_KINDS_SCANNED = {"ACCOUNT", "PAYMENT", "ENTRY#000000000001"}
_SETTLED = "2026-01-01T00:00:00.000Z"


class LargeBooks:
    """The books of `profiles` profiles, as a world's tables."""

    def __init__(self, world: World, profiles: int) -> None:
        self._world = world
        self._profiles = profiles
        self._model = _model(world)
        self.calls: Counter[str] = Counter()
        self.units = Units()
        self._tables = {world.table_name(service): service for service in ("billing", "orders")}
        self._rows = lru_cache(maxsize=16)(self._made)

    @contextmanager
    def stored(self) -> Iterator[None]:
        """Make DynamoDB answer with them while the block runs."""
        answers = {
            "Scan": self._scan,
            "Query": self._query,
            "GetItem": self._get,
            "BatchGetItem": self._batch,
            "TransactGetItems": self._suspected,
        }
        with ExitStack() as stack:
            for operation, answer in answers.items():
                stack.enter_context(self._world.intercepting("dynamodb", operation, answer))
            yield

    def _made(self, profile: int) -> Mapping[str, list[Item]]:
        """All rows of a profile, by service, in the order of their keys."""
        ids = {self._model.profile_id: _id(profile)}
        ids |= {order: _id(profile * 10 + place) for place, order in enumerate(self._model.order_ids)}
        rows = {}
        for service, text in self._model.rows.items():
            for old, new in ids.items():
                text = text.replace(old, new)  # noqa: PLW2901 - one id after the other
            rows[service] = json.loads(text)
        _chain(rows["billing"])
        return rows

    def _scan(self, params: Item | None) -> Any:
        asked, service = self._asked("Scan", params)
        first, end = (self._profiles * (asked["Segment"] + step) // asked["TotalSegments"] for step in (0, 1))
        after: Item = from_item(asked.get("ExclusiveStartKey", {}))
        profile = _profile(after) if after else first
        page: list[Item] = []
        while profile < end and len(page) < asked["Limit"]:
            rows = self._rows(profile)[service]
            place = next((place + 1 for place, row in enumerate(rows) if after.items() <= row.items()), 0)
            page += rows[place if after else 0 :]
            after, profile = {}, profile + 1
        page = page[: asked["Limit"]]
        at_the_end = not page or (_profile(page[-1]) == end - 1 and page[-1] == self._rows(end - 1)[service][-1])
        self._bill("Scan", asked, {"Items": list(map(to_item, page))})
        kept = [row for row in page if service == "orders" or row["sk"] in _KINDS_SCANNED]
        last = {} if at_the_end else {"LastEvaluatedKey": to_item(_key(page[-1]))}
        return Ok(), {"Items": list(map(to_item, kept)), "ScannedCount": len(page), **last}

    def _query(self, params: Item | None) -> Any:
        """The entries of an account after one of them."""
        asked, service = self._asked("Query", params)
        account, *bounds = (from_item({"x": value})["x"] for value in asked["ExpressionAttributeValues"].values())
        rows = self._rows(_profile({"pk": account}))[service]
        found = [row for row in rows if row["pk"] == account and min(bounds) <= row["sk"] <= max(bounds)]
        answer = {"Items": list(map(to_item, found[: asked["Limit"]]))}
        self._bill("Query", asked, answer)
        return Ok(), answer

    def _batch(self, params: Item | None) -> Any:
        asked, service = self._asked("BatchGetItem", params)
        [(table, request)] = asked["RequestItems"].items()
        wanted = [from_item(key) for key in request["Keys"]]
        found = [row for key in wanted for row in self._rows(_profile(key))[service] if key.items() <= row.items()]
        answer = {"Responses": {table: list(map(to_item, found))}}
        self._bill("BatchGetItem", asked, answer)
        return Ok(), answer

    def _get(self, params: Item | None) -> Any:
        asked, service = self._asked("GetItem", params)
        key = from_item(asked["Key"])
        [row] = [row for row in self._rows(_profile(key))[service] if key.items() <= row.items()]
        answer = {"Item": to_item(row)}
        self._bill("GetItem", asked, answer)
        return Ok(), answer

    def _suspected(self, params: Item | None) -> Any:
        raise AssertionError(f"sound rows are suspected: {params}")

    def _asked(self, operation: str, params: Item | None) -> tuple[Item, str]:
        assert params
        self.calls[operation] += 1
        asked: Item = json.loads(params["body"])
        return asked, self._tables[asked.get("TableName") or next(iter(asked["RequestItems"]))]

    def _bill(self, operation: str, asked: Item, answer: Item) -> None:
        self.units += request_units(operation, asked, answer, indexes={})


class _Model:
    """A real profile's rows as JSON, by service, and the ids in them."""

    def __init__(self, profile_id: str, order_ids: list[str], rows: dict[str, list[Item]]) -> None:
        self.profile_id, self.order_ids = profile_id, order_ids
        self.rows = {service: json.dumps(of_service, default=int) for service, of_service in rows.items()}


def _model(world: World) -> _Model:
    ada = User()
    factories.deposit(world, ada, 100)
    order_ids = [factories.create_order(world, ada).json["id"] for _ in range(3)]
    for order_id in order_ids:
        assert factories.execute(world, ada, order_id, "CONFIRM").status == 200
    factories.execute(world, ada, order_ids[0], "CANCEL")
    world.settle()
    kinds = ("ACCOUNT", "ENTRY", "PAYMENT", "ORDER")
    rows = {
        service: sorted(
            (
                row | ({"updatedAt": _SETTLED} if "updatedAt" in row else {})
                for row in world.rows(service)
                if row["sk"].startswith(kinds)
            ),
            key=lambda row: (str(row.get("pk")), row["sk"]),
        )
        for service in ("billing", "orders")
    }
    assert sum(map(len, rows.values())) == ROWS_EACH
    return _Model(ada.profile_id, order_ids, rows)


def _chain(billing: list[Item]) -> None:
    """Chain the entries again, since their ids have changed."""
    last = GENESIS
    for entry in (row for row in billing if row["sk"].startswith("ENTRY")):
        entry["previousHash"] = last
        entry["hash"] = last = hash_of(entry)
    account = next(row for row in billing if row["sk"] == "ACCOUNT")
    account["lastHash"] = last


def _id(number: int) -> str:
    return f"00000000-0000-7000-8000-{number:012d}"


def _profile(key: Item) -> int:
    """Whose row has this key."""
    if "pk" not in key:
        return int(key["profileId"][-12:])
    kind, _, name = key["pk"].partition("#")
    return int(name[-12:]) // (10 if kind == "ORDER" else 1)


def _key(row: Item) -> Item:
    partition_key = "pk" if "pk" in row else "profileId"
    return {name: row[name] for name in (partition_key, "sk")}
