"""IAM is enforced on the local cloud: a role can do only what it is granted."""

import json

import pytest
from botocore.exceptions import ClientError

from local.deployment import session
from tests.e2e.api import Api


def test_a_role_without_a_grant_is_denied(api: Api) -> None:
    iam, sts = api.aws("iam"), api.aws("sts")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="nobody", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    credentials = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    nobody = session().client(
        "dynamodb",
        endpoint_url=api.stack["awsEndpoint"],
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )

    with pytest.raises(ClientError) as denied:
        nobody.get_item(TableName=api.stack["tables"]["orders"], Key={"profileId": {"S": "a"}, "sk": {"S": "b"}})

    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"


def test_taking_a_functions_grant_away_shows_as_a_broken_operation(api: Api) -> None:
    iam = api.aws("iam")
    configuration = api.aws("lambda").get_function_configuration(FunctionName=f"{api.stack['stackName']}-orders-health")
    role = configuration["Role"].rsplit("/", 1)[1]
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    assert api.get("/orders/health").json()["status"] == "OK"

    iam.delete_role_policy(RoleName=role, PolicyName=policy)
    try:
        answer = api.get("/orders/health")
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

    assert (answer.status_code, answer.json()["status"]) == (503, "DOWN")
    assert api.get("/orders/health").status_code == 200
