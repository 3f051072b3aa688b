"""One DynamoDB table: plain values in and out, conditions built with boto3, lost races raised as ConflictError."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from boto3.dynamodb.conditions import ConditionExpressionBuilder
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from shared import aws
from shared.retry import ConflictError, ThrottledError

if TYPE_CHECKING:
    from boto3.dynamodb.conditions import ConditionBase
    from mypy_boto3_dynamodb.type_defs import (
        AttributeValueTypeDef,
        TransactWriteItemTypeDef,
    )

type Key = Mapping[str, str]
type Values = Mapping[str, Any]
"""An item in plain values: str, int, bool, None. None means that the attribute is absent."""

_RETRYABLE_REASONS = {
    "ConditionalCheckFailed",
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
}
_serializer = TypeSerializer()


class ConditionFailedError(ConflictError):
    """The item does not meet the condition; `item` is its current state, None when there is none."""

    def __init__(self, item: dict[str, Any] | None) -> None:
        super().__init__("the condition does not hold")
        self.item = item


class Table:
    """The table called `name`. Reads are strongly consistent, unless stated otherwise."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._client = aws.client("dynamodb")

    def get(self, key: Key) -> dict[str, Any] | None:
        """The item at `key`, None when there is none. One request."""
        answer = self._client.get_item(TableName=self.name, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_several(self, *keys: Key, consistent: bool = True) -> list[dict[str, Any] | None]:
        """The items at `keys`, in order, None for a missing one. One request, at most 100 keys.

        Raises ThrottledError when the table returns only some of them.
        """
        answer = self._client.batch_get_item(
            RequestItems={self.name: {"Keys": [to_item(key) for key in keys], "ConsistentRead": consistent}}
        )
        if answer.get("UnprocessedKeys"):
            raise ThrottledError("the table is throttled")
        found = [from_item(item) for item in answer["Responses"].get(self.name, [])]
        return [next((item for item in found if item.items() >= key.items()), None) for key in keys]

    def put(self, item: Values, condition: ConditionBase | None = None) -> None:
        """Write the whole `item`, if `condition` holds for the stored one.

        Raises ConditionFailedError if not, unless `item` itself is stored: then the first answer was lost, and the SDK
        sent it twice.
        """
        if condition is None:
            self._client.put_item(TableName=self.name, Item=to_item(item))
            return
        try:
            self._client.put_item(
                TableName=self.name,
                Item=to_item(item),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_expression(condition),
            )
        except ClientError as error:
            if error.response.get("Item") != to_item(item):
                raise _translated(error) from error

    def change(self, key: Key, attributes: Values, condition: ConditionBase | None = None) -> dict[str, Any]:
        """Set `attributes`, remove those that are None, and return the changed item; the others stay as they are.

        Not all may be None. Makes the item if there is none and no condition. Raises ConditionFailedError. One request.
        """
        names = {f"a{number}": name for number, name in enumerate(attributes)}
        values = {place: attributes[name] for place, name in names.items() if attributes[name] is not None}
        changes = f"SET {', '.join(f'#{place} = :{place}' for place in values)}"
        if removed := names.keys() - values.keys():
            changes += f" REMOVE {', '.join(f'#{place}' for place in sorted(removed))}"
        return self.update(key, changes=changes, values=values, condition=condition, names=names)

    def update(
        self,
        key: Key,
        *,
        changes: str,
        values: Values,
        condition: ConditionBase | None,
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Any]:
        """Apply the update expression `changes`, with `:name` for `values` and `#name` for `names`; returns the item.

        Raises ConditionFailedError.
        """
        expression = _expression(condition) if condition else {}
        expression["ExpressionAttributeNames"] = {
            **expression.get("ExpressionAttributeNames", {}),
            **{f"#{place}": name for place, name in names.items()},
        }
        expression["ExpressionAttributeValues"] = {
            **expression.get("ExpressionAttributeValues", {}),
            **{f":{name}": _serializer.serialize(value) for name, value in values.items()},
        }
        try:
            answer = self._client.update_item(
                TableName=self.name,
                Key=to_item(key),
                UpdateExpression=changes,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **expression,
            )
        except ClientError as error:
            raise _translated(error) from error
        return from_item(answer["Attributes"])

    def putting(self, item: Values, condition: ConditionBase) -> TransactWriteItemTypeDef:
        """A conditional put, as one part of a transaction."""
        put = {"TableName": self.name, "Item": to_item(item), **_expression(condition)}
        return cast("TransactWriteItemTypeDef", {"Put": put})

    def transact(self, *parts: TransactWriteItemTypeDef) -> None:
        """Write all `parts` or none. Raises ConflictError when a condition does not hold or another writer was first.

        The client sends a request token, so that its own retries can't write twice.
        """
        try:
            self._client.transact_write_items(TransactItems=parts)
        except ClientError as error:
            raise _translated(error) from error

    def query(
        self,
        condition: ConditionBase,
        *,
        limit: int,
        start_key: Key | None,
        index: str | None = None,
        consistent: bool = True,
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Up to `limit` items whose key matches `condition`, the last sort key first; and the last one, if more follow.

        One request, for one more item: DynamoDB itself only reports that it stopped, not whether anything follows.
        """
        place: dict[str, Any] = {}
        if start_key:
            place["ExclusiveStartKey"] = to_item(start_key)
        if index:
            place["IndexName"] = index
        answer = self._client.query(
            TableName=self.name,
            ConsistentRead=consistent,
            ScanIndexForward=False,
            Limit=limit + 1,
            **place,
            **_expression(condition, key=True),
        )
        items = [from_item(item) for item in answer["Items"][:limit]]
        # DynamoDB also stops at 1 MB.
        more_follow = len(answer["Items"]) > limit or "LastEvaluatedKey" in answer
        return items, items[-1] if more_follow else None

    def query_forward(self, condition: ConditionBase, *, limit: int) -> tuple[list[dict[str, Any]], bool]:
        """Up to `limit` items whose key matches `condition`, the first sort key first; and whether more may follow.

        Eventually consistent: for audits, which read again before they judge. One request.
        """
        answer = self._client.query(TableName=self.name, Limit=limit, **_expression(condition, key=True))
        return [from_item(item) for item in answer["Items"]], "LastEvaluatedKey" in answer

    def scan(
        self, condition: ConditionBase, *, limit: int, start_key: Key | None, segment: int, segments: int
    ) -> tuple[list[dict[str, Any]], int, dict[str, Any] | None]:
        """Those of the next `limit` items of a segment that meet `condition`; how many it read; where to continue.

        It reads the whole table: never use it to serve a client. Eventually consistent. One request.
        """
        expression = _expression(condition)
        expression["FilterExpression"] = expression.pop("ConditionExpression")
        if start_key:
            expression["ExclusiveStartKey"] = to_item(start_key)
        answer = self._client.scan(
            TableName=self.name, Limit=limit, Segment=segment, TotalSegments=segments, **expression
        )
        last = answer.get("LastEvaluatedKey")
        items = [from_item(item) for item in answer["Items"]]
        return items, answer["ScannedCount"], from_item(last) if last else None


def look(*places: tuple[Table, Key]) -> list[dict[str, Any] | None]:
    """The items at `places`, None for a missing one, all read at one moment. One request, at most 100 places.

    Raises ConflictError when a writer holds one of them.
    """
    parts = [{"Get": {"TableName": table.name, "Key": to_item(key)}} for table, key in places]
    try:
        answer = aws.client("dynamodb").transact_get_items(TransactItems=cast("Any", parts))
    except ClientError as error:
        raise _translated(error) from error
    return [from_item(each["Item"]) if "Item" in each else None for each in answer["Responses"]]


def to_item(values: Values) -> dict[str, AttributeValueTypeDef]:
    """Convert plain values to DynamoDB's form, without the attributes that are None."""
    return {name: _serializer.serialize(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert DynamoDB's form to plain values; numbers become int, since we store no others.

    Raises KeyError for types that we never store: lists, maps, sets and bytes. boto3's own conversion takes four times
    as long, which for a list of 20 is half of the time spent besides the call.
    """
    return {name: _READ[kind](content) for name, value in item.items() for kind, content in value.items()}


_READ: Mapping[str, Callable[[Any], Any]] = {
    "S": str,
    "N": int,
    "BOOL": bool,
    "NULL": lambda _: None,
}


def _expression(condition: ConditionBase, *, key: bool = False) -> dict[str, Any]:
    built = ConditionExpressionBuilder().build_expression(condition, is_key_condition=key)
    expression: dict[str, Any] = {
        "KeyConditionExpression" if key else "ConditionExpression": built.condition_expression,
        "ExpressionAttributeNames": built.attribute_name_placeholders,
    }
    if built.attribute_value_placeholders:
        expression["ExpressionAttributeValues"] = {
            name: _serializer.serialize(value) for name, value in built.attribute_value_placeholders.items()
        }
    return expression


def _translated(error: ClientError) -> Exception:
    match error.response["Error"]["Code"]:
        case "ConditionalCheckFailedException":
            item = cast("dict[str, Any] | None", error.response.get("Item"))
            return ConditionFailedError(from_item(item) if item else None)
        case "TransactionConflictException" | "TransactionInProgressException":
            return ConflictError("another transaction holds the item")
        case "TransactionCanceledException":
            reasons = {str(reason.get("Code")) for reason in _cancellation_reasons(error)}
            if reasons & _RETRYABLE_REASONS and reasons <= _RETRYABLE_REASONS | {"None"}:
                return ConflictError(", ".join(sorted(reasons - {"None"})))
    return error


def _cancellation_reasons(error: ClientError) -> Sequence[Mapping[str, object]]:
    return error.response.get("CancellationReasons", [])
