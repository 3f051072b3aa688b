"""Reads tables, the user pool and functions from a template, in the form of AWS's own calls."""

from collections.abc import Mapping
from typing import Any

type Template = Mapping[str, Any]


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of a type such as `AWS::DynamoDB::Table`, by logical id."""
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


def table_definitions(template: Template) -> dict[str, dict[str, Any]]:
    """The input of DynamoDB's CreateTable for each table of the template, by logical id (also used as name)."""
    taken = (
        "KeySchema",
        "AttributeDefinitions",
        "BillingMode",
        "LocalSecondaryIndexes",
        "GlobalSecondaryIndexes",
    )
    definitions = {}
    for name, table in resources(template, "AWS::DynamoDB::Table").items():
        properties = table["Properties"]
        definition = {key: properties[key] for key in taken if key in properties}
        if stream := properties.get("StreamSpecification"):
            definition["StreamSpecification"] = {"StreamEnabled": True, **stream}
        definitions[name] = {"TableName": name, **definition}
    return definitions


def user_pool_definition(template: Template) -> dict[str, Any]:
    """The input of Cognito's CreateUserPool for the template's user pool, without its triggers."""
    [pool] = resources(template, "AWS::Cognito::UserPool").values()
    taken = ("AliasAttributes", "AutoVerifiedAttributes", "Policies", "Schema", "UsernameConfiguration")
    return {"PoolName": pool["Properties"]["UserPoolName"], **{name: pool["Properties"][name] for name in taken}}


def user_pool_client_definition(template: Template) -> dict[str, Any]:
    """The input of Cognito's CreateUserPoolClient for the template's app client, without its pool."""
    [client] = resources(template, "AWS::Cognito::UserPoolClient").values()
    taken = ("ClientName", "ExplicitAuthFlows", "PreventUserExistenceErrors")
    return {name: client["Properties"][name] for name in taken}


def function_environments(template: Template) -> dict[str, dict[str, str]]:
    """The environment variables of every function, by module (`orders.create_order`); a Ref is its logical id."""
    return {
        function["Properties"]["Handler"].removesuffix(".handler"): {
            name: _plain(value)
            for name, value in function["Properties"].get("Environment", {}).get("Variables", {}).items()
        }
        for function in resources(template, "AWS::Lambda::Function").values()
    }


def _plain(value: str | Mapping[str, Any]) -> str:
    return str(value["Ref"]) if isinstance(value, Mapping) and "Ref" in value else rendered(value)


def rendered(value: Any) -> str:
    """A value of the template as text; CloudFormation would fill in `${LogicalId}` and `${LogicalId.Attribute}`.

    Raises ValueError for intrinsic functions other than Ref, Fn::GetAtt, Fn::Join and Fn::Sub.
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
