"""The setting `edge`: CloudFront and WAF in front of the API, a limit for each address, and no bypass."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.edge.edge_stack import EdgeStack
from infra.edge.web_acl import ONLY_COUNTED, credential_paths
from infra.operations import API_PREFIX, ROUTES, TAKES_CREDENTIALS
from infra.platform_stack import PlatformStack
from infra.settings import StageSettings
from infra.standards.guardrails import add_guardrails
from local.synthesis import PROJECT
from shared.http import LARGEST_BODY
from tests.bench.cost import edge_month
from tests.infra.every import every_stage
from tests.infra.stages import CONTEXT, Stage, settings_with
from tests.infra.test_domains import of_kind
from tests.scaffolding.template import alone_in_build, rendered, template
from tests.templates.check import EDGE

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html"""


def settings_with_edge(**changes: object) -> StageSettings:
    """The settings of a stage with an edge that differs in `changes`."""
    return settings_with(**{**EDGE, "edge": {**EDGE["edge"], **changes}})


def edge_template(settings: StageSettings) -> dict[str, Any]:
    """The template of the edge's own stack."""
    assert settings.edge
    return dict(Template.from_stack(EdgeStack(cdk.App(), settings=settings, edge=settings.edge)).to_json())


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stage with an edge, as `app.py` puts it together."""
    folder = tmp_path_factory.mktemp("edge")
    app = cdk.App(outdir=str(folder), context={**CONTEXT, "aws:cdk:disable-asset-staging": True})
    settings = settings_with_edge()
    assert settings.edge
    with alone_in_build():
        platform = PlatformStack(app, settings=settings)
        add_guardrails(app, platform, EdgeStack(app, settings=settings, edge=settings.edge))
    app.synth()
    return folder


@pytest.fixture(scope="module")
def platform(assembly: Path) -> dict[str, Any]:
    """The template of the platform behind the edge."""
    return dict(json.loads((assembly / "Platform.template.json").read_text()))


@pytest.fixture(scope="module")
def edge(assembly: Path) -> dict[str, Any]:
    """The template of the edge."""
    return dict(json.loads((assembly / "Edge.template.json").read_text()))


@pytest.fixture(scope="module")
def distribution(edge: dict[str, Any]) -> dict[str, Any]:
    """CloudFront's configuration."""
    configuration: dict[str, Any] = of_kind(edge, "AWS::CloudFront::Distribution")["DistributionConfig"]
    return configuration


@pytest.fixture(scope="module")
def rules(edge: dict[str, Any]) -> list[dict[str, Any]]:
    """WAF's rules, in the order in which it goes through them."""
    return sorted(of_kind(edge, "AWS::WAFv2::WebACL")["Rules"], key=lambda rule: int(rule["Priority"]))


def test_the_api_takes_connections_of_cloudfront_alone(platform: dict[str, Any], distribution: dict[str, Any]) -> None:
    domain = of_kind(platform, "AWS::ApiGatewayV2::DomainName")
    assert domain["DomainName"] == "origin.example.com"
    truststore = rendered(domain["MutualTlsAuthentication"]["TruststoreUri"])
    assert re.fullmatch(r"s3://cdk-hnb659fds-assets-\S+/[0-9a-f]{64}\.pem", truststore)
    assert of_kind(platform, "AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is True
    [origin] = distribution["Origins"]
    assert origin["DomainName"] == domain["DomainName"]
    shown = origin["CustomOriginConfig"]["OriginMtlsConfig"]
    assert shown == {"ClientCertificateArn": EDGE["edge"]["clientCertificate"]}


def test_the_authority_that_the_api_trusts_is_uploaded_as_it_stands_in_the_settings(
    assembly: Path, platform: dict[str, Any]
) -> None:
    uri = rendered(of_kind(platform, "AWS::ApiGatewayV2::DomainName")["MutualTlsAuthentication"]["TruststoreUri"])
    files = json.loads((assembly / "Platform.assets.json").read_text())["files"]
    [uploaded] = [
        file["source"]["path"]
        for file in files.values()
        if file["destinations"].popitem()[1]["objectKey"] == uri.rpartition("/")[2]
    ]
    given = PROJECT / EDGE["edge"]["truststore"]
    assert (assembly / uploaded).read_bytes() == given.read_bytes()


def test_everyone_else_is_told_the_edges_name(platform: dict[str, Any]) -> None:
    outputs = {name: output["Value"] for name, output in platform["Outputs"].items()}
    assert outputs["ApiUrl"] == "https://api.example.com/api/v1"
    assert outputs["DocsUrl"] == "https://api.example.com/api/v1/docs"
    callbacks = of_kind(platform, "AWS::Cognito::UserPoolClient")["CallbackURLs"]
    assert "https://api.example.com/api/v1/docs/oauth2-redirect.html" in callbacks
    told = {name: value for name, value in outputs.items() if name != "ApiDomainTarget"}
    assert "origin.example.com" not in json.dumps(told)


def test_the_edge_is_a_stack_of_its_own_where_cloudfront_wants_it(assembly: Path, distribution: dict[str, Any]) -> None:
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    assert artifacts["Edge"]["environment"].endswith("/us-east-1")
    assert artifacts["Platform"]["environment"].endswith("/unknown-region")
    assert artifacts["Edge"]["properties"]["stackName"] == "order-billing-alone-edge"
    assert distribution["Aliases"] == ["api.example.com"]
    assert distribution["ViewerCertificate"]["AcmCertificateArn"] == EDGE["edge"]["certificate"]


def test_nothing_is_cached_and_the_api_sees_each_request_as_it_was_sent(distribution: dict[str, Any]) -> None:
    behavior = distribution["DefaultCacheBehavior"]
    assert "CacheBehaviors" not in distribution
    assert behavior["CachePolicyId"] == CACHING_DISABLED
    assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert {route.method for route in ROUTES} | {"OPTIONS"} <= set(behavior["AllowedMethods"])


def test_both_connections_are_encrypted(distribution: dict[str, Any]) -> None:
    assert distribution["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"
    assert distribution["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    [origin] = distribution["Origins"]
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
    assert distribution["HttpVersion"] == "http2and3"


def test_a_client_has_not_as_many_addresses_as_it_likes(distribution: dict[str, Any]) -> None:
    assert distribution["IPV6Enabled"] is False


def test_the_edge_waits_longer_than_the_api_does(distribution: dict[str, Any]) -> None:
    assert distribution["Origins"][0]["CustomOriginConfig"]["OriginReadTimeout"] > 30


def test_cloudfront_asks_the_web_acl(edge: dict[str, Any], distribution: dict[str, Any]) -> None:
    [acl] = [name for name, each in edge["Resources"].items() if each["Type"] == "AWS::WAFv2::WebACL"]
    assert distribution["WebACLId"] == {"Fn::GetAtt": [acl, "Arn"]}
    assert of_kind(edge, "AWS::WAFv2::WebACL")["Scope"] == "CLOUDFRONT"
    assert of_kind(edge, "AWS::WAFv2::WebACL")["DefaultAction"] == {"Allow": {}}


def test_limits_come_before_the_rules_that_look_into_requests(rules: list[dict[str, Any]]) -> None:
    assert [rule["Name"] for rule in rules] == [
        "sign-ins-by-address",
        "requests-by-address",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesAmazonIpReputationList",
    ]
    metrics = {rule["VisibilityConfig"]["MetricName"] for rule in rules}
    assert metrics == {f"order-billing-alone-edge-{rule['Name']}" for rule in rules}


def test_the_page_on_costs_bills_every_rule(rules: list[dict[str, Any]]) -> None:
    assert edge_month() == 5 + len(rules)


def test_each_address_has_its_own_limit_and_a_lower_one_where_credentials_are_taken() -> None:
    template = edge_template(settings_with_edge(requestsPerMinute=500, signInsPerMinute=20))
    rules = {rule["Name"]: rule for rule in of_kind(template, "AWS::WAFv2::WebACL")["Rules"]}
    rates = {name: rules[name]["Statement"]["RateBasedStatement"] for name in list(rules)[:2]}
    assert {name: rate["Limit"] for name, rate in rates.items()} == {
        "sign-ins-by-address": 20,
        "requests-by-address": 500,
    }
    assert {rate["AggregateKeyType"] for rate in rates.values()} == {"IP"}
    assert {rate["EvaluationWindowSec"] for rate in rates.values()} == {60}
    assert "ScopeDownStatement" not in rates["requests-by-address"]


def test_one_address_can_use_up_neither_limit_of_everybody() -> None:
    settings = settings_with_edge()
    assert settings.edge
    assert settings.edge.sign_ins_per_minute / 60 < settings.sign_in_rate / 10
    assert settings.edge.requests_per_minute / 60 <= settings.throttle_rate / 10


def test_the_lower_limit_is_of_the_routes_that_take_credentials_and_no_others(rules: list[dict[str, Any]]) -> None:
    statements = rules[0]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["OrStatement"]["Statements"]
    matches = [statement["ByteMatchStatement"] for statement in statements]
    assert {match["PositionalConstraint"] for match in matches} == {"STARTS_WITH"}
    assert all(match["FieldToMatch"] == {"UriPath": {}} for match in matches)
    begins = tuple(match["SearchString"] for match in matches)
    limited = {row.function.module for row in ROUTES if f"{API_PREFIX}{row.path}".startswith(begins)}
    assert limited == set(TAKES_CREDENTIALS)
    assert list(begins) == credential_paths()


def test_a_path_in_another_spelling_is_counted_as_the_route_that_it_leads_to(rules: list[dict[str, Any]]) -> None:
    statements = rules[0]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["OrStatement"]["Statements"]
    for statement in statements:
        transformations = statement["ByteMatchStatement"]["TextTransformations"]
        in_order = [each["Type"] for each in sorted(transformations, key=lambda each: int(each["Priority"]))]
        assert in_order == ["URL_DECODE", "NORMALIZE_PATH"]


def test_who_is_over_a_limit_gets_a_problem_document_and_hears_when_to_come_back(
    edge: dict[str, Any], rules: list[dict[str, Any]]
) -> None:
    bodies = of_kind(edge, "AWS::WAFv2::WebACL")["CustomResponseBodies"]
    for rule in rules[:2]:
        answer = rule["Action"]["Block"]["CustomResponse"]
        assert answer["ResponseCode"] == 429
        assert {"Name": "retry-after", "Value": "60"} in answer["ResponseHeaders"]
        body = bodies[answer["CustomResponseBodyKey"]]
        assert body["ContentType"] == "APPLICATION_JSON"
        document = json.loads(body["Content"])
        assert (document["status"], document["code"]) == (429, "too-many-requests")
        assert set(document) == {"type", "title", "status", "detail", "code"}


def test_managed_rules_block_but_for_those_that_would_block_what_the_contract_allows(
    rules: list[dict[str, Any]],
) -> None:
    for rule in rules[2:]:
        assert rule["OverrideAction"] == {"None": {}}
        group = rule["Statement"]["ManagedRuleGroupStatement"]
        counted = {each["Name"]: each["ActionToUse"] for each in group.get("RuleActionOverrides", [])}
        assert counted == {name: {"Count": {}} for name in ONLY_COUNTED[group["Name"]]}


def test_a_body_that_the_contract_allows_is_not_too_large_for_the_edge(rules: list[dict[str, Any]]) -> None:
    assert LARGEST_BODY > 8 * 1024
    core = rules[2]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    assert {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}} in core


def test_a_client_certificate_that_nears_its_end_rings_while_there_is_time(edge: dict[str, Any]) -> None:
    alarm = of_kind(edge, "AWS::CloudWatch::Alarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/CertificateManager", "DaysToExpiry")
    assert alarm["Dimensions"] == [{"Name": "CertificateArn", "Value": EDGE["edge"]["clientCertificate"]}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 30)
    on_call = edge_template(settings_with(**EDGE, alarmEmail="on-call@shop.co"))
    assert of_kind(on_call, "AWS::SNS::Subscription")["Endpoint"] == "on-call@shop.co"
    [action] = of_kind(on_call, "AWS::CloudWatch::Alarm")["AlarmActions"]
    assert on_call["Resources"][action["Ref"]]["Type"] == "AWS::SNS::Topic"


def test_cdk_nag_finds_nothing_that_is_not_explained(assembly: Path) -> None:
    [report] = json.loads((assembly / "validation-report.json").read_text())["pluginReports"]
    assert report["violations"] == []
    explained = {finding["acknowledgedId"] for finding in report["suppressedViolations"]}
    assert {"AwsSolutions::AwsSolutions-CFR1", "AwsSolutions::AwsSolutions-CFR3"} <= explained


@every_stage
def test_a_stage_without_an_edge_has_its_endpoint_as_before(stage: Stage) -> None:
    assert stage.settings.edge is None
    assert not (stage.assembly / "Edge.template.json").exists()
    assert stage.one("AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is False
    assert "MutualTlsAuthentication" not in json.dumps(template(stage.name))


def test_an_own_domain_without_an_edge_asks_clients_for_no_certificate() -> None:
    own = {name: value for name, value in EDGE.items() if name != "edge"}
    platform = dict(Template.from_stack(PlatformStack(cdk.App(), settings=settings_with(**own))).to_json())
    assert "MutualTlsAuthentication" not in of_kind(platform, "AWS::ApiGatewayV2::DomainName")
    assert platform["Outputs"]["ApiUrl"]["Value"] == "https://origin.example.com/api/v1"


def test_the_runbooks_commands_make_a_certificate_that_the_truststore_knows(tmp_path: Path) -> None:
    runbook = (PROJECT / "docs/runbook.md").read_text().partition("## The edge's client certificate")[2]
    [commands] = re.findall(r"```sh\n(openssl req -x509.+?)```", runbook, re.DOTALL)
    subprocess.run(["sh", "-ec", commands], cwd=tmp_path, capture_output=True, check=True)
    assert settings_with_edge(truststore=str(tmp_path / "edge.pem")).edge
    verify = ["openssl", "verify", "-purpose", "sslclient", "-CAfile"]
    for truststore, is_known in (("edge.pem", True), (PROJECT / EDGE["edge"]["truststore"], False)):
        done = subprocess.run([*verify, truststore, "client.pem"], cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode == 0) is is_known


def test_waf_keeps_no_sample_of_a_request_which_would_hold_its_token(edge: dict[str, Any]) -> None:
    acl = of_kind(edge, "AWS::WAFv2::WebACL")
    seen = [each["VisibilityConfig"]["SampledRequestsEnabled"] for each in (acl, *acl["Rules"])]
    assert seen == [False] * (1 + len(acl["Rules"]))
