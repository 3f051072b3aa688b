"""What happens to stateful resources when their stack is deleted."""

import aws_cdk as cdk

from infra.settings import StageSettings


def removal_policy(settings: StageSettings) -> cdk.RemovalPolicy:
    """Keep it after the stack where the stage says so, but not after a failed creation.

    What a failed creation leaves behind would belong to no stack. Such resources get no fixed name: one that outlives a
    stack must not block the next one.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    """
    return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.retain_data else cdk.RemovalPolicy.DESTROY
