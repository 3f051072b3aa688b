"""Custom domains for the API and the hosted login: all addresses follow."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from infra.platform_stack import PlatformStack
from tests.infra.stages import LOCAL, resources_with, settings_with
from tests.scaffolding.template import rendered
from tests.templates.check import EDGE

API_CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/1"
LOGIN_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/2"
OWN: dict[str, Any] = {
    "apiDomain": "api.acme.test",
    "apiCertificate": API_CERTIFICATE,
    "loginDomain": "login.acme.test",
    "loginCertificate": LOGIN_CERTIFICATE,
}
LOGIN = "https://${IdentityUserPoolHostedLogin006E8354}"
"""A reference to a pool's domain is its name."""

OWN_FIELDS = {"api_domain", "api_certificate", "login_domain", "login_certificate"}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The template of a stage with domains of its own."""
    own = {name: value for name, value in settings_with(**OWN) if name in OWN_FIELDS}
    stack = PlatformStack(cdk.App(), settings=LOCAL.settings.model_copy(update=own))
    return dict(Template.from_stack(stack).to_json())


def of_kind(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """The one resource of a type."""
    [resource] = [each for each in template["Resources"].values() if each["Type"] == kind]
    properties: dict[str, Any] = resource["Properties"]
    return properties


def test_the_api_is_at_its_own_domain_and_nowhere_else(template: dict[str, Any]) -> None:
    domain = of_kind(template, "AWS::ApiGatewayV2::DomainName")
    assert domain["DomainName"] == "api.acme.test"
    [configuration] = domain["DomainNameConfigurations"]
    assert configuration["CertificateArn"] == API_CERTIFICATE
    assert configuration["SecurityPolicy"] == "TLS_1_2"
    mapping = of_kind(template, "AWS::ApiGatewayV2::ApiMapping")
    assert "ApiMappingKey" not in mapping
    assert of_kind(template, "AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is True


def test_the_hosted_login_is_at_its_own_domain(template: dict[str, Any]) -> None:
    domain = of_kind(template, "AWS::Cognito::UserPoolDomain")
    assert domain["Domain"] == "login.acme.test"
    assert domain["CustomDomainConfig"] == {"CertificateArn": LOGIN_CERTIFICATE}


def test_whoever_asks_is_told_the_own_addresses_and_where_to_point_them(template: dict[str, Any]) -> None:
    outputs = {name: output["Value"] for name, output in template["Outputs"].items()}
    assert outputs["ApiUrl"] == "https://api.acme.test/api/v1"
    assert outputs["DocsUrl"] == "https://api.acme.test/api/v1/docs"
    assert rendered(outputs["HostedLoginUrl"]) == LOGIN
    assert {"ApiDomainTarget", "LoginDomainTarget"} <= set(outputs)


def test_the_docs_page_may_be_signed_in_to(template: dict[str, Any]) -> None:
    callbacks = of_kind(template, "AWS::Cognito::UserPoolClient")["CallbackURLs"]
    assert "https://api.acme.test/api/v1/docs/oauth2-redirect.html" in callbacks


def test_functions_are_told_the_own_login(template: dict[str, Any]) -> None:
    told = [
        each["Properties"]["Environment"]["Variables"].get("HOSTED_LOGIN_URL")
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    ]
    assert {rendered(each) for each in told if each} == {LOGIN}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"apiDomain": "api.acme.test"}, "apiDomain and apiCertificate go together"),
        ({"loginCertificate": LOGIN_CERTIFICATE}, "loginDomain and loginCertificate go together"),
        (
            {"loginDomain": "login.acme.test", "loginCertificate": API_CERTIFICATE},
            "loginCertificate must be one in us-east-1: Cognito serves its domain by CloudFront",
        ),
        ({"apiDomain": "https://api.acme.test", "apiCertificate": API_CERTIFICATE}, "apiDomain: "),
        ({"apiDomain": "api.acme.test", "apiCertificate": "1"}, "apiCertificate: "),
        # Of a partition in which the platform can't be (docs/decisions/0031).
        (
            {"apiDomain": "api.acme.test", "apiCertificate": API_CERTIFICATE.replace("arn:aws:", "arn:aws-us-gov:")},
            "apiCertificate: ",
        ),
    ],
)
def test_a_wrong_domain_is_one_line(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        settings_with(**changes)


def test_with_every_setting_on_the_stack_is_one_that_cloudformation_takes() -> None:
    """The limit is 500 resources; future ones need room too."""
    everything = {
        **{name: value for name, value in settings_with(**OWN) if name in OWN_FIELDS},
        "snap_start": True,
        "rollout": "canary",
        "tracing": "active",
        "retain_data": True,
        "verify_email": False,
        "event_archive_days": 90,
        "mfa": "optional",
        "threat_protection": "enforced",
        "edge": settings_with(**EDGE).edge,
        "mail_from": "no-reply@shop.co",
        "alarm_email": "on-call@shop.co",
    }
    assert 440 < len(resources_with(**everything)) < 490
