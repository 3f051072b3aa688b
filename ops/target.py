"""The stack that a tool works on: a stage on AWS (STAGE=dev), the running local cloud, or one started for it."""

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

from local.cloud import local_cloud
from local.demo import journey
from local.deployment import StackDescription
from local.deployment import session as local_session
from local.failure import LocalCloudError
from local.places import chosen_place, running_stack
from local.ports import free_port
from ops.command import CommandError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def session() -> boto3.Session:
    """A session with the environment's credentials; reads AWS_REGION, as the CDK does and boto3 does not."""
    return boto3.Session(region_name=os.environ.get("AWS_REGION"))


@dataclass(frozen=True, slots=True)
class Target:
    """A deployed stack, by its name, and the AWS that hosts it."""

    stack_name: str
    aws: boto3.Session
    endpoint: str | None

    @classmethod
    @contextlib.contextmanager
    def chosen(cls) -> Iterator["Target"]:
        """The stage in STAGE, with the credentials of the environment; else the running local cloud.

        If none runs, starts one while the block runs, with one user's journey in its books. Raises LocalCloudError when
        that fails.
        """
        if stage := os.environ.get("STAGE"):
            yield cls(f"order-billing-{stage}", session(), None)
            return
        chosen_place()
        try:
            running = running_stack()
        except LocalCloudError:
            with tempfile.TemporaryDirectory() as directory, local_cloud(free_port(), Path(directory)) as (stack, _):
                with contextlib.redirect_stdout(io.StringIO()):
                    steps = journey(stack["apiUrl"] + "/")
                print(f"No local cloud is running: this one was started for it, and saw a journey of {steps} steps.")
                yield cls.local(stack)
            return
        yield cls.local(running)

    @classmethod
    def local(cls, stack: StackDescription) -> "Target":
        """A stack on the local cloud."""
        return cls(stack["stackName"], local_session(), stack["awsEndpoint"])

    def outputs(self) -> dict[str, str]:
        """The outputs of its stack, such as its tables' names. Raises CommandError when there is no such stack."""
        try:
            return self._outputs()
        except ClientError as error:
            raise CommandError(f"stack {self.stack_name}: {error.response['Error']['Message']}") from None

    def is_there(self) -> bool:
        """Whether the stack exists. Raises ClientError when that can't be determined."""
        try:
            self._outputs()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":  # CloudFormation's error for an unknown stack
                raise
            return False
        return True

    def _outputs(self) -> dict[str, str]:
        cloudformation = self.aws.client("cloudformation", endpoint_url=self.endpoint)
        [stack] = cloudformation.describe_stacks(StackName=self.stack_name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def take_in_the_functions_code(self) -> None:
        """Let the functions' code, which reads the environment, work on this stack in this process."""
        credentials = self.aws.get_credentials()
        if self.endpoint and credentials:
            os.environ |= {
                "AWS_ENDPOINT_URL": self.endpoint,
                "AWS_ACCESS_KEY_ID": credentials.access_key,
                "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
                "AWS_DEFAULT_REGION": self.aws.region_name,
            }

    def sqs(self) -> "SQSClient":
        """Its queues."""
        return self.aws.client("sqs", endpoint_url=self.endpoint)
