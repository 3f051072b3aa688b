"""The settings of a stage: typed, validated, from `stages` in cdk.json."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from shared.money import PLACES, Currency, Minor

RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""The values that CloudWatch Logs accepts."""


PROJECT = Path(__file__).parent.parent

Origin = Annotated[str, Field(pattern=r"^(https?://[^/\s]+|\*)$")]


def _encrypted(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "http" and parts.hostname != "localhost":
        raise ValueError("must be https, but for http://localhost: Cognito takes no other")
    return address


Address = Annotated[str, Field(pattern=r"^[a-z][a-z0-9+.-]*://\S+$"), AfterValidator(_encrypted)]
"""A web page, or an app's own scheme (`myapp://signed-in`)."""

DomainName = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
CertificateArn = Annotated[str, Field(pattern=r"^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate/\S+$")]

_NOT_IN_A_DOMAIN = ("aws", "amazon", "cognito")
"""https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html"""

_EXAMPLE = re.compile(r"[/@.]example(\.com|\.net|\.org)?(?![\w.-])")
"""Names reserved for documentation (RFC 2606)."""


_NOT_FOR_TRIALS = {
    "apiDomain",
    "apiCertificate",
    "edge",
    "loginDomain",
    "loginCertificate",
    "mailFrom",
    "monthlyBudget",
}
"""Settings of one stage only: unique names, a sender, an account's money."""
_TRIAL = {
    "retainData": False,
    "verifyEmail": False,
    "logRetentionDays": 1,
    "eventArchiveDays": 0,
    "rollout": "all-at-once",
    "alarmEmail": "nobody",
}


class SettingsError(ValueError):
    """The stage does not exist, or one of its settings is wrong. One line."""


class EdgeSettings(BaseModel):
    """CloudFront with AWS WAF in front of the API: limits for each address."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    domain: DomainName
    """Where clients find the API. `apiDomain` is where CloudFront finds it."""
    certificate: CertificateArn
    """The certificate of `domain`, in us-east-1."""
    client_certificate: CertificateArn
    """The client certificate that only CloudFront can present to the API: in ACM, in us-east-1, with its key."""
    truststore: str
    """A file with the certificate of the authority that signed it. The API rejects all other connections."""
    requests_per_minute: Annotated[StrictInt, Field(ge=10)] = 1200
    """Requests that one address may make in a minute, in total."""
    sign_ins_per_minute: Annotated[StrictInt, Field(ge=10)] = 60
    """Of these, requests to all routes that take credentials together. At least 10 in WAF."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, certificate in (("certificate", self.certificate), ("clientCertificate", self.client_certificate)):
            if ":acm:us-east-1:" not in certificate:
                raise ValueError(f"{name} must be one in us-east-1, where CloudFront takes it from")
        file = PROJECT / self.truststore
        if not file.is_file():
            raise ValueError(f"truststore: there is no file {self.truststore}")
        text = file.read_text(errors="replace")
        if "-----BEGIN CERTIFICATE-----" not in text:
            raise ValueError(f"truststore: {self.truststore} has no certificate in PEM")
        if "PRIVATE KEY-----" in text:
            raise ValueError(f"truststore: {self.truststore} holds a private key, which belongs nowhere near the code")
        return self


class StageSettings(BaseModel):
    """One stage. Defaults are safe for production; cdk.json has what differs, and what has no default."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    stage: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{1,11}$")]

    currency: str = "USD"
    unit_price: Decimal = Decimal("10.00")
    """Price of one piece, in major units. An order keeps the price at which it was created."""

    architecture: Literal["arm64", "x86_64"] = "arm64"
    memory_mb: Annotated[StrictInt, Field(ge=128, le=10240)] = 512
    """CPU grows with memory; 512 MB starts a function in about half the time of 256."""
    snap_start: StrictBool = False
    """Functions that users wait for start from a snapshot: faster, but each is billed monthly."""
    rollout: Literal["all-at-once", "canary", "linear"] = "all-at-once"
    """How a new version gets traffic: all at once; a tenth for 15 minutes; or a tenth more every three minutes.

    In steps, by CodeDeploy: alarms roll back to the previous version.
    """
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_retention_days: StrictInt = 90
    tracing: Literal["off", "active"] = "off"
    """Lambda's active tracing: X-Ray samples the requests. `make trace` works without it."""

    retain_data: StrictBool = True
    """Tables, user pool and logs outlive the stack, and can't be deleted by mistake."""
    event_archive_days: Annotated[StrictInt, Field(ge=0, le=3650)] = 90
    """How long events can be replayed; 0: no archive."""

    reconcile_hours: Annotated[StrictInt, Field(ge=1, le=8760)] = 168
    """How often the whole books are audited, which reads every row of two tables. Changes are checked continuously."""
    reconcile_workers: Annotated[StrictInt, Field(ge=1, le=40)] = 4
    """How many parts of the books are audited in parallel."""

    authorizer_cache_seconds: Annotated[StrictInt, Field(ge=0, le=3600)] = 0
    """Above 0, a signed-out token stays valid for that long; it saves a call of the authorizer."""
    throttle_rate: Annotated[StrictInt, Field(ge=1)] = 200
    """Requests per second to the API, from all callers together."""
    throttle_burst: Annotated[StrictInt, Field(ge=1)] = 400
    sign_in_rate: Annotated[StrictInt, Field(ge=1)] = 20
    """Requests per second to each route that takes credentials, from all callers together."""
    sign_in_burst: Annotated[StrictInt, Field(ge=1)] = 40
    allowed_origins: list[Origin] = []
    """Origins of browser apps that may call the API (CORS)."""

    api_domain: DomainName | None = None
    """The API's own domain, such as `api.acme.test`; without it, the address is AWS's, and changes with the stack."""
    api_certificate: CertificateArn | None = None
    """Its certificate, in the region of the stage."""
    edge: EdgeSettings | None = None
    """CloudFront and WAF in front of the API; without them, limits are shared: one address can use them up."""
    login_domain: DomainName | None = None
    """The hosted login's own domain; without it, one of Cognito's."""
    login_certificate: CertificateArn | None = None
    """Its certificate, in us-east-1, wherever the stage is: Cognito serves it by CloudFront."""

    verify_email: StrictBool = True
    """Users must confirm their e-mail address before they can sign in."""
    mail_from: Annotated[str, Field(pattern=r"^(cognito|[^@\s]+@[^@\s]+)$")] = "cognito"
    """The sender of the pool's mail: an address at a domain verified in SES; `cognito` sends at most 50 a day."""
    mfa: Literal["off", "optional", "required"] = "optional"
    """A second factor by an authenticator app (TOTP). Required: only the hosted login signs in, not POST /login."""
    threat_protection: Literal["off", "audit", "enforced"] = "off"
    """Whether Cognito looks for leaked passwords and unusual sign-ins; requires the Plus plan, billed per user."""
    refresh_grace_seconds: Annotated[StrictInt, Field(ge=0, le=60)] = 10
    """How long a refresh token still works after its exchange, for clients that lost the answer."""
    callback_urls: Annotated[list[Address], Field(min_length=1)]
    """Where the hosted login may send users with a code."""
    sign_out_urls: Annotated[list[Address], Field(min_length=1)]
    login_branding: str | None = None
    """A file with the style of the hosted login, in Cognito's format; without it, the style is Cognito's own."""

    alarm_email: Annotated[str, Field(pattern=r"^(nobody|[^@\s]+@[^@\s]+)$")]
    """Who gets alarms; `nobody` is a word, since the CDK drops a null from its context."""
    lambda_concurrency: Annotated[StrictInt, Field(ge=10)] = 1000
    """The account's quota of concurrent functions in this region. An alarm rings at four fifths."""
    monthly_budget: Annotated[StrictInt, Field(ge=0)] = 0
    """Dollars a month for all with the stage's tag; `alarmEmail` gets mail at four fifths, and for a higher forecast.

    0: no budget. AWS counts by a tag only once it is activated for cost allocation in the billing console.
    """

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.currency not in PLACES:
            raise ValueError(f"currency must be one of {', '.join(PLACES)}")
        try:
            Currency(self.currency).to_minor(self.unit_price)
        except ValueError as error:
            raise ValueError(f"unitPrice {error}") from None
        if self.log_retention_days not in RETENTION_DAYS:
            raise ValueError(f"logRetentionDays must be one of {', '.join(map(str, RETENTION_DAYS))}")
        if self.login_branding is not None and not (PROJECT / self.login_branding).is_file():
            raise ValueError(f"loginBranding: there is no file {self.login_branding}")
        return self

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        for word in _NOT_IN_A_DOMAIN:
            if word in self.stage and not self.login_domain:
                raise ValueError(
                    f"{word} can't be in the name of a stage without a loginDomain: Cognito refuses its domain"
                )
        for domain, certificate, name in (
            (self.api_domain, self.api_certificate, "api"),
            (self.login_domain, self.login_certificate, "login"),
        ):
            if bool(domain) != bool(certificate):
                raise ValueError(f"{name}Domain and {name}Certificate go together")
        if self.edge and not self.api_domain:
            raise ValueError("edge needs an apiDomain, by which CloudFront reaches the API")
        if self.edge and self.edge.domain == self.api_domain:
            raise ValueError("edge.domain is where clients find the API, apiDomain where CloudFront does: two names")
        if self.login_certificate and ":acm:us-east-1:" not in self.login_certificate:
            raise ValueError("loginCertificate must be one in us-east-1: Cognito serves its domain by CloudFront")
        return self

    @property
    def unit_price_minor(self) -> Minor:
        """The unit price in minor units."""
        return Currency(self.currency).to_minor(self.unit_price)

    @property
    def examples(self) -> list[str]:
        """The settings that are still examples, by name."""
        said = {
            "callbackUrls": self.callback_urls,
            "signOutUrls": self.sign_out_urls,
            "allowedOrigins": self.allowed_origins,
            "alarmEmail": [self.alarm_email],
            "mailFrom": [self.mail_from],
        }
        return [name for name, values in said.items() if any(map(_EXAMPLE.search, values))]

    @property
    def hindrances(self) -> list[str]:
        """The reasons why the stage can be synthesized but not deployed, each with the fix."""
        examples = self.examples
        found = [f"{', '.join(examples)}: put your own for the example"] if examples else []
        if self.retain_data and self.verify_email and self.mail_from == "cognito":
            found.append(
                "mailFrom: Cognito itself sends 50 mails a day, and nobody more can confirm their address then; put an"
                " address at a domain that you have verified in SES"
            )
        return found

    @classmethod
    def of_trial(cls, stages: Any, trial: str, *, like: str) -> Self:
        """The settings of a temporary stage: those of `like`, except what can't be shared or outlives the stack.

        Raises SettingsError, in one line that names the setting.
        """
        if isinstance(stages, dict) and trial in stages:
            raise SettingsError(f"{trial} is a stage of cdk.json, and no trial: give it another name")
        shared = stages.get(like, {}) if isinstance(stages, dict) else {}
        own = {name: value for name, value in shared.items() if name not in _NOT_FOR_TRIALS}
        return cls.of_context({trial: own | _TRIAL} if shared else {}, trial)

    @classmethod
    def of_context(cls, stages: Any, stage: str) -> Self:
        """The settings of `stage`, from the context value `stages`.

        Raises SettingsError, in one line that names the setting.
        """
        if not isinstance(stages, dict) or stage not in stages:
            known = ", ".join(stages) if isinstance(stages, dict) else "none"
            raise SettingsError(f"stage {stage!r} is not in cdk.json (stages there: {known})")
        if not isinstance(stages[stage], dict):
            raise SettingsError(f"stage {stage!r} in cdk.json: must be an object of settings")
        try:
            return cls.model_validate({**stages[stage], "stage": stage})
        except ValidationError as error:
            # A missing setting may just be misspelled; then the wrong name is the better hint.
            first = min(error.errors(), key=lambda found: found["type"] == "missing")
            place = ".".join(str(part) for part in first["loc"])
            message = "must be set" if first["type"] == "missing" else first["msg"].removeprefix("Value error, ")
            raise SettingsError(f"stage {stage!r} in cdk.json: {place + ': ' if place else ''}{message}") from None
