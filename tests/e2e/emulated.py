"""Situations that only the root user of the emulated cloud can create."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from local.deployment import session
from shared.dynamodb import to_item
from tests.e2e.api import Api, Credentials, User

EMULATOR_CODE = "123456"
"""The code that the emulator sends to every e-mail address."""


@contextmanager
def unconfirmed_user(api: Api) -> Iterator[Credentials]:
    """A user who has not confirmed the e-mail address yet, as on a stage that requires it."""
    cognito, pool_id = api.aws("cognito-idp"), api.stack["userPoolId"]
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    without_confirmation = {name: arn for name, arn in pool["LambdaConfig"].items() if name != "PreSignUp"}
    cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig=without_confirmation)
    credentials = Credentials()
    try:
        assert api.post("/register", credentials.registration()).status_code == 201
    finally:
        cognito.update_user_pool(UserPoolId=pool_id, LambdaConfig=pool["LambdaConfig"])
    yield credentials


def forget_profile(user: User) -> None:
    """Lose a user's profile, as no operation can."""
    dynamodb = session().client("dynamodb", endpoint_url=user.stack["awsEndpoint"])
    dynamodb.delete_item(TableName=user.stack["tables"]["profiles"], Key={"id": {"S": user.profile_id}})


@contextmanager
def frozen_order(api: Api) -> Iterator[str]:
    """An order frozen for a payment long ago, by its row: a finding of every audit."""
    dynamodb, table, long_ago = api.aws("dynamodb"), api.stack["tables"]["orders"], "2020-01-01T00:00:00.000Z"
    order_id = str(uuid.uuid4())
    key = {"profileId": "nobody", "sk": f"ORDER#{order_id}"}
    order = {"id": order_id, "state": "CREATED", "updatedAt": long_ago, "paymentStartedAt": long_ago}
    dynamodb.put_item(TableName=table, Item=to_item(key | order))
    try:
        yield " ".join(key.values())
    finally:
        dynamodb.delete_item(TableName=table, Key=to_item(key))
