"""What becomes of that which holds data when its stack goes."""

import aws_cdk as cdk

from infra.settings import StageSettings


def removal_policy(settings: StageSettings) -> cdk.RemovalPolicy:
    """It outlives the stack where the stage says so, but not a deployment that failed to create it.

    What such a deployment left behind would be in nobody's stack. And it has no name of ours: what outlives a stack
    must not stand in the way of the next one.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    """
    return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.retain_data else cdk.RemovalPolicy.DESTROY
