"""The user pool and its app client: what signing in requires and returns."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template

from auth.sessions import LONGEST_SESSION_SECONDS
from infra import identity, settings
from infra.identity import Identity
from infra.operations import CONFIRM_WITHOUT_EMAIL, CREATE_PROFILE
from tests.infra.every import every_stage
from tests.infra.stages import PROD, STAGES, Properties, Stage, settings_with
from tests.scaffolding.template import referred, rendered


def _pool_with(**changes: object) -> dict[str, Properties]:
    """The user pool and what belongs to it, by type, of a stage with some settings; its triggers are not of it."""
    stack = cdk.Stack(cdk.App(), "Alone")
    trigger = lambda_.Function.from_function_arn(stack, "Trigger", "arn:aws:lambda:us-east-1:123456789012:function:x")
    Identity(
        stack,
        settings=settings_with(**changes),
        prefix="alone",
        create_profile=trigger,
        confirm_without_email=None,
        docs_callback="https://api.example.com/docs/oauth2-redirect.html",
        app_url="https://api.example.com/app",
    )
    found: dict[str, dict[str, Any]] = Template.from_stack(stack).to_json()["Resources"]
    return {resource["Type"]: resource["Properties"] for resource in found.values()}


@every_stage
def test_passwords_are_long_and_mixed(stage: Stage) -> None:
    policy = stage.one("AWS::Cognito::UserPool")["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 8
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


@every_stage
def test_anyone_registers_with_a_login_and_an_email_in_any_case(stage: Stage) -> None:
    pool = stage.one("AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is False
    assert pool["AliasAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert {"Name": "email", "Mutable": True, "Required": True} in pool["Schema"]


@every_stage
def test_an_account_is_recovered_by_a_verified_email_alone(stage: Stage) -> None:
    pool = stage.one("AWS::Cognito::UserPool")
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["AccountRecoverySetting"]["RecoveryMechanisms"] == [{"Name": "verified_email", "Priority": 1}]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}


@every_stage
def test_the_pool_outlives_its_stack_where_the_stage_retains_data(stage: Stage) -> None:
    [logical_id] = stage.all("AWS::Cognito::UserPool")
    retain = stage.settings.retain_data
    protection = stage.one("AWS::Cognito::UserPool")["DeletionProtection"]
    assert protection == ("ACTIVE" if retain else "INACTIVE")
    assert stage.deletion_policies(logical_id) == stage.outliving


@every_stage
def test_every_user_has_a_profile_before_the_first_token(stage: Stage) -> None:
    triggers = stage.one("AWS::Cognito::UserPool")["LambdaConfig"]
    expected = dict.fromkeys(["PostConfirmation", "PreTokenGeneration"], CREATE_PROFILE)
    if not stage.settings.verify_email:
        expected["PreSignUp"] = CONFIRM_WITHOUT_EMAIL
    assert {name: referred(target) for name, target in triggers.items()} == {
        name: stage.function_ids[function.module] for name, function in expected.items()
    }


def test_production_verifies_email_addresses() -> None:
    assert [stage.name for stage in STAGES if stage.settings.verify_email] == ["prod"]


@every_stage
def test_the_client_has_no_secret_and_gives_no_token_through_a_browsers_address_bar(stage: Stage) -> None:
    """So a code is good only with its PKCE verifier: https://datatracker.ietf.org/doc/html/rfc9700#section-2.1."""
    client = stage.one("AWS::Cognito::UserPoolClient")
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlowsUserPoolClient"] is True
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["AllowedOAuthScopes"] == ["openid", "email", "profile"]
    assert client["SupportedIdentityProviders"] == ["COGNITO"]


@every_stage
def test_users_sign_in_by_password_and_stay_signed_in_by_refresh_tokens_that_rotate(stage: Stage) -> None:
    """REFRESH_TOKEN_AUTH would renew a session without a new refresh token, and can't be had beside rotation:
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
    """
    client = stage.one("AWS::Cognito::UserPoolClient")
    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"}
    grace = stage.settings.refresh_grace_seconds
    assert client["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_stage_says_how_long_a_used_refresh_token_is_good_for_a_retry(seconds: int) -> None:
    client = _pool_with(refreshGraceSeconds=seconds)["AWS::Cognito::UserPoolClient"]
    assert client["RefreshTokenRotation"] == {"Feature": "ENABLED", "RetryGracePeriodSeconds": seconds}


@every_stage
def test_what_says_that_a_session_has_ended_outlives_its_last_token(stage: Stage) -> None:
    """A rotated refresh token has what remained of the first one's time, and so the last access token of a session is
    given when that ends, at the latest."""
    client = stage.one("AWS::Cognito::UserPoolClient")
    longest_minutes = client["RefreshTokenValidity"] + client["AccessTokenValidity"]
    assert longest_minutes * 60 < LONGEST_SESSION_SECONDS


@every_stage
def test_tokens_last_an_hour_and_sessions_thirty_days(stage: Stage) -> None:
    client = stage.one("AWS::Cognito::UserPoolClient")
    assert client["TokenValidityUnits"] == dict.fromkeys(["AccessToken", "IdToken", "RefreshToken"], "minutes")
    assert client["AccessTokenValidity"] == client["IdTokenValidity"] == 60
    assert client["RefreshTokenValidity"] == 30 * 24 * 60


@every_stage
def test_sessions_can_be_ended_and_nobody_learns_who_has_an_account(stage: Stage) -> None:
    client = stage.one("AWS::Cognito::UserPoolClient")
    assert client["EnableTokenRevocation"] is True
    assert client["PreventUserExistenceErrors"] == "ENABLED"


@every_stage
def test_the_hosted_login_sends_users_only_where_the_stage_says(stage: Stage) -> None:
    client = stage.one("AWS::Cognito::UserPoolClient")
    [api] = stage.all("AWS::ApiGatewayV2::Api")
    *chosen, docs, app = client["CallbackURLs"]
    assert chosen == [str(url) for url in stage.settings.callback_urls]
    assert rendered(docs) == f"${{{api}.ApiEndpoint}}/api/v1/docs/oauth2-redirect.html"
    *chosen, signed_out = client["LogoutURLs"]
    assert chosen == [str(url) for url in stage.settings.sign_out_urls]
    assert rendered(app) == f"${{{api}.ApiEndpoint}}/app/callback"
    assert rendered(signed_out) == f"${{{api}.ApiEndpoint}}/app"
    [pool] = stage.all("AWS::Cognito::UserPool")
    assert referred(stage.one("AWS::Cognito::UserPoolDomain")["UserPoolId"]) == pool
    assert referred(client["UserPoolId"]) == pool


@every_stage
def test_the_hosted_login_is_cognitos_managed_login_and_has_a_look(stage: Stage) -> None:
    assert stage.one("AWS::Cognito::UserPoolDomain")["ManagedLoginVersion"] == 2
    [pool], [client] = stage.all("AWS::Cognito::UserPool"), stage.all("AWS::Cognito::UserPoolClient")
    branding = stage.one("AWS::Cognito::ManagedLoginBranding")
    assert (referred(branding["UserPoolId"]), referred(branding["ClientId"])) == (pool, client)
    assert branding["UseCognitoProvidedValues"] is True
    assert branding.keys().isdisjoint({"Settings", "Assets"})


def test_a_stage_may_have_a_look_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logo = {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": "PHN2Zy8+"}
    look = {"Settings": {"components": {"primaryButton": {}}}, "Assets": [logo], "UserPoolId": "us-east-1_Another"}
    (tmp_path / "look.json").write_text(json.dumps(look))
    monkeypatch.setattr(identity, "PROJECT", tmp_path)
    monkeypatch.setattr(settings, "PROJECT", tmp_path)
    branding = _pool_with(loginBranding="look.json")["AWS::Cognito::ManagedLoginBranding"]
    assert (branding["Settings"], branding["Assets"]) == (look["Settings"], [logo])
    assert branding["UseCognitoProvidedValues"] is False


@pytest.mark.parametrize(("mfa", "configuration"), [("off", "OFF"), ("optional", "OPTIONAL"), ("required", "ON")])
def test_a_second_factor_is_as_the_stage_says_and_never_a_text_message(mfa: str, configuration: str) -> None:
    pool = _pool_with(mfa=mfa)["AWS::Cognito::UserPool"]
    assert pool["MfaConfiguration"] == configuration
    assert pool.get("EnabledMfas") == (None if mfa == "off" else ["SOFTWARE_TOKEN_MFA"])


@pytest.mark.parametrize(
    ("threats", "plan", "mode"),
    [("off", "ESSENTIALS", None), ("audit", "PLUS", "AUDIT"), ("enforced", "PLUS", "ENFORCED")],
)
def test_cognito_looks_for_threats_where_the_stage_pays_for_it(threats: str, plan: str, mode: str | None) -> None:
    found = _pool_with(threatProtection=threats)
    pool = found["AWS::Cognito::UserPool"]
    assert pool["UserPoolTier"] == plan
    assert pool.get("UserPoolAddOns", {}).get("AdvancedSecurityMode") == mode
    risk = found.get("AWS::Cognito::UserPoolRiskConfigurationAttachment")
    assert bool(risk) is (threats == "enforced")
    if risk:
        assert risk["ClientId"] == "ALL"
        assert risk["CompromisedCredentialsRiskConfiguration"]["Actions"] == {"EventAction": "BLOCK"}
        actions = risk["AccountTakeoverRiskConfiguration"]["Actions"]
        assert actions["HighAction"] == {"EventAction": "BLOCK", "Notify": False}
        assert actions["MediumAction"] == {"EventAction": "MFA_IF_CONFIGURED", "Notify": False}


def test_mail_is_from_the_stages_sender_by_ses() -> None:
    [pool] = PROD.all("AWS::Cognito::UserPool").values()
    mail = pool["EmailConfiguration"]
    assert (mail["EmailSendingAccount"], mail["From"]) == ("DEVELOPER", "no-reply@example.com")
    assert rendered(mail["SourceArn"]) == (
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/example.com"
    )


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"retainData": True, "verifyEmail": True}, True),
        ({"retainData": True, "verifyEmail": True, "mailFrom": "shop@shop.co"}, False),
        ({"retainData": True, "verifyEmail": False}, False),
        ({"retainData": False, "verifyEmail": True}, False),
    ],
)
def test_a_stage_that_counts_and_mails_its_users_needs_a_sender(settings: dict[str, object], refused: bool) -> None:
    found = [each for each in settings_with(**settings).hindrances if each.startswith("mailFrom: Cognito itself sends")]
    assert bool(found) is refused
