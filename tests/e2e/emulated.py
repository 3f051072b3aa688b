"""What only the root user of the emulated cloud can bring about."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.deployment import session
from tests.e2e.api import Api, Credentials, User

EMULATOR_CODE = "123456"
"""The code that the emulator sends to every e-mail address."""


@contextmanager
def unconfirmed_user(api: Api) -> Iterator[Credentials]:
    """A user who has yet to confirm the e-mail address, as on a stage that demands it."""
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
