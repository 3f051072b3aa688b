"""The settings of a stage: what is wrong is said in one line that names it."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra.settings import SettingsError, StageSettings

DEMANDED = {
    "callbackUrls": ["https://app.acme.test/callback"],
    "signOutUrls": ["https://app.acme.test/"],
    "alarmEmail": "on-call@acme.test",
}
"""What every stage says itself."""

STAGES: dict[str, Any] = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]["stages"]


def settings(**changes: object) -> StageSettings:
    """The settings of a stage that differs from the defaults in `changes`."""
    return StageSettings.of_context({"dev": {**DEMANDED, **changes}}, "dev")


def refusal(stages: object, stage: str = "dev") -> str:
    """What is said about settings that are wrong."""
    with pytest.raises(SettingsError) as refused:
        StageSettings.of_context(stages, stage)
    return str(refused.value)


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_in_cdk_json_is_valid(stage: str) -> None:
    assert StageSettings.of_context(STAGES, stage).stage == stage


@pytest.mark.parametrize("stage", ["awsome", "prodaws", "cognito2", "amazon"])
def test_a_stage_is_not_named_so_that_cognito_would_refuse_the_domain_of_its_login(stage: str) -> None:
    word = next(word for word in ("aws", "amazon", "cognito") if word in stage)
    assert f"{word} can't be in the name of a stage without a loginDomain" in refusal({stage: STAGES["dev"]}, stage)
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/2"
    own = {**STAGES["dev"], "loginDomain": "login.acme.test", "loginCertificate": certificate}
    assert StageSettings.of_context({stage: own}, stage).stage == stage


def test_the_default_stage_is_there() -> None:
    cdk = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())
    assert cdk["context"]["stage"] in STAGES


def test_the_defaults_are_safe_for_production() -> None:
    default = settings()
    assert default.retain_data
    assert default.verify_email
    assert default.authorizer_cache_seconds == 0
    assert default.event_archive_days > 0
    assert default.allowed_origins == []
    assert (default.currency, default.unit_price_minor) == ("USD", 1000)
    assert (default.architecture, default.log_level) == ("arm64", "INFO")
    assert (default.mfa, default.refresh_grace_seconds) == ("optional", 10)


@pytest.mark.parametrize("name", DEMANDED)
def test_a_stage_says_itself_where_users_are_sent_and_who_hears_of_alarms(name: str) -> None:
    said = {other: value for other, value in DEMANDED.items() if other != name}
    assert refusal({"dev": said}) == f"stage 'dev' in cdk.json: {name}: must be set"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("callbackUrls", ["https://app.example.com/callback"]),
        ("callbackUrls", ["https://acme.test/", "https://example.org:8443/callback"]),
        ("signOutUrls", ["https://app.example/"]),
        ("allowedOrigins", ["https://example.net"]),
        ("alarmEmail", "on-call@example.com"),
        ("mailFrom", "no-reply@example.com"),
    ],
)
def test_an_example_is_told_from_an_address_of_ones_own(name: str, value: object) -> None:
    assert settings(**{name: value}).examples == [name]


@pytest.mark.parametrize("host", ["example.com.acme.test", "myexample.com", "example.community", "localhost.acme.test"])
def test_what_only_looks_like_an_example_is_none(host: str) -> None:
    assert settings(callbackUrls=[f"https://{host}/callback"], alarmEmail=f"on-call@{host}").examples == []


def test_what_is_committed_for_production_is_an_example_and_nothing_else_is() -> None:
    examples = {stage: StageSettings.of_context(STAGES, stage).examples for stage in STAGES}
    assert examples.pop("prod") == ["callbackUrls", "signOutUrls", "allowedOrigins", "alarmEmail", "mailFrom"]
    assert examples == {"dev": [], "local": []}


def test_a_stage_may_differ_in_everything() -> None:
    changed = settings(
        currency="KWD",
        unitPrice="1.250",
        architecture="x86_64",
        memoryMb=1024,
        logLevel="DEBUG",
        logRetentionDays=3653,
        retainData=False,
        eventArchiveDays=0,
        authorizerCacheSeconds=3600,
        throttleRate=1,
        throttleBurst=1,
        allowedOrigins=["https://app.example.com"],
        verifyEmail=False,
        mfa="required",
        threatProtection="enforced",
        refreshGraceSeconds=0,
        callbackUrls=["https://app.example.com/callback", "http://localhost:3000/callback", "shop://signed-in"],
        signOutUrls=["https://app.example.com/"],
        loginBranding="cdk.json",
        alarmEmail="nobody",
    )
    assert changed.unit_price_minor == 1250
    assert str(changed.callback_urls[0]) == "https://app.example.com/callback"


def test_a_price_written_as_a_json_number_is_exact() -> None:
    assert settings(unitPrice=json.loads("10.10")).unit_price == Decimal("10.10")


WRONG = [
    ("currency", "XXX"),
    ("currency", "usd"),
    ("currency", 840),
    ("currency", None),
    ("unitPrice", "1000000.01"),
    ("unitPrice", "NaN"),
    ("unitPrice", "Infinity"),
    ("unitPrice", "cheap"),
    ("unitPrice", None),
    ("unitPrice", True),
    ("unitPrice", 0),
    ("unitPrice", -1),
    ("unitPrice", "10.001"),
    ("architecture", "mips"),
    ("memoryMb", 127),
    ("memoryMb", 10241),
    ("memoryMb", "plenty"),
    ("memoryMb", 512.5),
    ("logLevel", "TRACE"),
    ("logLevel", "info"),
    ("logRetentionDays", 2),
    ("logRetentionDays", 0),
    ("logRetentionDays", "for ever"),
    ("retainData", "perhaps"),
    ("retainData", None),
    ("eventArchiveDays", -1),
    ("eventArchiveDays", 3651),
    ("authorizerCacheSeconds", -1),
    ("authorizerCacheSeconds", 3601),
    ("throttleRate", 0),
    ("throttleBurst", 0),
    ("allowedOrigins", "https://app.example.com"),
    ("allowedOrigins", [1]),
    ("verifyEmail", "sometimes"),
    ("callbackUrls", []),
    ("callbackUrls", ["not an address"]),
    ("callbackUrls", "https://app.example.com"),
    ("callbackUrls", ["http://app.example.com/callback"]),
    ("callbackUrls", ["http://localhost@app.example.com/callback"]),
    ("signOutUrls", ["http://localhost.example.com/"]),
    ("signOutUrls", []),
    ("signOutUrls", [""]),
    ("mfa", "sms"),
    ("mfa", True),
    ("threatProtection", "on"),
    ("refreshGraceSeconds", -1),
    ("refreshGraceSeconds", 61),
    ("loginBranding", "no/such/file.json"),
    ("alarmEmail", "somebody"),
    ("alarmEmail", None),
    ("alarmEmail", "a b@example.com"),
    ("alarmEmail", ""),
    ("memroyMb", 512),
    ("memory_mb", 512),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_refused_in_one_line_that_names_it(name: str, value: object) -> None:
    line = refusal({"dev": {**DEMANDED, name: value}})
    assert len(line.splitlines()) == 1
    assert "'dev'" in line
    assert name in line


@pytest.mark.parametrize("stage", ["Dev", "d", "1dev", "my-stage", "averylongstage", "dev\nprod", "dév"])
def test_a_stage_with_a_name_that_resources_can_not_have_is_refused(stage: str) -> None:
    line = refusal({stage: {}}, stage)
    assert len(line.splitlines()) == 1
    assert repr(stage) in line


@pytest.mark.parametrize("stages", [{}, {"prod": {}}, None, [], "dev", 5], ids=repr)
def test_a_stage_that_is_not_there_is_refused_in_one_line(stages: object) -> None:
    line = refusal(stages)
    assert len(line.splitlines()) == 1
    assert "'dev'" in line


def test_who_misspells_a_stage_is_told_which_there_are() -> None:
    assert "dev, prod" in refusal({"dev": {}, "prod": {}}, "pord")


@pytest.mark.parametrize("stage", [None, [], "x", 5], ids=repr)
def test_a_stage_that_is_not_an_object_is_refused(stage: object) -> None:
    assert "'dev'" in refusal({"dev": stage})


EDGE: dict[str, Any] = {
    "domain": "api.acme.test",
    "certificate": "arn:aws:acm:us-east-1:111122223333:certificate/1",
    "clientCertificate": "arn:aws:acm:us-east-1:111122223333:certificate/2",
    "truststore": "docs/edge/truststore.example.pem",
}
ORIGIN = {"apiDomain": "origin.acme.test", "apiCertificate": "arn:aws:acm:eu-west-1:111122223333:certificate/3"}


def test_an_edge_has_limits_that_need_not_be_set() -> None:
    edge = settings(**ORIGIN, edge=EDGE).edge
    assert edge
    assert (edge.requests_per_minute, edge.sign_ins_per_minute) == (1200, 60)
    assert settings().edge is None


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"domain": "origin.acme.test"}, "edge.domain is where clients find the API, apiDomain where CloudFront does"),
        ({"certificate": ORIGIN["apiCertificate"]}, "certificate must be one in us-east-1"),
        ({"clientCertificate": ORIGIN["apiCertificate"]}, "clientCertificate must be one in us-east-1"),
        ({"truststore": "docs/none.pem"}, "truststore: there is no file docs/none.pem"),
        ({"truststore": "README.md"}, "truststore: README.md has no certificate in PEM"),
        ({"signInsPerMinute": 9}, "edge.signInsPerMinute: "),
        ({"requestsPerMinute": True}, "edge.requestsPerMinute: "),
        ({"rate": 1}, "edge.rate: "),
    ],
)
def test_a_wrong_edge_is_one_line(changes: dict[str, Any], line: str) -> None:
    said = refusal({"dev": {**DEMANDED, **ORIGIN, "edge": {**EDGE, **changes}}})
    assert line in said
    assert "\n" not in said


def test_an_edge_needs_a_name_by_which_it_reaches_the_api() -> None:
    assert "edge needs an apiDomain" in refusal({"dev": {**DEMANDED, "edge": EDGE}})


def test_a_private_key_is_no_truststore(tmp_path: Path) -> None:
    file = tmp_path / "both.pem"
    file.write_text("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE" + " KEY-----\n")
    said = refusal({"dev": {**DEMANDED, **ORIGIN, "edge": {**EDGE, "truststore": str(file)}}})
    assert said.endswith("holds a private key, which belongs nowhere near the code")


def test_a_trial_has_the_settings_of_another_stage_but_what_nobody_else_can_have() -> None:
    stages = {
        "dev": {
            "unitPrice": 7,
            "callbackUrls": ["http://localhost/"],
            "signOutUrls": ["http://localhost/"],
            "alarmEmail": "on-call@shop.co",
            "apiDomain": "api.shop.co",
            "apiCertificate": "arn:aws:acm:eu-west-1:111122223333:certificate/api",
            "retainData": True,
            "rollout": "canary",
        }
    }

    trial = StageSettings.of_trial(stages, "pr12", like="dev")

    assert (trial.stage, trial.unit_price_minor) == ("pr12", 700)
    assert (trial.retain_data, trial.verify_email, trial.alarm_email) == (False, False, "nobody")
    assert (trial.api_domain, trial.api_certificate, trial.edge, trial.rollout) == (None, None, None, "all-at-once")


@pytest.mark.parametrize(
    ("trial", "like"), [("pr12", "nowhere"), ("pr-12", "dev"), ("apullrequest12", "dev"), ("dev", "dev")]
)
def test_a_trial_with_another_name_or_like_no_stage_is_one_line(trial: str, like: str) -> None:
    stages = {
        "dev": {"callbackUrls": ["http://localhost/"], "signOutUrls": ["http://localhost/"], "alarmEmail": "nobody"}
    }

    with pytest.raises(SettingsError) as refused:
        StageSettings.of_trial(stages, trial, like=like)

    assert "\n" not in str(refused.value)
