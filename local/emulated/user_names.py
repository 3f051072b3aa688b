"""User names in a case-insensitive pool, and e-mail addresses with which only one user signs in.

The unpatched emulator compares both case-sensitively, ignores the setting, gives one login to all who register it at
the same moment, lets two users sign in with one address, and does not mark a confirmed address as verified. On AWS:

* ADA is taken where ada is, and ADA@EXAMPLE.COM signs in who registered ada@example.com; what comes out is lower case
  (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html).
* The code that confirms a sign-up verifies its address, unless the address is another's by then: AliasExistsException
  (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ConfirmSignUp.html).
* An address that the PreSignUp trigger verifies moves to the new user: the one who had it has it unverified then
  (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html).
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

from ministack.services import cognito

type Answer = tuple[int, dict[str, str], bytes]
type Data = dict[str, Any]

_EMAIL, _VERIFIED = "email", "email_verified"
_taking: dict[str, threading.Lock] = {}
"""By login: sign-ups with the same login wait for each other, since their triggers take a while."""


def install() -> None:
    """Apply these rules to names and addresses."""
    cognito._resolve_user = _whatever_the_case(cognito._resolve_user)
    cognito._admin_create_user = _in_lower_case(cognito._admin_create_user)
    cognito._sign_up = _moving_the_address(_in_lower_case(_one_at_a_time(cognito._sign_up)))
    cognito._confirm_sign_up = _verifying_the_address(cognito._confirm_sign_up)


def _whatever_the_case(resolve: Callable[[Data, Any], Any]) -> Callable[[Data, Any], Any]:
    def handle(pool: Data, name: Any) -> Any:
        return resolve(pool, name.lower() if isinstance(name, str) and _folds(pool) else name)

    return handle


def _in_lower_case(create: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    def handle(data: Data) -> Answer:
        if not _folds(_pool(data)):
            return create(data)
        attributes = [
            {**each, "Value": each["Value"].lower()} if each["Name"] == _EMAIL else each
            for each in data.get("UserAttributes", [])
        ]
        return create({**data, "Username": data.get("Username", "").lower(), "UserAttributes": attributes})

    return handle


def _one_at_a_time(sign_up: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    def handle(data: Data) -> Answer:
        with _taking.setdefault(data.get("Username", ""), threading.Lock()):
            return sign_up(data)

    return handle


def _moving_the_address(sign_up: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    def handle(data: Data) -> Answer:
        answer = sign_up(data)
        user = cognito._resolve_user(_pool(data), data.get("Username"))[0] if answer[0] == 200 else None
        if user and _attributes(user).get(_VERIFIED) == "true":
            for other in _others_with_the_address(_pool(data), user):
                _set(other, _VERIFIED, "false")
        return answer

    return handle


def _verifying_the_address(confirm: Callable[[Data], Answer]) -> Callable[[Data], Answer]:
    def handle(data: Data) -> Answer:
        pool = _pool(data)
        user = cognito._resolve_user(pool, data.get("Username"))[0]
        if user and any(_others_with_the_address(pool, user)):
            refusal: Answer = cognito.error_response_json(
                "AliasExistsException", "An account with the given email already exists.", 400
            )
            return refusal
        answer = confirm(data)
        if user and answer[0] == 200 and _EMAIL in _attributes(user):
            _set(user, _VERIFIED, "true")
        return answer

    return handle


def _others_with_the_address(pool: Data, user: Data) -> Iterator[Data]:
    """Other users who sign in with the user's address."""
    address = _attributes(user).get(_EMAIL)
    for other in pool["_users"].values():
        attributes = _attributes(other)
        if other is not user and attributes.get(_EMAIL) == address and attributes.get(_VERIFIED) == "true":
            yield other


def _pool(data: Data) -> Data:
    by_id: Data | None = cognito._user_pools.get(data.get("UserPoolId", ""))
    by_client: Data | None = cognito._pool_for_client(data.get("ClientId"))[0]
    return by_id or by_client or {"_users": {}}


def _folds(pool: Data) -> bool:
    """Whether the pool is case-insensitive."""
    return pool.get("UsernameConfiguration", {}).get("CaseSensitive") in {False, "false"}


def _attributes(user: Data) -> dict[str, str]:
    attributes: dict[str, str] = cognito._attr_list_to_dict(user["Attributes"])
    return attributes


def _set(user: Data, name: str, value: str) -> None:
    user["Attributes"] = cognito._dict_to_attr_list({**_attributes(user), name: value})
