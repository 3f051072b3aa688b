"""Rollout of new versions: all at once by default, in steps by CodeDeploy if the stage sets it."""

import json
from typing import Any

import pytest

from infra.operations import AUTHORIZER, CHECK_VERSION, CREATE_PROFILE, PAY_ORDER, SERVED, functions
from infra.rollout import ROLLS_BACK, TRIED
from tests.infra.every import every_stage
from tests.infra.released_grants import granted, granted_to_latest
from tests.infra.stages import Stage, listed, resources_with, statements_of
from tests.scaffolding.template import referred, rendered

type Resources = dict[str, dict[str, Any]]

LOCAL = Stage("local")
WAITED_FOR = {route.function.module for route in SERVED} | {AUTHORIZER.module, PAY_ORDER.module, CREATE_PROFILE.module}
STEPS = {
    "canary": "CodeDeployDefault.LambdaCanary10Percent15Minutes",
    "linear": "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes",
}


@pytest.fixture(scope="module", params=STEPS)
def stepwise(request: pytest.FixtureRequest) -> tuple[str, Resources]:
    """A setting that rolls out in steps, and the resources of the local stage with it."""
    return request.param, resources_with(rollout=request.param)


@pytest.fixture(scope="module")
def resources(stepwise: tuple[str, Resources]) -> Resources:
    """Those resources alone."""
    return stepwise[1]


def _of(resources: Resources, kind: str) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in resources.items() if each["Type"] == kind}


def _module(resources: Resources, alias: dict[str, Any]) -> str:
    module: str = resources[referred(alias["Properties"]["FunctionName"])]["Properties"]["Description"]
    return module


def test_everything_that_users_wait_for_comes_in_the_steps_of_the_setting(stepwise: tuple[str, Resources]) -> None:
    rollout, resources = stepwise
    groups = _of(resources, "AWS::CodeDeploy::DeploymentGroup")
    assert {group["Properties"]["DeploymentConfigName"] for group in groups.values()} == {STEPS[rollout]}
    updated = {
        _module(resources, alias): referred(alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"])
        for alias in _of(resources, "AWS::Lambda::Alias").values()
    }
    assert updated.keys() == WAITED_FOR
    assert sorted(updated.values()) == sorted(groups), "a group for each"


def test_roles_still_allow_what_the_last_release_does() -> None:
    today = granted(LOCAL)
    for module, grants in granted_to_latest().items():
        missing = {*grants} - {*today.get(module, grants)}
        assert not missing, (
            f"{module}: a rollout would break its old version; put them into `formerly` in operations.py"
        )


def test_formerly_names_only_what_the_last_release_was_granted() -> None:
    formerly = {module: {f"dynamodb:{action}" for action in row.formerly} for module, row in functions().items()}
    then = {module: {grant.partition(" ")[0] for grant in grants} for module, grants in granted_to_latest().items()}
    assert {module for module, actions in formerly.items() if not actions <= then.get(module, set())} == set()


def test_alarms_and_failures_send_the_traffic_back(resources: Resources) -> None:
    names = {name: alarm["Properties"]["AlarmName"] for name, alarm in _of(resources, "AWS::CloudWatch::Alarm").items()}
    for group in _of(resources, "AWS::CodeDeploy::DeploymentGroup").values():
        alarms = group["Properties"]["AlarmConfiguration"]
        assert alarms["Enabled"]
        watched = [names[referred(alarm["Name"])] for alarm in alarms["Alarms"]]
        assert watched == [f"order-billing-local-{name}" for name in ROLLS_BACK]
        undone = group["Properties"]["AutoRollbackConfiguration"]
        assert undone == {"Enabled": True, "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}


def test_what_answers_a_request_without_a_token_is_tried_before_it_gets_traffic(resources: Resources) -> None:
    hooked = {
        _module(resources, alias): alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"].get("BeforeAllowTrafficHook")
        for alias in _of(resources, "AWS::Lambda::Alias").values()
    }
    tried = {module for module, hook in hooked.items() if hook}
    assert tried == TRIED == WAITED_FOR - {PAY_ORDER.module, CREATE_PROFILE.module}
    assert len({json.dumps(hook) for hook in hooked.values() if hook}) == 1


def test_the_hook_may_try_these_and_tell_and_nothing_else(resources: Resources) -> None:
    [hook] = [
        each["Properties"]
        for each in _of(resources, "AWS::Lambda::Function").values()
        if each["Properties"]["Description"] == CHECK_VERSION.module
    ]
    functions = {
        name
        for name, each in _of(resources, "AWS::Lambda::Function").items()
        if each["Properties"]["Description"] in TRIED
    }
    allowed: dict[str, set[str]] = {}
    for statement in statements_of(resources[referred(hook["Role"])]["Properties"]):
        for action in listed(statement["Action"]):
            allowed.setdefault(action, set()).update(map(rendered, listed(statement["Resource"])))
    own_log = f"${{{referred(hook['LoggingConfig']['LogGroup'])}.Arn}}"
    assert allowed == {
        "logs:CreateLogStream": {own_log},
        "logs:PutLogEvents": {own_log},
        "lambda:InvokeFunction": {f"${{{name}.Arn}}:*" for name in functions},
        "codedeploy:BatchGetDeploymentTargets": {"*"},
        "codedeploy:ListDeploymentTargets": {"*"},
        "codedeploy:PutLifecycleEventHookExecutionStatus": {"*"},
    }


def test_codedeploy_may_move_these_aliases_see_these_alarms_and_call_the_hook(resources: Resources) -> None:
    [application] = _of(resources, "AWS::CodeDeploy::Application")
    [group, *_] = _of(resources, "AWS::CodeDeploy::DeploymentGroup").values()
    assert referred(group["Properties"]["ApplicationName"]) == application
    role = resources[referred(group["Properties"]["ServiceRoleArn"])]["Properties"]
    assert "ManagedPolicyArns" not in role
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "codedeploy.amazonaws.com"}
    statements = statements_of(role)
    assert {action for statement in statements for action in listed(statement["Action"])} == {
        "lambda:GetAlias",
        "lambda:UpdateAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:InvokeFunction",
        "cloudwatch:DescribeAlarms",
    }
    for statement in statements:
        for each in map(rendered, listed(statement["Resource"])):
            assert "*" not in each or each.endswith(":function:order-billing-local-*")


@every_stage
def test_without_the_setting_all_users_get_a_new_version_at_once(stage: Stage) -> None:
    assert stage.settings.rollout == "all-at-once"
    for kind in ("AWS::CodeDeploy::DeploymentGroup", "AWS::CodeDeploy::Application", "AWS::Lambda::Alias"):
        assert stage.all(kind) == {}
    assert CHECK_VERSION.module not in stage.function_ids
