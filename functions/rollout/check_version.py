"""CodeDeploy's BeforeAllowTraffic hook: a new version must answer a request that changes nothing.

The request has no token and no body: operations reject it, the authorizer passes it on as rejected. This finds import
errors, missing settings and exceptions before any user meets them.
https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-lambda
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import BotoCoreError, ClientError

from shared import aws, correlation
from shared.logs import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

type Outcome = Literal["Succeeded", "Failed"]

codedeploy = aws.client("codedeploy")
lambda_ = aws.client("lambda")


def handler(hook: Mapping[str, str], context: LambdaContext) -> None:
    """Try the version that a deployment is about to give traffic, and report the result to CodeDeploy. Four requests.

    Raises what CodeDeploy raises when the report fails: it treats that as a failure, after an hour.
    """
    correlation.begin(context.aws_request_id)
    deployment = hook["DeploymentId"]
    codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=deployment,
        lifecycleEventHookExecutionId=hook["LifecycleEventHookExecutionId"],
        status=_outcome(deployment),
    )


def _outcome(deployment: str) -> Outcome:
    try:
        versions = list(_versions(deployment))
        return "Succeeded" if versions and all(_answers(*version) for version in versions) else "Failed"
    except (ClientError, BotoCoreError):
        logger.exception("a version could not be tried", deployment=deployment)
        return "Failed"


def _versions(deployment: str) -> Iterator[tuple[str, str]]:
    """The functions of a deployment, each with the version that is to get traffic."""
    targets = codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
    for target in codedeploy.batch_get_deployment_targets(deploymentId=deployment, targetIds=targets)[
        "deploymentTargets"
    ]:
        function = target["lambdaTarget"]["lambdaFunctionInfo"]
        yield function["functionName"], function["targetVersion"]


def _answers(function: str, version: str) -> bool:
    """Whether a version answers without an error of its own."""
    request = {
        "version": "2.0",
        "routeKey": "check-version",
        "rawPath": "/",
        "headers": {},
        "requestContext": {"requestId": "check-version"},
    }
    answer = lambda_.invoke(FunctionName=function, Qualifier=version, Payload=json.dumps(request))
    said = json.loads(answer["Payload"].read())
    answers = "FunctionError" not in answer and (
        "isAuthorized" in said
        or said.get("statusCode", HTTPStatus.INTERNAL_SERVER_ERROR) < HTTPStatus.INTERNAL_SERVER_ERROR
    )
    logger.info("version tried", function=function, version=version, answers=answers)
    return answers
