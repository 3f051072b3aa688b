"""CodeDeploy's hook: a version that answers gets traffic, another one doesn't."""

import io
import json
from contextlib import ExitStack
from typing import Any

import pytest

from infra.operations import CHECK_VERSION
from tests.integration.faults import aws_error
from tests.scaffolding.world import Ok, World

HOOK = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook-1"}
FUNCTION = "order-billing-local-orders-get-order"


class Deployment:
    """A deployment of one function, as CodeDeploy describes it, and its new version, as Lambda does."""

    def __init__(self, world: World, answer: object) -> None:
        self.world = world
        self.answer = answer
        self.told: list[dict[str, Any]] = []
        """What CodeDeploy was told."""
        self.asked: list[dict[str, Any]] = []
        """What the new version was asked."""

    def outcome(self) -> str:
        """The hook's report to CodeDeploy."""
        with ExitStack() as calls:
            for operation, react in (
                ("ListDeploymentTargets", lambda _: (Ok(), {"targetIds": ["t-1"]})),
                ("BatchGetDeploymentTargets", self._targets),
                ("PutLifecycleEventHookExecutionStatus", self._told),
            ):
                calls.enter_context(self.world.intercepting("codedeploy", operation, react))
            calls.enter_context(self.world.intercepting("lambda", "Invoke", self._invoked))
            self.world.invoke(CHECK_VERSION.module, HOOK)
        [told] = self.told
        assert (told["deploymentId"], told["lifecycleEventHookExecutionId"]) == ("d-1", "hook-1")
        return str(told["status"])

    def _targets(self, params: Any) -> Any:
        assert json.loads(params["body"]) == {"deploymentId": "d-1", "targetIds": ["t-1"]}
        version = {"functionName": FUNCTION, "functionAlias": "live", "currentVersion": "7", "targetVersion": "8"}
        return Ok(), {"deploymentTargets": [{"lambdaTarget": {"lambdaFunctionInfo": version}}]}

    def _told(self, params: Any) -> Any:
        self.told.append(json.loads(params["body"]))
        return Ok(), {}

    def _invoked(self, params: Any) -> Any:
        assert (FUNCTION in params["url"], params["query_string"]) == (True, {"Qualifier": "8"})
        self.asked.append(json.loads(params["body"]))
        if isinstance(self.answer, Exception):
            raise self.answer
        failed = {"FunctionError": "Unhandled"} if "errorType" in json.dumps(self.answer) else {}
        return Ok(), {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(self.answer).encode()), **failed}


@pytest.mark.parametrize(
    "answer",
    [{"statusCode": 401, "body": "{}"}, {"statusCode": 200, "body": "{}"}, {"isAuthorized": True, "context": {}}],
    ids=["refuses it", "serves it", "the authorizer"],
)
def test_a_version_that_answers_gets_traffic(world: World, answer: object) -> None:
    assert Deployment(world, answer).outcome() == "Succeeded"


@pytest.mark.parametrize(
    "answer",
    [
        {"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named 'orders.view'"},
        {"statusCode": 500, "body": "{}"},
        {"something": "else"},
        aws_error("ResourceNotFoundException"),
    ],
    ids=["can't be imported", "fails", "no answer of ours", "can't be called"],
)
def test_a_version_that_fails_gets_none(world: World, answer: object) -> None:
    assert Deployment(world, answer).outcome() == "Failed"


@pytest.mark.parametrize("module", ["orders.get_order", "auth.login", "billing.deposit", "web.get_openapi"])
def test_the_request_that_tries_a_version_is_answered_and_changes_nothing(world: World, module: str) -> None:
    """The same request, to today's functions: those for signed-in users reject it, the others find nothing to do."""
    deployment = Deployment(world, {"statusCode": 200})
    assert deployment.outcome() == "Succeeded"
    [request] = deployment.asked
    before = {service: world.rows(service) for service in ("profiles", "orders", "billing")}

    answer = world.invoke(module, request)

    assert answer["statusCode"] < 500
    assert {service: world.rows(service) for service in before} == before
