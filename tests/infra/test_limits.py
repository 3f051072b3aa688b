"""The template's largest resources against the limits of AWS. Each limit has a row in docs/aws.md."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from infra.operations import Function
from tests.infra.every import every_function, every_stage
from tests.infra.stages import Stage
from tests.scaffolding.template import rendered

_ACCOUNT = "arn:aws:dynamodb:ap-southeast-1:111122223333:table/"
_LONGEST_NAME = len(_ACCOUNT) + 80
"""What a reference comes to at most, once CloudFormation has resolved it: an ARN with a long name."""


def _resolved(value: Any) -> str:
    """JSON of `value`, with something long for each reference."""
    match value:
        case {"Ref": _} | {"Fn::GetAtt": _}:
            return "x" * _LONGEST_NAME
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(_resolved(part) if isinstance(part, dict) else str(part) for part in parts)
        case dict():
            return "{" + ",".join(f'"{name}":{_resolved(part)}' for name, part in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_resolved, value)) + "]"
        case _:
            return json.dumps(value)


def _larger(stage: Stage, kind: str, name: str, limit: int) -> Iterator[str]:
    """The resources of a type whose property `name` comes to more than `limit` characters."""
    for resource, properties in stage.all(kind).items():
        if name in properties and len(_resolved(properties[name])) > limit:
            yield resource


@every_function
def test_a_functions_variables_fit_into_4_kb(stage: Stage, function: Function) -> None:
    variables = stage.function(function.module)["Environment"]["Variables"]
    assert sum(len(name) + len(_resolved(value)) for name, value in variables.items()) < 4 * 1024


@every_function
def test_a_function_has_five_layers_at_most(stage: Stage, function: Function) -> None:
    assert len(stage.function(function.module)["Layers"]) <= 5


@every_stage
def test_what_a_role_may_do_fits_into_its_inline_policies(stage: Stage) -> None:
    """10,240 characters, of all policies of a role together, without blanks."""
    of_roles = {
        name: sum(len(_resolved(policy["PolicyDocument"])) for policy in role["Policies"])
        for name, role in stage.all("AWS::IAM::Role").items()
    }
    assert [role for role, size in of_roles.items() if size > 10_240] == []
    assert max(of_roles.values()) > 1_000


@every_stage
def test_who_may_call_a_function_fits_into_its_policy(stage: Stage) -> None:
    """20 KB a function; each permission is a statement of its own."""
    of_functions: defaultdict[str, int] = defaultdict(int)
    for permission in stage.all("AWS::Lambda::Permission").values():
        of_functions[rendered(permission["FunctionName"])] += len(_resolved(permission)) + 200
    assert [name for name, size in of_functions.items() if size > 20 * 1024] == []


@every_stage
def test_policies_of_queues_topics_and_keys_fit(stage: Stage) -> None:
    assert list(_larger(stage, "AWS::SQS::QueuePolicy", "PolicyDocument", 8_192)) == []
    assert list(_larger(stage, "AWS::SNS::TopicPolicy", "PolicyDocument", 30 * 1024)) == []
    assert list(_larger(stage, "AWS::KMS::Key", "KeyPolicy", 32 * 1024)) == []


@every_stage
def test_patterns_of_events_and_filters_of_streams_fit(stage: Stage) -> None:
    assert list(_larger(stage, "AWS::Events::Rule", "EventPattern", 2_048)) == []
    assert list(_larger(stage, "AWS::Events::Archive", "EventPattern", 4_096)) == []
    for mapping in stage.all("AWS::Lambda::EventSourceMapping").values():
        filters = mapping.get("FilterCriteria", {}).get("Filters", [])
        assert len(filters) <= 5
        assert [each for each in filters if len(each["Pattern"]) > 4_096] == []


@every_stage
def test_what_the_api_logs_of_a_request_fits_into_its_template(stage: Stage) -> None:
    [api] = stage.all("AWS::ApiGatewayV2::Stage").values()
    assert len(api["AccessLogSettings"]["Format"]) < 3 * 1024
    assert len(stage.all("AWS::ApiGatewayV2::Route")) <= 300


@every_stage
def test_the_audits_machine_fits_into_its_definition(stage: Stage) -> None:
    assert list(_larger(stage, "AWS::StepFunctions::StateMachine", "DefinitionString", 1_000_000)) == []
    assert len(stage.one("AWS::StepFunctions::StateMachine")["StateMachineName"]) <= 80 - len("s" * 12)
