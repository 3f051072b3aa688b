"""Permissions that AWS takes from a function's own role: to poll its queue or stream, and to write its log.

The unpatched emulator does not check them. Here it checks the role, as AWS would, so that a missing grant shows.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import lambda_svc, sqs

type Mapping = dict[str, Any]
type Scoped = tuple[str, str, Mapping]

_TO_POLL = {
    "sqs": ("sqs:ReceiveMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}
_TO_LOG = ("logs:CreateLogStream", "logs:PutLogEvents")


def install() -> None:
    """Make pollers and the log check the function's role."""
    lambda_svc._iter_all_esms = _those_allowed_to_poll(lambda_svc._iter_all_esms)
    lambda_svc._emit_lambda_logs = _if_allowed_to_log(lambda_svc._emit_lambda_logs)
    sqs._delete_messages_for_esm = _if_allowed_to_delete(sqs._delete_messages_for_esm)


def _those_allowed_to_poll(mappings: Callable[[], Iterator[Scoped]]) -> Callable[[], Iterator[Scoped]]:
    def allowed() -> Iterator[Scoped]:
        for account, region, mapping in mappings():
            source = mapping.get("EventSourceArn", "")
            service = source.split(":")[2]
            role = _role_of(mapping["FunctionName"], account, region)
            if not all(_may(role, action, source) for action in _TO_POLL.get(service, ())):
                continue
            if service == "dynamodb" and not _may(role, "dynamodb:ListStreams", "*"):
                continue
            yield account, region, mapping

    return allowed


def _if_allowed_to_log(write: Callable[..., None]) -> Callable[..., None]:
    def handle(function: Mapping, *details: Any, **more: Any) -> None:
        config = function.get("config") or function
        name, arn = config.get("FunctionName", ""), config.get("FunctionArn", "")
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
        stream = f"{arn.partition(':function:')[0].replace(':lambda:', ':logs:')}:log-group:{group}:log-stream:any"
        if all(_may(config.get("Role", ""), action, stream) for action in _TO_LOG):
            write(function, *details, **more)

    return handle


def _if_allowed_to_delete(delete: Callable[[str, set[str]], None]) -> Callable[[str, set[str]], None]:
    def handle(queue_url: str, handles: set[str]) -> None:
        queue = sqs._queues.get(queue_url)["attributes"]["QueueArn"]
        consumers = [each for each in lambda_svc._iter_all_esms() if each[2].get("EventSourceArn") == queue]
        if all(
            _may(_role_of(mapping["FunctionName"], *place), "sqs:DeleteMessage", queue) for *place, mapping in consumers
        ):
            delete(queue_url, handles)

    return handle


def _role_of(function: str, account: str, region: str) -> str:
    record = lambda_svc._functions.get_scoped(account, region, function.rsplit(":", 1)[-1])
    role: str = record["config"]["Role"] if record else ""
    return role


def _may(role: str, action: str, resource: str) -> bool:
    """Whether the policies of a role allow an action on a resource."""
    account = role.split(":")[4] if role else ""
    asked = iam_evaluator.EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region="",
    )
    policies = iam_evaluator._gather_role_policies(role.rsplit("/", 1)[-1], account)
    return bool(iam_evaluator.evaluate(asked, policies).decision == "Allow")
