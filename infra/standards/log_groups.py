"""Log groups, all made alike: found by the tag `logs`, with the stage's retention and removal policy."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.settings import StageSettings
from infra.standards.retention import removal_policy


def new_log_group(scope: Construct, of: str, settings: StageSettings) -> logs.LogGroup:
    """The log group for something such as `billing.deposit`, as the child `Logs` of `scope`; AWS names it."""
    group = logs.LogGroup(
        scope,
        "Logs",
        removal_policy=removal_policy(settings),
    )
    cdk.Tags.of(group).add("logs", of)
    # The number of days: the enumeration of the construct above has words instead.
    cast("logs.CfnLogGroup", group.node.default_child).retention_in_days = settings.log_retention_days
    return group
