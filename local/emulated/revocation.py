"""RevokeToken for refresh tokens only, and only those of the calling client.

As https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html has it. The
unpatched emulator accepts any text, and ends the session that a forged token names: its refresh tokens are JWTs, those
of AWS are encrypted.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import cognito

type Answer = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Make it check the token."""
    cognito._revoke_token = _of_the_client(cognito._revoke_token)


def _of_the_client(revoke: Callable[[dict[str, Any]], Answer]) -> Callable[[dict[str, Any]], Answer]:
    def handle(data: dict[str, Any]) -> Answer:
        token = data.get("Token", "")
        claims = cognito._token_claims(token)
        if claims.get("token_use") != "refresh":
            return _refusal("UnsupportedTokenTypeException", "The token is no refresh token")
        if claims.get("client_id") != data.get("ClientId") or not cognito._signature_valid(token):
            return _refusal("UnauthorizedException", "The token is not one of this client")
        return revoke(data)

    return handle


def _refusal(code: str, message: str) -> Answer:
    answer: Answer = cognito.error_response_json(code, message, 400)
    return answer
