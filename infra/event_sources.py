"""Event source mappings from a queue or a stream, with only the grants that Lambda's pollers use.

The constructs of the CDK grant more: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html list what is needed.
"""

from collections.abc import Mapping
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

CARRIES_EVENT = {"dynamodb": {"NewImage": {"event": {"S": lambda_.FilterRule.exists()}}}}
"""The stream records of items with an event in their outbox."""


def feed_from_queue(function: lambda_.Function, queue: sqs.Queue) -> None:
    """Feed `function` with the messages of `queue`; it reports the failed ones (partial batch response)."""
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    function.add_to_role_policy(iam.PolicyStatement(actions=actions, resources=[queue.queue_arn]))
    function.add_event_source_mapping(
        f"From-{queue.node.id}", event_source_arn=queue.queue_arn, batch_size=10, report_batch_item_failures=True
    )


def feed_from_stream(
    function: lambda_.Function,
    table: dynamodb.Table,
    dead_letters: sqs.Queue,
    *,
    only: Mapping[str, Any],
    window: cdk.Duration | None = None,
) -> None:
    """Feed `function` with the changes of `table` that match the filter `only`, in order.

    Changes within a `window` of time come in one batch, up to its size. Retries go on for nearly as long as the stream
    keeps records (24 h); then `dead_letters` gets a pointer to the batch, whose events are still in their items.
    """
    table.grant_stream_read(function)
    send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead_letters.queue_arn])
    function.add_to_role_policy(send)
    mapping = function.add_event_source_mapping(
        f"From-{table.node.id}",
        event_source_arn=table.table_stream_arn,
        starting_position=lambda_.StartingPosition.TRIM_HORIZON,
        batch_size=100,
        max_batching_window=window,
        filters=[lambda_.FilterCriteria.filter(only)],
        report_batch_item_failures=True,
        bisect_batch_on_error=True,
        retry_attempts=-1,
        max_record_age=cdk.Duration.hours(23),
    )
    resource = cast("lambda_.CfnEventSourceMapping", mapping.node.default_child)
    resource.destination_config = lambda_.CfnEventSourceMapping.DestinationConfigProperty(
        on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=dead_letters.queue_arn)
    )
