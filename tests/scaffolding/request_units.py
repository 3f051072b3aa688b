"""What DynamoDB bills for a call, on demand: read and write request units, by the rules that AWS documents.

Computed only from the request and the answer, so that calls to emulators, which count differently or not at all, can be
measured as AWS would bill them.

* [Reads and writes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html):
  reads in steps of 4 KB, half of it when eventually consistent, double in a transaction; writes in steps of 1 KB, of
  the larger of the old and the new item, double in a transaction. What finds nothing costs as much as the smallest
  item. A write whose condition fails costs as if it had written
  ([conditional writes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html)).
* [Sizes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html): names and
  texts in UTF-8, numbers about a byte for two significant digits and one more.
* [Local indexes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html): an entry that comes, goes
  or changes is one write more, in steps of 1 KB of the entry; a change of its key is two, for the old entry goes and a
  new one comes. A transaction writes them at the simple price: AWS does not say so, but its answers do, where others
  have [measured them](https://github.com/nubo-db/dynoxide/pull/188).
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

type Item = Mapping[str, Mapping[str, Any]]
"""An item, or its key, in DynamoDB's form: `{"id": {"S": "…"}}`."""

type Before = Callable[[str, Item], Item | None]
"""Gives the item that was in a table before a write, by the table's name and the new item or the key."""

READ_STEP = 4 * 1024
WRITE_STEP = 1024
_TRANSACTIONAL = 2
_CONTAINER, _ELEMENT = 3, 1
"""Bytes that a list or map takes by itself, and for each of its elements."""


@dataclass(frozen=True, slots=True)
class Units:
    """Request units: of reads and of writes."""

    read: float = 0
    write: float = 0

    def __add__(self, other: Self) -> "Units":
        return Units(self.read + other.read, self.write + other.write)


@dataclass(frozen=True, slots=True)
class Index:
    """A local index: an item is in it when it has the attribute `sort_key`."""

    sort_key: str
    projected: frozenset[str] | None = None
    """The attributes that an entry holds, all keys among them; None: every attribute."""

    def entry(self, item: Item | None) -> Item | None:
        """The index entry of an item, None when it has none."""
        if item is None or self.sort_key not in item:
            return None
        return item if self.projected is None else {name: item[name] for name in item if name in self.projected}


def indexes_of(definition: Mapping[str, Any]) -> tuple[Index, ...]:
    """The local indexes of a table, of what CreateTable was given."""
    return tuple(_indexes(definition))


def request_units(
    operation: str,
    parameters: Mapping[str, Any],
    answer: Mapping[str, Any],
    *,
    indexes: Mapping[str, Sequence[Index]],
    before: Before | None = None,
) -> Units:
    """The cost of a call of `operation` (`GetItem` …); parameters and answer or error are in botocore's form.

    `indexes` has the local indexes of tables, by name. What a write replaces is what the answer says of it, else what
    `before` gives; where neither says, the old item is taken to be no larger than the new one, and in the same place of
    an index unless the update names its key. Raises ValueError for what can't be known of the answer: a read that hides
    a part of what it has read, an update that does not tell the item.
    """
    match operation:
        case "GetItem":
            return _read([answer.get("Item")], parameters, _consistency(parameters))
        case "BatchGetItem":
            requests: Mapping[str, Mapping[str, Any]] = parameters["RequestItems"]
            return sum((_batch(table, request, answer) for table, request in requests.items()), Units())
        case "TransactGetItems":
            gets = [part["Get"] for part in parameters["TransactItems"]]
            found = answer.get("Responses") or [{}] * len(gets)
            reads = (_read([each.get("Item")], get, _TRANSACTIONAL) for get, each in zip(gets, found, strict=True))
            return sum(reads, Units())
        case "Query" | "Scan":
            return _page(parameters, answer)
        case "PutItem" | "UpdateItem" | "DeleteItem":
            write = _Write.of(operation.removesuffix("Item"), parameters, answer, before)
            return Units(write=write.units(indexes))
        case "TransactWriteItems":
            writes = _parts(parameters, answer, before)
            return Units(write=sum(write.units(indexes, own=_TRANSACTIONAL) for write in writes))
    raise ValueError(f"no rule for {operation}")


def item_size(item: Item) -> int:
    """The size of an item in bytes."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _indexes(definition: Mapping[str, Any]) -> Iterator[Index]:
    keys = {key["AttributeName"] for key in definition["KeySchema"]}
    for index in definition.get("LocalSecondaryIndexes", ()):
        own = {key["AttributeName"] for key in index["KeySchema"]}
        [sort_key] = [key["AttributeName"] for key in index["KeySchema"] if key["KeyType"] == "RANGE"]
        projection = index["Projection"]
        whole = projection["ProjectionType"] == "ALL"
        others = projection.get("NonKeyAttributes", ())
        yield Index(sort_key, None if whole else frozenset({*keys, *own, *others}))


def _value_size(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_size(content)
        case "B":
            return len(content)
        case "BOOL" | "NULL":
            return 1
        case "L":
            return _CONTAINER + sum(_ELEMENT + _value_size(element) for element in content)
        case "M":
            return _CONTAINER + sum(_ELEMENT + item_size({name: element}) for name, element in content.items())
        case "SS" | "NS" | "BS":
            return sum(_value_size({kind[0]: element}) for element in content)
    raise ValueError(f"no attribute has the type {kind}")


def _number_size(text: str) -> int:
    digits = text.lower().partition("e")[0].lstrip("+-").replace(".", "").strip("0")
    return math.ceil(len(digits) / 2) + 1


def _steps(size: int, step: int) -> int:
    """The number of steps for a size; an empty one takes one too."""
    return max(1, math.ceil(size / step))


# Reads


def _read(items: Iterable[Item | None], parameters: Mapping[str, Any], units_a_step: float) -> Units:
    """Items read one by one; None is a missing one."""
    if "ProjectionExpression" in parameters:
        raise ValueError("a projection costs what the whole item costs, and hides how large that is")
    return Units(read=units_a_step * sum(_steps(item_size(item or {}), READ_STEP) for item in items))


def _batch(table: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> Units:
    found: list[Item] = answer.get("Responses", {}).get(table, [])
    put_off = len(answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ()))
    missing = len(request["Keys"]) - put_off - len(found)
    return _read([*found, *[None] * missing], request, _consistency(request))


def _page(parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> Units:
    """A Query or Scan: the bytes of the page, rounded once; of an index, those of its entries."""
    items: Sequence[Item] = answer.get("Items", ())
    if "ProjectionExpression" in parameters or answer.get("ScannedCount", len(items)) != len(items):
        raise ValueError("what is read and then left out is paid for, and hidden")
    return Units(read=_consistency(parameters) * _steps(sum(map(item_size, items)), READ_STEP))


def _consistency(parameters: Mapping[str, Any]) -> float:
    return 1 if parameters.get("ConsistentRead") else 0.5


# Writes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A write of one item: the old one, the new one, and whether it was done."""

    table: str
    old: Item | None
    old_is_known: bool
    new: Item | None
    named: frozenset[str]
    """The attributes that an update names."""
    done: bool

    @classmethod
    def of(cls, kind: str, parameters: Mapping[str, Any], answer: Mapping[str, Any], before: Before | None) -> "_Write":
        """The write of a Put, Update, Delete or ConditionCheck, and the answer to it, be it a part of a transaction."""
        table, returned = parameters["TableName"], parameters.get("ReturnValues")
        done = "Error" not in answer
        old = (answer.get("Attributes") if returned == "ALL_OLD" else None) if done else answer.get("Item")
        old_is_known = old is not None or (done and returned == "ALL_OLD")
        if not old_is_known and before:
            old, old_is_known = before(table, parameters.get("Item") or parameters["Key"]), True
        new = {
            "Put": parameters.get("Item"),
            "Update": answer.get("Attributes") if returned == "ALL_NEW" else None,
            "ConditionCheck": old,
        }.get(kind)
        if kind == "Update" and done and new is None:
            raise ValueError("an update costs what its item costs: ask for ReturnValues=ALL_NEW")
        words = parameters.get("UpdateExpression", "").replace(",", " ").split()
        named = frozenset({*words, *parameters.get("ExpressionAttributeNames", {}).values()})
        return cls(table=table, old=old, old_is_known=old_is_known, new=new, named=named, done=done)

    def units(self, indexes: Mapping[str, Sequence[Index]], *, own: int = 1) -> int:
        """The units of the table, times `own`, and of its indexes."""
        larger = max(item_size(self.old or {}), item_size(self.new or {}))
        return own * _steps(larger, WRITE_STEP) + sum(
            self._index_units(index) for index in indexes.get(self.table, ()) if self.done
        )

    def _index_units(self, index: Index) -> int:
        old, new = index.entry(self.old), index.entry(self.new)
        if self.old_is_known and old == new:
            return 0
        steps = [_steps(item_size(entry), WRITE_STEP) for entry in (old, new) if entry is not None]
        if not self.old_is_known:
            return sum(steps) * (2 if index.sort_key in self.named else 1)
        moves = old and new and old[index.sort_key] != new[index.sort_key]
        return sum(steps) if moves else max(steps)


def _parts(parameters: Mapping[str, Any], answer: Mapping[str, Any], before: Before | None) -> Iterator[_Write]:
    """The writes of a transaction; canceled, each costs the table what it would have cost, and the indexes nothing."""
    parts = parameters["TransactItems"]
    canceled = "Error" in answer
    reasons = answer.get("CancellationReasons") or [{}] * len(parts)
    for part, reason in zip(parts, reasons, strict=True):
        [(kind, request)] = part.items()
        yield _Write.of(kind, request, {"Error": answer["Error"], **reason} if canceled else {}, before)
