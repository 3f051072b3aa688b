"""What the app must know of the platform that it is for."""

import os
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.deployment import StackDescription
from local.failure import LocalCloudError
from local.places import running_stack

ADDRESS = "http://localhost:3000"
"""Where browsers find the app: the address that the stages dev and local name in cdk.json."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the page must know of the platform; none of it is secret. Names are those of the page."""

    apiUrl: str
    hostedLoginUrl: str
    clientId: str
    callbackUrl: str = f"{ADDRESS}/callback"
    signOutUrl: str = f"{ADDRESS}/"

    @property
    def policy(self) -> str:
        """What the page may load, and whom it may talk to (Content-Security-Policy)."""
        origins = {f"{url.scheme}://{url.netloc}" for url in (urlsplit(self.apiUrl), urlsplit(self.hostedLoginUrl))}
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
            f"connect-src 'self' {' '.join(sorted(origins))}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    @classmethod
    def of(cls, stack: StackDescription) -> Self:
        """That of a stack on the local cloud."""
        return cls(stack["apiUrl"], stack["hostedLoginUrl"], stack["clientId"])

    @classmethod
    def chosen(cls) -> Self:
        """That of the stage on AWS that STAGE names, else of the local cloud that is running.

        Raises LocalCloudError when there is neither.
        """
        stage = os.environ.get("STAGE")
        if not stage:
            return cls.of(running_stack())
        try:
            [stack] = boto3.client("cloudformation").describe_stacks(StackName=f"order-billing-{stage}")["Stacks"]
        except (BotoCoreError, ClientError) as error:
            raise LocalCloudError(f"stage {stage!r} can't be read: {error}") from None
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        return cls(outputs["ApiUrl"], outputs["HostedLoginUrl"], outputs["ClientId"])
