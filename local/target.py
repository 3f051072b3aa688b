"""Which deployed stack a tool works on: a stage on AWS (STAGE=dev), else the local cloud that is running."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from local.deployment import StackDescription, session
from local.places import running_stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class Target:
    """A deployed stack, by its name, and the AWS that it is on."""

    stack_name: str
    aws: boto3.Session
    endpoint: str | None

    @classmethod
    def chosen(cls) -> "Target":
        """The one that STAGE names, with the credentials of the environment, else the running local one.

        Raises LocalCloudError when there is neither.
        """
        if stage := os.environ.get("STAGE"):
            return cls(f"order-billing-{stage}", boto3.Session(), None)
        return cls.local(running_stack())

    @classmethod
    def local(cls, stack: StackDescription) -> "Target":
        """A stack on the local cloud."""
        return cls(stack["stackName"], session(), stack["awsEndpoint"])

    def sqs(self) -> "SQSClient":
        """Its queues."""
        return self.aws.client("sqs", endpoint_url=self.endpoint)
