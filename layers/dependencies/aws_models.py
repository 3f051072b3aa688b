"""botocore's descriptions of AWS, cut down to the operations that our functions call.

A client is made of them when a function starts: reading all that DynamoDB can do takes longer than importing boto3
(docs/decisions/0019).
"""

import gzip
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CALLED: Mapping[str, frozenset[str]] = {
    "codedeploy": frozenset(
        {"BatchGetDeploymentTargets", "ListDeploymentTargets", "PutLifecycleEventHookExecutionStatus"}
    ),
    "cognito-idp": frozenset(
        {
            "AdminGetUser",
            "AdminUserGlobalSignOut",
            "ConfirmSignUp",
            "GetTokensFromRefreshToken",
            "InitiateAuth",
            "RevokeToken",
            "SignUp",
        }
    ),
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        },
    ),
    "events": frozenset({"PutEvents"}),
    "lambda": frozenset({"Invoke"}),
    "sqs": frozenset({"SendMessage"}),
    "stepfunctions": frozenset({"ListExecutions"}),
}
"""What functions call, by botocore's name of the service. Another operation is not there on AWS: add it here too."""

_READ_BY_CLIENTS = ("service-2.json", "endpoint-rule-set-1.json", "paginators-1.json")

type Json = dict[str, Any]


def trim(data: Path) -> None:
    """Cut the folder botocore/data down to what clients of the CALLED operations read."""
    for service in data.glob("*/"):
        if service.name in CALLED:
            _trim_service(service, CALLED[service.name])
        else:
            shutil.rmtree(service)
    endpoints = data / "endpoints.json"
    _write(endpoints, _endpoints(_read(endpoints)))


def _trim_service(service: Path, called: frozenset[str]) -> None:
    *old_versions, version = sorted(service.iterdir())
    for old_version in old_versions:
        shutil.rmtree(old_version)
    for file in sorted(version.iterdir()):
        document = _read(file)
        file.unlink()
        plain = file.with_name(file.name.removesuffix(".gz"))
        if plain.name in _READ_BY_CLIENTS:
            _write(plain, _operations(document, called) if plain.name == "service-2.json" else document)


def _operations(model: Json, called: frozenset[str]) -> Json:
    """The model of a service with the `called` operations alone, and no documentation."""
    operations = {name: model["operations"][name] for name in sorted(called)}
    shapes: Json = {}
    missing = [
        operation[part]["shape"]
        for operation in operations.values()
        for part in ("input", "output")
        if part in operation
    ]
    missing += [error["shape"] for operation in operations.values() for error in operation.get("errors", [])]
    while missing:
        name = missing.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            missing += _shapes_within(shapes[name])
    trimmed: Json = _without_documentation({**model, "operations": operations, "shapes": dict(sorted(shapes.items()))})
    return trimmed


def _shapes_within(shape: Json) -> Iterator[str]:
    members = [
        *shape.get("members", {}).values(),
        *(shape[part] for part in ("member", "key", "value") if part in shape),
    ]
    return (member["shape"] for member in members)


def _without_documentation(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: _without_documentation(member)
                for name, member in value.items()
                if not (name == "documentation" and isinstance(member, str))
            }
        case list():
            return [_without_documentation(member) for member in value]
        case _:
            return value


def _endpoints(document: Json) -> Json:
    """Every partition and region, with the CALLED services alone."""
    partitions = [
        {**partition, "services": {name: service for name, service in partition["services"].items() if name in CALLED}}
        for partition in document["partitions"]
    ]
    return {**document, "partitions": partitions}


def _read(file: Path) -> Json:
    content = file.read_bytes()
    document: Json = json.loads(gzip.decompress(content) if file.suffix == ".gz" else content)
    return document


def _write(file: Path, document: Json) -> None:
    file.write_text(json.dumps(document, separators=(",", ":")))
