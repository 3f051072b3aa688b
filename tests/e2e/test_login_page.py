"""The page of the hosted login, for app clients with and without a branding."""

import httpx

from tests.e2e.api import Api

_CALLBACK = "http://localhost:3000/callback"


def _login_page(api: Api, client_id: str) -> str:
    asks = {"response_type": "code", "client_id": client_id, "redirect_uri": _CALLBACK, "scope": "openid"}
    pkce = {"code_challenge": "c" * 43, "code_challenge_method": "S256"}
    answer = httpx.get(f"{api.stack['hostedLoginUrl']}/oauth2/authorize", params=asks | pkce, follow_redirects=True)
    return answer.text


def test_managed_login_shows_its_page_to_a_client_with_a_branding_alone(api: Api) -> None:
    cognito, pool_id = api.aws("cognito-idp"), api.stack["userPoolId"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="without-branding",
        AllowedOAuthFlows=["code"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[_CALLBACK],
        SupportedIdentityProviders=["COGNITO"],
    )["UserPoolClient"]["ClientId"]
    try:
        unbranded = _login_page(api, client_id)
    finally:
        cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)

    assert "Login pages unavailable" in unbranded
    assert "<form" not in unbranded
    assert 'name="password"' in _login_page(api, api.stack["clientId"])
