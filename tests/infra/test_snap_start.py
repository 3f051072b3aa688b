"""SnapStart: if a stage enables it, only functions that users wait for start from a snapshot and are billed for it."""

import json
from typing import Any

import pytest

from infra.operations import AUTHORIZER, CREATE_PROFILE, PAY_ORDER, SERVED
from tests.infra.every import every_stage
from tests.infra.stages import Stage, resources_with, statements_of

WAITED_FOR = {route.function.module for route in SERVED} | {AUTHORIZER.module, PAY_ORDER.module, CREATE_PROFILE.module}


@pytest.fixture(scope="module")
def resources() -> dict[str, dict[str, Any]]:
    """The resources of the local stage with SnapStart, by logical id."""
    return resources_with(snap_start=True)


def _of(resources: dict[str, dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def _module(resources: dict[str, dict[str, Any]], alias: dict[str, Any]) -> str:
    description: str = resources[alias["FunctionName"]["Ref"]]["Properties"]["Description"]
    return description


def test_every_function_that_somebody_waits_for_has_a_version_with_an_alias(
    resources: dict[str, dict[str, Any]],
) -> None:
    aliases = _of(resources, "AWS::Lambda::Alias").values()
    assert {_module(resources, alias) for alias in aliases} == WAITED_FOR
    assert {alias["Name"] for alias in aliases} == {"live"}
    assert len(_of(resources, "AWS::Lambda::Version")) == len(WAITED_FOR)
    for function in _of(resources, "AWS::Lambda::Function").values():
        assert function["SnapStart"] == {"ApplyOn": "PublishedVersions"}


def test_callers_call_the_alias_and_may_call_nothing_else(resources: dict[str, dict[str, Any]]) -> None:
    aliases = set(_of(resources, "AWS::Lambda::Alias"))
    called = [
        *_of(resources, "AWS::ApiGatewayV2::Integration").values(),
        *_of(resources, "AWS::ApiGatewayV2::Authorizer").values(),
        *(pool["LambdaConfig"] for pool in _of(resources, "AWS::Cognito::UserPool").values()),
    ]
    for caller in called:
        assert any(f'"{alias}"' in json.dumps(caller) for alias in aliases), caller
    pay_order = [name for name in aliases if _module(resources, resources[name]["Properties"]) == PAY_ORDER.module]
    grants = [
        statement["Resource"]
        for role in _of(resources, "AWS::IAM::Role").values()
        for statement in statements_of(role)
        if statement["Action"] == "lambda:InvokeFunction" and "audit" not in json.dumps(role).lower()
    ]
    assert grants == [{"Ref": pay_order[0]}]


def test_what_starts_from_a_snapshot_has_nothing_that_snapshots_exclude(resources: dict[str, dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html"""
    for function in _of(resources, "AWS::Lambda::Function").values():
        assert function["Runtime"] in {"python3.12", "python3.13", "python3.14"}
        assert function.keys().isdisjoint({"FileSystemConfigs", "ImageConfig"})
        assert function.get("EphemeralStorage", {"Size": 512})["Size"] <= 512
    versions = _of(resources, "AWS::Lambda::Version").values()
    assert versions
    for version in (*versions, *_of(resources, "AWS::Lambda::Alias").values()):
        assert "ProvisionedConcurrencyConfig" not in version


@every_stage
def test_without_the_setting_there_is_no_version_to_pay_for(stage: Stage) -> None:
    assert not stage.settings.snap_start
    assert stage.all("AWS::Lambda::Version") == {}
