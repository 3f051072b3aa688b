"""Identity: the Cognito user pool, its hosted login, and the app client that signs users in."""

import json

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.settings import PROJECT, StageSettings
from infra.standards.retention import removal_policy

REFRESH_TOKEN_DAYS = 30
ACCESS_TOKEN_MINUTES = 60

_MFA = {"off": cognito.Mfa.OFF, "optional": cognito.Mfa.OPTIONAL, "required": cognito.Mfa.REQUIRED}
_THREAT_PROTECTION = {
    "off": cognito.StandardThreatProtectionMode.NO_ENFORCEMENT,
    "audit": cognito.StandardThreatProtectionMode.AUDIT_ONLY,
    "enforced": cognito.StandardThreatProtectionMode.FULL_FUNCTION,
}


class Identity(Construct):
    """The user pool of a stage, with its hosted login and app client."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: StageSettings,
        prefix: str,
        create_profile: lambda_.IFunction,
        confirm_without_email: lambda_.IFunction | None,
        docs_callback: str,
        app_url: str,
    ) -> None:
        super().__init__(scope, "Identity")
        retain = settings.retain_data
        watched = settings.threat_protection != "off"
        self.user_pool = cognito.UserPool(
            self,
            "UserPool",
            user_pool_name=prefix,
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
            sign_in_case_sensitive=False,
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            keep_original=cognito.KeepOriginalAttrs(email=True),
            email=self._mail(settings.mail_from),
            password_policy=cognito.PasswordPolicy(
                min_length=8, require_lowercase=True, require_uppercase=True, require_digits=True, require_symbols=True
            ),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=_MFA[settings.mfa],
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False) if settings.mfa != "off" else None,
            feature_plan=cognito.FeaturePlan.PLUS if watched else cognito.FeaturePlan.ESSENTIALS,
            standard_threat_protection_mode=_THREAT_PROTECTION[settings.threat_protection] if watched else None,
            deletion_protection=retain,
            removal_policy=removal_policy(settings),
        )
        self.user_pool.add_trigger(cognito.UserPoolOperation.POST_CONFIRMATION, create_profile)
        self.user_pool.add_trigger(cognito.UserPoolOperation.PRE_TOKEN_GENERATION, create_profile)
        if confirm_without_email:
            self.user_pool.add_trigger(cognito.UserPoolOperation.PRE_SIGN_UP, confirm_without_email)

        own_domain = self._own_domain(settings)
        self.domain = self.user_pool.add_domain(
            "HostedLogin",
            custom_domain=own_domain,
            cognito_domain=(
                None if own_domain else cognito.CognitoDomainOptions(domain_prefix=f"{prefix}-{cdk.Aws.ACCOUNT_ID}")
            ),
            managed_login_version=cognito.ManagedLoginVersion.NEWER_MANAGED_LOGIN,
        )
        self.client = self.user_pool.add_client(
            "Client",
            user_pool_client_name=prefix,
            # A public client: a browser can't keep a secret, so PKCE binds the codes instead.
            generate_secret=False,
            auth_flows=cognito.AuthFlow(user_password=True, user_srp=True),
            o_auth=cognito.OAuthSettings(
                flows=cognito.OAuthFlows(authorization_code_grant=True),
                scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
                callback_urls=[*settings.callback_urls, docs_callback, f"{app_url}/callback"],
                logout_urls=[*settings.sign_out_urls, app_url],
            ),
            supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=cdk.Duration.minutes(ACCESS_TOKEN_MINUTES),
            id_token_validity=cdk.Duration.minutes(ACCESS_TOKEN_MINUTES),
            refresh_token_validity=cdk.Duration.days(REFRESH_TOKEN_DAYS),
            # Each refresh returns a new refresh token with the old one's remaining lifetime: docs/decisions/0014.
            refresh_token_rotation_grace_period=cdk.Duration.seconds(settings.refresh_grace_seconds),
        )
        self._brand(settings)
        if settings.threat_protection == "enforced":
            self._act_on_threats()

    def _own_domain(self, settings: StageSettings) -> cognito.CustomDomainOptions | None:
        if not settings.login_domain or not settings.login_certificate:
            return None
        certificate = acm.Certificate.from_certificate_arn(self, "Certificate", settings.login_certificate)
        return cognito.CustomDomainOptions(domain_name=settings.login_domain, certificate=certificate)

    def _mail(self, sender: str) -> cognito.UserPoolEmail:
        """The sender of mail. The identity in SES is the sender's domain, in the region of the stage."""
        if sender == "cognito":
            return cognito.UserPoolEmail.with_cognito()
        return cognito.UserPoolEmail.with_ses(
            from_email=sender, ses_verified_domain=sender.partition("@")[2], ses_region=cdk.Stack.of(self).region
        )

    def _brand(self, settings: StageSettings) -> None:
        """Style the hosted login; without a style, Cognito shows no page at all."""
        look = json.loads((PROJECT / settings.login_branding).read_text()) if settings.login_branding else {}
        cognito.CfnManagedLoginBranding(
            self,
            "Branding",
            user_pool_id=self.user_pool.user_pool_id,
            client_id=self.client.user_pool_client_id,
            use_cognito_provided_values=not look,
            settings=look.get("Settings"),
            assets=[
                cognito.CfnManagedLoginBranding.AssetTypeProperty(
                    category=asset["Category"],
                    color_mode=asset["ColorMode"],
                    extension=asset["Extension"],
                    bytes=asset.get("Bytes"),
                    resource_id=asset.get("ResourceId"),
                )
                for asset in look.get("Assets", [])
            ]
            or None,
        )

    def _act_on_threats(self) -> None:
        """Block leaked passwords and very unusual sign-ins; ask for the second factor at unusual ones."""
        risk = cognito.CfnUserPoolRiskConfigurationAttachment
        ask = risk.AccountTakeoverActionTypeProperty(event_action="MFA_IF_CONFIGURED", notify=False)
        refuse = risk.AccountTakeoverActionTypeProperty(event_action="BLOCK", notify=False)
        risk(
            self,
            "Risk",
            user_pool_id=self.user_pool.user_pool_id,
            client_id="ALL",
            compromised_credentials_risk_configuration=risk.CompromisedCredentialsRiskConfigurationTypeProperty(
                actions=risk.CompromisedCredentialsActionsTypeProperty(event_action="BLOCK")
            ),
            account_takeover_risk_configuration=risk.AccountTakeoverRiskConfigurationTypeProperty(
                actions=risk.AccountTakeoverActionsTypeProperty(medium_action=ask, high_action=refuse)
            ),
        )
