"""The rollout of a new version: at once, or in steps by CodeDeploy, which alarms roll back (docs/decisions/0036)."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.operations import AUTHORIZER, SERVED
from infra.settings import StageSettings

STEPS = {
    "canary": codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_15_MINUTES,
    "linear": codedeploy.LambdaDeploymentConfig.LINEAR_10_PERCENT_EVERY_3_MINUTES,
}
"""How the traffic of a function moves to its new version."""

ROLLS_BACK = ("api-failing", "api-slow", "authorizer-failing")
"""The alarms that roll back to the previous version. A tenth of the requests is enough to ring them."""

TRIED = {route.function.module for route in SERVED} | {AUTHORIZER.module}
"""Functions that answer a request without a token, with which a version is tried before it gets traffic."""

_BY_COLONS = cdk.ArnFormat.COLON_RESOURCE_NAME


class Rollout(Construct):
    """The deployments of a stage's functions, by their aliases; for stages that roll out in steps."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: StageSettings,
        prefix: str,
        aliases: Mapping[str, lambda_.Alias],
        alarms: Sequence[cloudwatch.IAlarm],
        check_version: lambda_.Function,
    ) -> None:
        super().__init__(scope, "Rollout")
        self._prefix = prefix
        application = codedeploy.LambdaApplication(self, "Application", application_name=prefix)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            description="What CodeDeploy may do while it moves traffic",
        )
        # Only by its ARN: CDK would grant the hook each group by name, which depends on the hook.
        hook = lambda_.Function.from_function_arn(self, "CheckVersion", check_version.function_arn)
        self.groups = {
            module: codedeploy.LambdaDeploymentGroup(
                self,
                module,
                application=application,
                alias=alias,
                deployment_config=STEPS[settings.rollout],
                alarms=alarms,
                pre_hook=hook if module in TRIED else None,
                # Not AWS's managed policy, which may read every bucket.
                role=self.role.without_policy_updates(),
            )
            for module, alias in aliases.items()
        }
        self._grant(aliases, alarms, check_version)

    def _grant(
        self,
        aliases: Mapping[str, lambda_.Alias],
        alarms: Sequence[cloudwatch.IAlarm],
        check_version: lambda_.Function,
    ) -> None:
        """Let CodeDeploy move the aliases' traffic, read the alarms and call the hook; let the hook try and report."""
        # As many ARNs as there are functions and aliases don't fit into one policy.
        functions = cdk.Stack.of(self).format_arn(
            service="lambda", resource="function", resource_name=f"{self._prefix}-*", arn_format=_BY_COLONS
        )
        for actions, resources in (
            (["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"], [functions]),
            (["cloudwatch:DescribeAlarms"], [alarm.alarm_arn for alarm in alarms]),
            (["lambda:InvokeFunction"], [check_version.function_arn]),
        ):
            self.role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
        for actions, resources in (
            (
                ["lambda:InvokeFunction"],
                [f"{aliases[module].lambda_.function_arn}:*" for module in sorted(TRIED & aliases.keys())],
            ),
            # These actions don't support resources in IAM.
            (
                [
                    "codedeploy:BatchGetDeploymentTargets",
                    "codedeploy:ListDeploymentTargets",
                    "codedeploy:PutLifecycleEventHookExecutionStatus",
                ],
                ["*"],
            ),
        ):
            check_version.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=resources))
