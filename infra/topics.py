"""SNS topics, encrypted."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


def new_topic(scope: Construct, name: str, *, publisher: str, traced: bool = False) -> sns.Topic:
    """The topic `name`, as the child `Topic` of `scope`, to which the AWS service `publisher` may publish.

    `traced`: it passes the publisher's trace on to its queues, and appears in it.

    It has a key of its own: a service may use a key only if the key's policy lets it, which AWS's managed key for
    SNS doesn't.
    """
    key = kms.Key(
        scope,
        "TopicKey",
        description=f"Encrypts {name}",
        enable_key_rotation=True,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    principal = iam.ServicePrincipal(publisher)
    key.add_to_resource_policy(
        iam.PolicyStatement(principals=[principal], actions=["kms:Decrypt", "kms:GenerateDataKey*"], resources=["*"])
    )
    tracing = sns.TracingConfig.ACTIVE if traced else None
    topic = sns.Topic(scope, "Topic", topic_name=name, master_key=key, enforce_ssl=True, tracing_config=tracing)
    topic.grant_publish(principal)
    return topic


def new_alarm_topic(scope: Construct, name: str, email: str) -> sns.Topic | None:
    """A new_topic() for alarms, which e-mails `email`; None where that is `nobody`."""
    if email == "nobody":
        return None
    topic = new_topic(scope, name, publisher="cloudwatch.amazonaws.com")
    topic.add_subscription(subscriptions.EmailSubscription(email))
    return topic
