"""Log groups, all of one kind: named, kept for the stage's time, gone with the stack or not."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.settings import StageSettings


def new_log_group(scope: Construct, name: str, settings: StageSettings) -> logs.LogGroup:
    """The log group `name`, as the child `Logs` of `scope`."""
    group = logs.LogGroup(
        scope,
        "Logs",
        log_group_name=name,
        removal_policy=cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY,
    )
    # The days themselves: the enumeration of the construct above names them in words.
    cast("logs.CfnLogGroup", group.node.default_child).retention_in_days = settings.log_retention_days
    return group
