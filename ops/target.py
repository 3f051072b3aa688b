"""Which stack a tool works on: a stage on AWS (STAGE=dev), the local cloud that is running, or one made for it."""

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
    """The account of the environment's credentials; its region as the CDK finds it, which boto3 knows half of."""
    return boto3.Session(region_name=os.environ.get("AWS_REGION"))


@dataclass(frozen=True, slots=True)
class Target:
    """A deployed stack, by its name, and the AWS that it is on."""

    stack_name: str
    aws: boto3.Session
    endpoint: str | None

    @classmethod
    @contextlib.contextmanager
    def chosen(cls) -> Iterator["Target"]:
        """The stage that STAGE names, with the credentials of the environment; else the running local cloud.

        Where none runs, one is started for as long as the block runs, with one user's journey in its books. Raises
        LocalCloudError when it can't be.
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
        """Whether there is such a stack. Raises ClientError when AWS doesn't tell."""
        try:
            self._outputs()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":  # what CloudFormation says of a stack it hasn't
                raise
            return False
        return True

    def _outputs(self) -> dict[str, str]:
        cloudformation = self.aws.client("cloudformation", endpoint_url=self.endpoint)
        [stack] = cloudformation.describe_stacks(StackName=self.stack_name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def take_in_the_functions_code(self) -> None:
        """Have code of the functions, which finds AWS by the environment, work on this stack in this process too."""
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
