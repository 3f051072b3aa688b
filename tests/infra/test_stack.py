"""The stack as a whole: its limits, its names, and its outputs."""

import json
from typing import Any

import boto3
import pytest

from infra.operations import functions
from infra.standards.partition import PARTITION
from infra.tables import TABLES
from tests.infra.every import QUEUE_NAMES, every_stage
from tests.infra.stages import Stage
from tests.scaffolding.template import referred, rendered, template

_LONGEST_STAGE = "order-billing-" + "s" * 12
_MOST_RESOURCES = 500
_LARGEST_TEMPLATE = 1_000_000


@every_stage
def test_a_template_stays_within_cloudformations_limits(stage: Stage) -> None:
    assert len(template(stage.name)["Resources"]) < _MOST_RESOURCES
    assert (stage.assembly / "Platform.template.json").stat().st_size < _LARGEST_TEMPLATE


@every_stage
def test_a_stack_tells_how_to_reach_it(stage: Stage) -> None:
    outputs = {name: output["Value"] for name, output in template(stage.name)["Outputs"].items()}
    [api] = stage.all("AWS::ApiGatewayV2::Api")
    [pool] = stage.all("AWS::Cognito::UserPool")
    [client] = stage.all("AWS::Cognito::UserPoolClient")
    [domain] = stage.all("AWS::Cognito::UserPoolDomain")
    tables = {f"{table.service.capitalize()}Table" for table in TABLES}
    said = {"AppUrl", "ApiUrl", "DocsUrl", "HostedLoginUrl", "ApiId", "ApiLogGroup", "ClientId", "UserPoolId"}
    assert set(outputs) == said | {"AuditMachine"} | tables
    assert referred(outputs["AuditMachine"]) in stage.all("AWS::StepFunctions::StateMachine")
    assert rendered(outputs["ApiUrl"]) == f"${{{api}.ApiEndpoint}}/api/v1"
    assert rendered(outputs["AppUrl"]) == f"${{{api}.ApiEndpoint}}/app"
    assert rendered(outputs["DocsUrl"]) == f"${{{api}.ApiEndpoint}}/api/v1/docs"
    assert rendered(outputs["HostedLoginUrl"]) == f"https://${{{domain}}}.auth.${{AWS::Region}}.amazoncognito.com"
    assert [referred(outputs[name]) for name in ("ApiId", "UserPoolId", "ClientId")] == [api, pool, client]
    assert {referred(outputs[name]) for name in tables} == set(stage.all("AWS::DynamoDB::Table"))


@every_stage
def test_a_stack_can_be_deleted_only_where_its_data_may_be_lost(stage: Stage) -> None:
    artifacts: dict[str, Any] = json.loads((stage.assembly / "manifest.json").read_text())["artifacts"]
    [stack] = [each for each in artifacts.values() if each["type"] == "aws:cloudformation:stack"]
    assert stack["properties"].get("terminationProtection", False) is stage.settings.retain_data
    assert stack["properties"]["stackName"] == stage.prefix


@every_stage
def test_every_resource_that_takes_tags_says_which_stage_it_belongs_to(stage: Stage) -> None:
    for kind in ("AWS::Lambda::Function", "AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::IAM::Role"):
        for properties in stage.all(kind).values():
            tags = {tag["Key"]: tag["Value"] for tag in properties["Tags"]}
            assert tags == {"platform": "order-billing", "stage": stage.name}


@every_stage
def test_a_template_fits_any_account_and_region(stage: Stage) -> None:
    text = json.dumps(template(stage.name))
    assert "arn:aws:" not in text
    assert "us-east-1" not in text


@every_stage
def test_cloudformation_refuses_the_regions_of_other_partitions_before_it_makes_anything(stage: Stage) -> None:
    [assertion] = template(stage.name)["Rules"]["Partition"]["Assertions"]
    [[refused, region]] = [assertion["Assert"]["Fn::Not"][0]["Fn::Contains"]]
    assert region == {"Ref": "AWS::Region"}
    aws = boto3.Session()
    others = [partition for partition in aws.get_available_partitions() if partition != PARTITION]
    everywhere = {region for partition in others for region in aws.get_available_regions("dynamodb", partition)}
    assert set(refused) >= everywhere >= {"cn-north-1", "us-gov-west-1"}
    assert {aws.get_partition_for_region(region) for region in refused} == set(others)
    assert "docs/decisions/0031" in assertion["AssertDescription"]


@pytest.mark.parametrize(
    ("names", "longest"),
    [
        pytest.param([function.name for function in functions().values()], 64, id="functions"),
        pytest.param(QUEUE_NAMES, 80, id="queues"),
        pytest.param([function.name for function in functions().values()], 64, id="rules"),
    ],
)
def test_names_fit_into_aws_with_the_longest_stage_name(names: list[str], longest: int) -> None:
    assert [name for name in names if len(f"{_LONGEST_STAGE}-{name}") > longest] == []


SHARED_NAMES = {("AWS::Cognito::UserPool", "UserPoolName")}
"""Of these there may be many of one name."""

PROTECTIONS = ("DeletionProtectionEnabled", "DeletionProtection")


@every_stage
def test_what_survives_the_stack_has_no_name_that_a_next_one_would_want(stage: Stage) -> None:
    resources = template(stage.name)["Resources"]
    surviving = {name: each for name, each in resources.items() if each.get("DeletionPolicy", "Delete") != "Delete"}
    named = {(each["Type"], key) for each in surviving.values() for key in each["Properties"] if key.endswith("Name")}
    assert named <= SHARED_NAMES
    assert {each["DeletionPolicy"] for each in surviving.values()} <= {"RetainExceptOnCreate"}
    assert bool(surviving) is stage.settings.retain_data


@every_stage
def test_what_is_protected_from_deletion_has_no_such_name_either(stage: Stage) -> None:
    """A failed creation can't remove it again, whatever its policy."""
    protected = {
        (each["Type"], key)
        for each in template(stage.name)["Resources"].values()
        if {each.get("Properties", {}).get(name) for name in PROTECTIONS} & {True, "ACTIVE"}
        for key in ("", *each["Properties"])
        if not key or key.endswith("Name")
    }
    kinds = {("AWS::DynamoDB::Table", ""), ("AWS::Cognito::UserPool", "")}
    assert protected - SHARED_NAMES == (kinds if stage.settings.retain_data else set())


@every_stage
def test_a_stack_leaves_room_below_the_500_resources_that_cloudformation_takes(stage: Stage) -> None:
    assert len(template(stage.name)["Resources"]) < 420
