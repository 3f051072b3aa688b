"""`make preflight STAGE=prod`: finds what would make a first deployment fail. Read-only.

One line per check, with the fix if it fails; then the exit code is not 0.
"""

import json
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.settings import PROJECT, SettingsError, StageSettings
from infra.standards.partition import CLOUDFRONT_REGION, PARTITION, WHY_NOT_ELSEWHERE
from local.synthesis import PLATFORM, assembly
from ops.command import CommandError
from ops.target import session

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = (
    *("acm", "apigatewayv2", "cloudformation", "cloudwatch", "cognito-idp", "dynamodb", "events", "iam", "kms"),
    *("lambda", "logs", "s3", "sesv2", "sns", "sqs", "ssm", "stepfunctions", "sts"),
)
MOST_RESOURCES = 500
MOST_BYTES = 1_000_000
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
SECONDS_A_REQUEST = 0.15
"""Usual upper bound of the time that the authorizer and an operation take together (make load)."""

BESIDE_REQUESTS = 10
"""Functions that run besides those that users wait for: the relay, consumers, triggers, audits."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: whether it holds, what was seen, and the fix if it does not."""

    name: str
    holds: bool
    seen: str
    to_do: str = ""

    def __str__(self) -> str:
        return f"{'ok  ' if self.holds else 'FAIL'} {self.name:14} {self.seen}{'' if self.holds else f': {self.to_do}'}"


class Preflight:
    """All checks of a stage, in an account."""

    def __init__(self, settings: StageSettings, assembly_folder: "Path", aws: boto3.Session) -> None:
        self._settings = settings
        self._aws = aws
        self._template_file = assembly_folder / PLATFORM
        self._manifest = json.loads((assembly_folder / "manifest.json").read_text())

    def checks(self) -> Iterator[Check]:
        """All checks, in the order in which a deployment would fail.

        Stops early without credentials or in another partition: no other fix would help.
        """
        yield self._settings_are_ones_own()
        yield self._template_fits()
        yield (account := self._guarded("credentials", self._credentials))
        if not account.holds:
            return
        yield (partition := self._partition())
        if not partition.holds:
            return
        yield self._services_are_there()
        for name, check in (
            ("bootstrap", self._bootstrapped),
            ("concurrency", self._concurrency),
            ("login domain", self._login_domain),
            ("mail", self._mail),
            ("certificates", self._certificates),
        ):
            yield self._guarded(name, check)

    def _guarded(self, name: str, check: Callable[[], Check]) -> Check:
        try:
            return check()
        except (ClientError, BotoCoreError) as error:
            return Check(name, holds=False, seen=str(error), to_do="have the credentials allow to look it up")

    def _settings_are_ones_own(self) -> Check:
        hindrances = "; ".join(self._settings.hindrances)
        return Check("settings", not hindrances, f"stage {self._settings.stage} of cdk.json", hindrances)

    def _template_fits(self) -> Check:
        text = self._template_file.read_bytes()
        count = len(json.loads(text)["Resources"])
        return Check(
            "template",
            holds=count <= MOST_RESOURCES and len(text) <= MOST_BYTES,
            seen=f"{count} of {MOST_RESOURCES} resources, {len(text):,} of {MOST_BYTES:,} bytes",
            to_do="split the stack by what changes together",
        )

    def _credentials(self) -> Check:
        who = self._aws.client("sts").get_caller_identity()
        return Check("credentials", holds=True, seen=f"account {who['Account']} as {who['Arn'].rpartition(':')[2]}")

    @cached_property
    def _account(self) -> str:
        return self._aws.client("sts").get_caller_identity()["Account"]

    def _partition(self) -> Check:
        region = self._aws.region_name
        partition = self._aws.get_partition_for_region(region)
        return Check("partition", partition == PARTITION, f"{region} is in {partition}", WHY_NOT_ELSEWHERE)

    def _services_are_there(self) -> Check:
        region = self._aws.region_name
        # Global services, such as IAM, list no regions.
        listed = {name: self._aws.get_available_regions(name, partition_name=PARTITION) for name in SERVICES}
        missing = [name for name, regions in listed.items() if regions and region not in regions]
        return Check("region", not missing, f"{region} lacks {', '.join(missing) or 'nothing'}", "take another region")

    def _bootstrapped(self) -> Check:
        here = self._bootstrapped_in(self._aws.region_name)
        has_another = here.holds and self._settings.edge and self._aws.region_name != CLOUDFRONT_REGION
        return self._bootstrapped_in(CLOUDFRONT_REGION) if has_another else here

    def _bootstrapped_in(self, region: str) -> Check:
        needed = max(
            artifact["properties"].get("requiresBootstrapStackVersion", 0)
            for artifact in self._manifest["artifacts"].values()
            if artifact["type"] == "aws:cloudformation:stack"
        )
        to_do = f"npx cdk bootstrap aws://{self._account}/{region}"
        ssm = self._aws.client("ssm", region_name=region)
        try:
            version = int(ssm.get_parameter(Name=BOOTSTRAP)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return Check("bootstrap", holds=False, seen="the CDK has no bucket and roles here yet", to_do=to_do)
        return Check("bootstrap", version >= needed, f"version {version}, at least {needed} is needed", to_do)

    def _concurrency(self) -> Check:
        limits = self._aws.client("lambda").get_account_settings()["AccountLimit"]
        limit, quota = limits["UnreservedConcurrentExecutions"], limits["ConcurrentExecutions"]
        needed = math.ceil(self._settings.throttle_rate * SECONDS_A_REQUEST) + BESIDE_REQUESTS
        said = self._settings.lambda_concurrency
        if needed <= limit and quota < said and self._settings.alarm_email != "nobody":
            seen = f"the account's quota is {quota} functions at once, lambdaConcurrency says {said}"
            return Check("concurrency", holds=False, seen=seen, to_do="set it to what is so, or the alarm never rings")
        return Check(
            "concurrency",
            limit >= needed,
            f"{limit} functions may run at once, {needed} do at {self._settings.throttle_rate} requests a second",
            "ask for more (Service Quotas, Lambda, concurrent executions), or lower throttleRate; new accounts have 10",
        )

    def _login_domain(self) -> Check:
        domain = self._settings.login_domain or f"order-billing-{self._settings.stage}-{self._account}"
        taken = self._aws.client("cognito-idp").describe_user_pool_domain(Domain=domain)["DomainDescription"]
        pool = taken.get("UserPoolId")
        free = pool is None or self._is_ours(pool)
        seen = f"{domain} is {'free' if pool is None else f'of user pool {pool}'}"
        return Check("login domain", free, seen, "delete that pool's domain, or name the stage otherwise")

    def _is_ours(self, pool_id: str) -> bool:
        cloudformation = self._aws.client("cloudformation")
        try:
            [stack] = cloudformation.describe_stacks(StackName=f"order-billing-{self._settings.stage}")["Stacks"]
        except ClientError:
            return False
        return pool_id in [output["OutputValue"] for output in stack.get("Outputs", [])]

    def _mail(self) -> Check:
        sender = self._settings.mail_from
        if sender == "cognito":
            return Check("mail", holds=True, seen="Cognito's own, 50 a day")
        ses, domain = self._aws.client("sesv2"), sender.partition("@")[2]
        to_do = f"verify {domain} in SES, in {self._aws.region_name}"
        try:
            verified = ses.get_email_identity(EmailIdentity=domain).get("VerifiedForSendingStatus", False)
        except ses.exceptions.NotFoundException:
            return Check("mail", holds=False, seen=f"{domain} is not known to SES", to_do=to_do)
        if not verified:
            return Check("mail", holds=False, seen=f"{domain} is not verified", to_do=to_do)
        in_the_open = ses.get_account().get("ProductionAccessEnabled", False)
        seen = f"{domain} is verified, and SES is {'out of' if in_the_open else 'in'} its sandbox"
        return Check(
            "mail", in_the_open, seen, "ask for production access: until then only verified addresses get mail"
        )

    def _certificates(self) -> Check:
        edge = self._settings.edge
        wanted = (
            (self._aws.region_name, self._settings.api_certificate),
            (CLOUDFRONT_REGION, self._settings.login_certificate),
            *((CLOUDFRONT_REGION, arn) for arn in ((edge.certificate, edge.client_certificate) if edge else ())),
        )
        states = {
            arn: self._aws.client("acm", region_name=region).describe_certificate(CertificateArn=arn)["Certificate"]
            for region, arn in wanted
            if arn
        }
        pending = [arn for arn, certificate in states.items() if certificate.get("Status") != "ISSUED"]
        seen = f"{len(states) - len(pending)} of {len(states)} issued"
        return Check("certificates", not pending, seen, f"validate {', '.join(pending)}")


def settings_of(stage: str) -> StageSettings:
    """The settings of a stage of cdk.json. Raises CommandError if it is missing or wrong."""
    context: dict[str, Any] = json.loads((PROJECT / "cdk.json").read_text())["context"]
    try:
        return StageSettings.of_context(context["stages"], stage)
    except SettingsError as error:
        raise CommandError(str(error)) from None


def command() -> bool:
    """Check the account of STAGE, and report what would make a deployment fail."""
    stage = os.environ.get("STAGE")
    if not stage:
        raise CommandError("say which stage: make preflight STAGE=prod")
    settings = settings_of(stage)
    aws = session()
    if not aws.region_name:
        raise CommandError("say which region: AWS_REGION=eu-west-1")
    all_hold = True
    for check in Preflight(settings, assembly(stage), aws).checks():
        print(check, flush=True)
        all_hold &= check.holds
    print(f"preflight: {'cdk deploy may come' if all_hold else 'mend this first'}")
    return all_hold
