"""The synthesized template, as tests read it: what is deployed, not what a test thinks is deployed."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from local.synthesis import PROJECT, assembly

type Resource = dict[str, Any]


@contextmanager
def alone_in_build() -> Iterator[None]:
    """Keep other test processes from synthesizing: every synth puts its assets together in the same .build/."""
    (PROJECT / ".build").mkdir(exist_ok=True)
    with (PROJECT / ".build" / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def assembly_folder(stage: str = "local") -> Path:
    """The cloud assembly of `stage`: template, assets and reports."""
    with alone_in_build():
        return assembly(stage)


@cache
def template(stage: str = "local") -> dict[str, Any]:
    """The CloudFormation template of `stage`."""
    loaded: dict[str, Any] = json.loads((assembly_folder(stage) / "Platform.template.json").read_text())
    return loaded


def resources(kind: str, stage: str = "local") -> dict[str, Resource]:
    """The resources of a type such as `AWS::DynamoDB::Table`, by logical id."""
    found = template(stage)["Resources"].items()
    return {name: resource for name, resource in found if resource["Type"] == kind}


def table_definitions() -> dict[str, dict[str, Any]]:
    """What DynamoDB's CreateTable takes, for each table of the template, by logical id (which serves as name)."""
    taken = (
        "KeySchema",
        "AttributeDefinitions",
        "BillingMode",
        "LocalSecondaryIndexes",
        "GlobalSecondaryIndexes",
    )
    definitions = {}
    for name, table in resources("AWS::DynamoDB::Table").items():
        properties = table["Properties"]
        definition = {key: properties[key] for key in taken if key in properties}
        if stream := properties.get("StreamSpecification"):
            definition["StreamSpecification"] = {"StreamEnabled": True, **stream}
        definitions[name] = {"TableName": name, **definition}
    return definitions


def user_pool_definition() -> dict[str, Any]:
    """What Cognito's CreateUserPool takes, of the template's user pool; its triggers left out."""
    [pool] = resources("AWS::Cognito::UserPool").values()
    taken = ("AliasAttributes", "AutoVerifiedAttributes", "Policies", "Schema", "UsernameConfiguration")
    return {"PoolName": pool["Properties"]["UserPoolName"], **{name: pool["Properties"][name] for name in taken}}


def user_pool_client_definition() -> dict[str, Any]:
    """What Cognito's CreateUserPoolClient takes, of the template's app client; its pool left out."""
    [client] = resources("AWS::Cognito::UserPoolClient").values()
    taken = ("ClientName", "ExplicitAuthFlows", "PreventUserExistenceErrors")
    return {name: client["Properties"][name] for name in taken}


def function_environments() -> dict[str, dict[str, str]]:
    """The environment variables of every function, by module (`orders.create_order`); a Ref is its logical id."""
    return {
        function["Properties"]["Handler"].removesuffix(".handler"): {
            name: _plain(value)
            for name, value in function["Properties"].get("Environment", {}).get("Variables", {}).items()
        }
        for function in resources("AWS::Lambda::Function").values()
    }


def _plain(value: str | Mapping[str, Any]) -> str:
    return str(value["Ref"]) if isinstance(value, Mapping) and "Ref" in value else rendered(value)


def rendered(value: Any) -> str:
    """A value of the template as text; `${LogicalId}` or `${LogicalId.Attribute}` is what CloudFormation fills in.

    Raises ValueError for a function of CloudFormation that isn't Ref, Fn::GetAtt, Fn::Join or Fn::Sub.
    """
    match value:
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"${{{name}.{attribute}}}"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(map(rendered, parts))
        case {"Fn::Sub": str(text)} | str(text):
            return text
        case _:
            raise ValueError(f"not a text: {value}")


def referred(value: Any) -> str:
    """The logical id of the one resource that a value names: a Ref or Fn::GetAtt."""
    return rendered(value).removeprefix("${").removesuffix("}").partition(".")[0]
