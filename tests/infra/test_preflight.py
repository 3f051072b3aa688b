"""`make preflight` on moto: all good, and each single problem that would make a first deployment fail."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.settings import StageSettings
from infra.standards.partition import WHY_NOT_ELSEWHERE
from ops.preflight import BOOTSTRAP, MOST_RESOURCES, Preflight
from tests.infra.stages import settings_with
from tests.scaffolding.template import assembly_folder
from tests.scaffolding.world import Ok
from tests.templates.check import EDGE

SENDER = "no-reply@shop.co"


class Account:
    """An account that is ready for a deployment, on moto; it lacks what Lambda and SES say of an account."""

    def __init__(self) -> None:
        self.aws = boto3.Session(region_name="us-east-1")
        self.concurrency, self.production_access = 1000, True
        said = {"lambda.GetAccountSettings": self._lambda, "sesv2.GetAccount": self._ses}
        for call, answer in said.items():
            self.aws.events.register(f"before-call.{call}", answer)
        self.aws.client("ssm").put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
        self.ses = self.aws.client("sesv2")
        self.ses.create_email_identity(EmailIdentity="shop.co")
        self.verified = True
        self.aws.events.register("after-call.sesv2.GetEmailIdentity", self._identity)

    def _lambda(self, **_: object) -> Any:
        both = ("ConcurrentExecutions", "UnreservedConcurrentExecutions")
        return Ok(), {"AccountLimit": dict.fromkeys(both, self.concurrency)}

    def _ses(self, **_: object) -> Any:
        return Ok(), {"ProductionAccessEnabled": self.production_access}

    def _identity(self, parsed: dict[str, Any], **_: object) -> None:
        parsed["VerifiedForSendingStatus"] = self.verified

    def preflight(self, folder: Path | None = None, **settings: object) -> dict[str, str]:
        """The lines of the checks, by their names."""
        stage: StageSettings = settings_with(**({"mailFrom": SENDER} | settings))
        checks = Preflight(stage, folder or assembly_folder("local"), self.aws).checks()
        return {check.name: str(check) for check in checks}

    def failures(self, folder: Path | None = None, **settings: object) -> list[str]:
        """What does not hold."""
        return [line for line in self.preflight(folder, **settings).values() if line.startswith("FAIL")]


@pytest.fixture
def account() -> Iterator[Account]:
    """An account that is ready."""
    with mock_aws():
        yield Account()


def test_an_account_that_is_ready_has_nothing_to_mend(account: Account) -> None:
    lines = account.preflight()

    assert list(lines) == [
        *("settings", "template", "credentials", "partition", "region", "bootstrap", "concurrency"),
        *("login domain", "mail", "certificates"),
    ]
    assert [line for line in lines.values() if not line.startswith("ok")] == []


def test_a_setting_that_is_still_an_example_is_named(account: Account) -> None:
    [line] = account.failures(callbackUrls=["https://app.example.com/callback"])
    assert line.endswith("callbackUrls: put your own for the example")


@pytest.mark.parametrize(
    ("resources", "padding"), [(MOST_RESOURCES + 1, 0), (1, 1_000_001)], ids=["too many resources", "too many bytes"]
)
def test_a_template_that_cloudformation_would_not_take(
    account: Account, tmp_path: Path, resources: int, padding: int
) -> None:
    content = {"Resources": {str(number): {} for number in range(resources)}, "Metadata": "x" * padding}
    (tmp_path / "Platform.template.json").write_text(json.dumps(content))
    (tmp_path / "manifest.json").write_text((assembly_folder("local") / "manifest.json").read_text())

    [line] = account.failures(tmp_path)

    assert line.startswith("FAIL template")


def test_without_credentials_nothing_more_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    aws = boto3.Session(region_name="us-east-1")

    checks = list(Preflight(settings_with(), assembly_folder("local"), aws).checks())

    assert [check.name for check in checks] == ["settings", "template", "credentials"]
    assert str(checks[-1]).startswith("FAIL credentials    Unable to locate credentials")


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("eusc-de-east-1", "aws-eusc")],
)
def test_a_region_of_another_partition_is_refused_with_the_reason(
    account: Account, monkeypatch: pytest.MonkeyPatch, region: str, partition: str
) -> None:
    monkeypatch.setattr(account, "aws", boto3.Session(region_name=region))

    checks = account.preflight()

    assert list(checks) == ["settings", "template", "credentials", "partition"]
    assert checks["partition"] == f"FAIL partition      {region} is in {partition}: {WHY_NOT_ELSEWHERE}"


def test_a_region_that_lacks_a_service_is_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = {"cognito-idp": ["eu-west-1"]}
    everywhere = ["us-east-1"]
    monkeypatch.setattr(account.aws, "get_available_regions", lambda name, **_: lacking.get(name, everywhere))

    [line] = account.failures()

    assert line == "FAIL region         us-east-1 lacks cognito-idp: take another region"


@pytest.mark.parametrize(
    ("version", "seen"), [(None, "the CDK has no bucket and roles here yet"), ("5", "version 5, ")]
)
def test_a_region_that_is_not_bootstrapped_or_too_long_ago(account: Account, version: str | None, seen: str) -> None:
    ssm = account.aws.client("ssm")
    ssm.delete_parameter(Name=BOOTSTRAP)
    if version:
        ssm.put_parameter(Name=BOOTSTRAP, Value=version, Type="String")

    [line] = account.failures()

    assert line.startswith(f"FAIL bootstrap      {seen}")
    assert line.endswith("npx cdk bootstrap aws://123456789012/us-east-1")


def test_a_new_account_may_not_run_enough_functions_at_once(account: Account) -> None:
    account.concurrency = 10
    [line] = account.failures()
    assert line.startswith(
        "FAIL concurrency    10 functions may run at once, 40 do at 200 requests a second: ask for more"
    )


def test_a_quota_below_the_one_that_the_alarm_is_made_for(account: Account) -> None:
    account.concurrency = 400
    [line] = account.failures(alarmEmail="on-call@shop.co")
    assert line.startswith(
        "FAIL concurrency    the account's quota is 400 functions at once, lambdaConcurrency says 1000"
    )
    assert account.failures(alarmEmail="on-call@shop.co", lambdaConcurrency=400) == []
    assert account.failures(alarmEmail="nobody") == []


def test_a_login_domain_that_somebody_has(account: Account) -> None:
    cognito = account.aws.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="order-billing-alone-123456789012", UserPoolId=pool)

    [line] = account.failures()

    assert line.startswith(f"FAIL login domain   order-billing-alone-123456789012 is of user pool {pool}: ")


def test_a_login_domain_of_the_stack_itself_is_no_hindrance(account: Account) -> None:
    cognito = account.aws.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="ours")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="order-billing-alone-123456789012", UserPoolId=pool)
    template = {
        "Resources": {"Q": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"UserPoolId": {"Value": pool}},
    }
    account.aws.client("cloudformation").create_stack(
        StackName="order-billing-alone", TemplateBody=json.dumps(template)
    )

    assert account.failures() == []


def test_a_sender_that_ses_does_not_know(account: Account) -> None:
    [line] = account.failures(mailFrom="no-reply@elsewhere.co")
    assert line == "FAIL mail           elsewhere.co is not known to SES: verify elsewhere.co in SES, in us-east-1"


def test_a_sender_that_is_not_verified_yet(account: Account) -> None:
    account.verified = False
    [line] = account.failures()
    assert line.startswith("FAIL mail           shop.co is not verified: ")


def test_mail_that_may_not_leave_the_sandbox(account: Account) -> None:
    account.production_access = False
    [line] = account.failures()
    assert "SES is in its sandbox: ask for production access" in line


@pytest.mark.parametrize(("status", "issued"), [("ISSUED", True), ("PENDING_VALIDATION", False)])
def test_a_certificate_that_is_not_validated_yet_is_named(account: Account, status: str, issued: bool) -> None:
    arn = account.aws.client("acm").request_certificate(DomainName="api.shop.co")["CertificateArn"]

    def say(parsed: dict[str, Any], **_: object) -> None:
        parsed["Certificate"]["Status"] = status

    account.aws.events.register("after-call.acm.DescribeCertificate", say)

    failures = account.failures(apiDomain="api.shop.co", apiCertificate=arn)

    assert failures == ([] if issued else [f"FAIL certificates   0 of 1 issued: validate {arn}"])


def test_an_edge_has_its_certificates_looked_at_too(account: Account) -> None:
    acm = account.aws.client("acm")
    issued = [acm.request_certificate(DomainName=f"{each}.shop.co")["CertificateArn"] for each in "abc"]
    edge = {**EDGE["edge"], "certificate": issued[1], "clientCertificate": issued[2]}

    def say(parsed: dict[str, Any], **_: object) -> None:
        waits = parsed["Certificate"]["CertificateArn"] == issued[2]
        parsed["Certificate"]["Status"] = "PENDING_VALIDATION" if waits else "ISSUED"

    account.aws.events.register("after-call.acm.DescribeCertificate", say)

    assert account.failures(apiDomain="origin.shop.co", apiCertificate=issued[0], edge=edge) == [
        f"FAIL certificates   2 of 3 issued: validate {issued[2]}"
    ]


def test_a_stage_with_an_edge_needs_a_bootstrap_in_two_regions(account: Account) -> None:
    elsewhere = boto3.Session(region_name="eu-west-1")
    elsewhere.client("ssm").put_parameter(Name=BOOTSTRAP, Value="30", Type="String")
    settings = settings_with(**EDGE, mailFrom=SENDER)

    def bootstrap() -> str:
        checks = Preflight(settings, assembly_folder("local"), elsewhere).checks()
        return next(str(check) for check in checks if check.name == "bootstrap")

    assert bootstrap().startswith("ok")
    account.aws.client("ssm").delete_parameter(Name=BOOTSTRAP)
    assert bootstrap().startswith("FAIL")
    assert bootstrap().endswith("npx cdk bootstrap aws://123456789012/us-east-1")


def test_what_may_not_be_looked_up_is_told_and_the_rest_is_looked_at(account: Account) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetParameter")

    account.aws.events.register_first("before-call.ssm.GetParameter", refuse)

    lines = account.preflight()

    assert lines["bootstrap"].endswith("have the credentials allow to look it up")
    assert lines["certificates"].startswith("ok")
