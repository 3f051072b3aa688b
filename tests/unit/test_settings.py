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
