"""The synthesized template, as tests read it: what is deployed, not what a test thinks is deployed."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from local.synthesis import assembly

type Resource = dict[str, Any]


@cache
def template(stage: str = "local") -> dict[str, Any]:
    """The CloudFormation template of `stage`."""
    text = (assembly(stage) / "Platform.template.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
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


def function_environments() -> dict[str, dict[str, str]]:
    """The environment variables of every function, by module (`orders.create_order`); a Ref is its logical id."""
    return {
        function["Properties"]["Handler"].removesuffix(".handler"): {
            name: _plain(value)
            for name, value in function["Properties"].get("Environment", {}).get("Variables", {}).items()
        }
        for function in resources("AWS::Lambda::Function").values()
    }


def _plain(value: str | Mapping[str, str]) -> str:
    return value if isinstance(value, str) else value["Ref"]
