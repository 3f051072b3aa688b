"""The user pool and its app client: what signing in asks for, and what it gives."""

from infra.operations import CONFIRM_WITHOUT_EMAIL, CREATE_PROFILE
from tests.infra.every import every_stage
from tests.infra.stages import STAGES, Stage
from tests.template import referred, rendered


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
    assert stage.deletion_policies(logical_id) == {"Retain" if retain else "Delete"}


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
def test_users_sign_in_by_password_and_stay_signed_in_by_refresh(stage: Stage) -> None:
    client = stage.one("AWS::Cognito::UserPoolClient")
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }


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
    *chosen, docs = client["CallbackURLs"]
    assert chosen == [str(url) for url in stage.settings.callback_urls]
    assert rendered(docs) == f"${{{api}.ApiEndpoint}}/api/v1/docs/oauth2-redirect.html"
    assert client["LogoutURLs"] == [str(url) for url in stage.settings.sign_out_urls]
    [pool] = stage.all("AWS::Cognito::UserPool")
    assert referred(stage.one("AWS::Cognito::UserPoolDomain")["UserPoolId"]) == pool
    assert referred(client["UserPoolId"]) == pool
