"""The user pool, with its errors translated into ours. No message of Cognito's reaches a client."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict

from botocore.exceptions import ClientError

from shared import aws, correlation, environment, examples
from shared.problems import (
    HostedLoginRequiredError,
    InvalidRefreshTokenError,
    LoginTakenError,
    NotConfirmedError,
    ProblemError,
    TooManyRequestsError,
    ValidationFailedError,
    WrongConfirmationCodeError,
    WrongCredentialsError,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

PASSWORD_RULE = "must have at least 8 characters, with a lower-case and an upper-case letter, a digit and a symbol"  # noqa: S105 - a rule, no password

_NO_REFRESH_TOKEN = {
    "UnauthorizedException",
    "InvalidParameterException",
    "NotAuthorizedException",
    "UnsupportedTokenTypeException",
}
_THROTTLED = {
    "TooManyRequestsException",
    "LimitExceededException",
    "TooManyFailedAttemptsException",
    "ThrottlingException",
}


class TokensView(TypedDict):
    """A signed-in user's tokens; `token` is the access token, `expiresIn` its seconds to live."""

    token: str
    refreshToken: str
    idToken: str
    tokenType: str
    expiresIn: int


TOKENS: TokensView = {
    "token": examples.TOKEN,
    "refreshToken": examples.TOKEN,
    "idToken": examples.TOKEN,
    "tokenType": "Bearer",
    "expiresIn": 3600,
}


class UserPool:
    """The users of one stage. Each method is one request to Cognito."""

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id
        self._cognito = aws.public_cognito_client()

    @classmethod
    def of_stage(cls) -> UserPool:
        """The pool that this function is deployed with."""
        return cls(environment.required("USER_POOL_CLIENT_ID"))

    def sign_up(self, login: str, email: str, password: str) -> str:
        """Create a user and give its `sub`. Raises LoginTakenError, ValidationFailedError, TooManyRequestsError.

        The result does not reveal whether another user has the address (docs/decisions/0009): the `sub` is then
        nobody's.
        """
        problems = {
            "UsernameExistsException": LoginTakenError(),
            "InvalidPasswordException": ValidationFailedError.of("password", PASSWORD_RULE),
            "InvalidParameterException": ValidationFailedError.of("email", "must be an e-mail address"),
        }
        with _said_as(problems):
            try:
                answer = self._cognito.sign_up(
                    ClientId=self._client_id,
                    Username=login,
                    Password=password,
                    UserAttributes=[{"Name": "email", "Value": email}],
                    ClientMetadata=_handed_on(),
                )
            except ClientError as error:
                if _code(error) == "AliasExistsException":
                    return str(uuid.uuid4())
                raise
        return answer["UserSub"]

    def confirm_sign_up(self, login: str, code: str) -> None:
        """Confirm the e-mail address by the code sent to it.

        Raises WrongConfirmationCodeError, TooManyRequestsError.
        """
        wrong = WrongConfirmationCodeError()
        problems = dict.fromkeys(
            (
                "CodeMismatchException",
                "ExpiredCodeException",
                "UserNotFoundException",
                "NotAuthorizedException",
                "AliasExistsException",
                "InvalidParameterException",
            ),
            wrong,
        )
        with _said_as(problems):
            self._cognito.confirm_sign_up(
                ClientId=self._client_id, Username=login, ConfirmationCode=code, ClientMetadata=_handed_on()
            )

    def sign_in(self, login: str, password: str) -> TokensView:
        """Tokens for a login (or e-mail address) and password.

        Raises WrongCredentialsError for an unknown login and a wrong password alike, NotConfirmedError,
        HostedLoginRequiredError, TooManyRequestsError.
        """
        wrong = WrongCredentialsError()
        problems = {
            "NotAuthorizedException": wrong,
            "UserNotFoundException": wrong,
            "InvalidParameterException": wrong,
            "PasswordResetRequiredException": wrong,
            "UserNotConfirmedException": NotConfirmedError(),
        }
        with _said_as(problems):
            answer = self._cognito.initiate_auth(
                ClientId=self._client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": login, "PASSWORD": password},
            )
        if "AuthenticationResult" not in answer:
            # A second factor, or a new password: only the hosted login can ask for it.
            raise HostedLoginRequiredError
        return _tokens(answer["AuthenticationResult"])

    def refresh(self, refresh_token: str) -> TokensView:
        """New tokens for a refresh token, including a new refresh token: the old one is used up.

        Raises InvalidRefreshTokenError, TooManyRequestsError.
        """
        invalid = InvalidRefreshTokenError()
        problems = {
            "NotAuthorizedException": invalid,
            "RefreshTokenReuseException": invalid,
            "UserNotFoundException": invalid,
            "InvalidParameterException": invalid,
            "PasswordResetRequiredException": invalid,
            "UserNotConfirmedException": invalid,
        }
        with _said_as(problems):
            answer = self._cognito.get_tokens_from_refresh_token(ClientId=self._client_id, RefreshToken=refresh_token)
        return _tokens(answer["AuthenticationResult"])

    def revoke(self, refresh_token: str) -> None:
        """Revoke a refresh token; do nothing if it isn't one of ours. Raises TooManyRequestsError."""
        try:
            with _said_as({}):
                self._cognito.revoke_token(ClientId=self._client_id, Token=refresh_token)
        except ClientError as error:
            if _code(error) not in _NO_REFRESH_TOKEN:
                raise


def sign_out_everywhere(user_pool_id: str, login: str) -> None:
    """Revoke all refresh tokens of a user; a deleted user has none. One request to Cognito, by IAM.

    Raises TooManyRequestsError.
    """
    try:
        with _said_as({}):
            aws.client("cognito-idp").admin_user_global_sign_out(UserPoolId=user_pool_id, Username=login)
    except ClientError as error:
        if _code(error) != "UserNotFoundException":
            raise


@contextmanager
def _said_as(problems: Mapping[str, ProblemError]) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _code(error) in _THROTTLED:
            raise TooManyRequestsError from None
        if problem := problems.get(_code(error)):
            raise problem from None
        raise


def _handed_on() -> Mapping[str, str]:
    """What Cognito passes on to the triggers: the correlation id of the request."""
    correlation_id = correlation.current()
    return {"correlationId": correlation_id} if correlation_id else {}


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


def _tokens(result: AuthenticationResultTypeTypeDef) -> TokensView:
    return {
        "token": result["AccessToken"],
        "refreshToken": result["RefreshToken"],
        "idToken": result["IdToken"],
        "tokenType": result["TokenType"],
        "expiresIn": result["ExpiresIn"],
    }
