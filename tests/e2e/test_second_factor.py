"""A second factor by an authenticator app, where a user has set one up (the stage's `mfa` is optional)."""

import base64
import hashlib
import hmac
import struct
import time

from tests.e2e.api import Api, User

_STEP_SECONDS = 30


def _code(secret: str, at: float) -> str:
    """The six digits that an authenticator app shows: RFC 6238, with the defaults that all of them have."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // _STEP_SECONDS), hashlib.sha1).digest()
    [number] = struct.unpack_from(">I", digest, digest[-1] & 0xF)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


def test_who_has_set_up_a_second_factor_is_sent_to_the_hosted_login(api: Api, user: User) -> None:
    cognito = api.aws("cognito-idp")
    secret = cognito.associate_software_token(AccessToken=user.tokens.access)["SecretCode"]
    verified = cognito.verify_software_token(AccessToken=user.tokens.access, UserCode=_code(secret, time.time()))
    assert verified["Status"] == "SUCCESS"
    cognito.set_user_mfa_preference(
        AccessToken=user.tokens.access, SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )

    answer = api.post("/login", user.credentials.sign_in())

    assert (answer.status_code, answer.json()["code"]) == (403, "hosted-login-required")
    assert "token" not in answer.json()


def test_who_has_not_signs_in_by_password(api: Api, user: User) -> None:
    assert api.post("/login", user.credentials.sign_in()).status_code == 200
