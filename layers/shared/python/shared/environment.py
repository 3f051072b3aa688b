"""The settings in a function's environment variables. Nothing else reads os.environ."""

import os

from shared.money import Currency


class MissingSettingError(RuntimeError):
    """A required environment variable is missing from the deployment."""


def required(name: str) -> str:
    """The value of the environment variable `name`.

    Raises MissingSettingError when it is absent or empty, so that a wrong deployment fails at start, not at the first
    request that needs it.
    """
    value = os.environ.get(name)
    if not value:
        raise MissingSettingError(f"environment variable {name} is not set")
    return value


def aws_endpoint() -> str | None:
    """The address that replaces AWS's own, by the SDKs' standard variable; None on AWS."""
    return os.environ.get("AWS_ENDPOINT_URL") or None


def starts_from_snapshot() -> bool:
    """Whether this start is recorded as a snapshot, from which copies of this process begin (Lambda SnapStart)."""
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"


def hosted_login() -> str:
    """The address of the hosted login, without a path."""
    return aws_endpoint() or required("HOSTED_LOGIN_URL")


def currency() -> Currency:
    """The currency that this stage is deployed with."""
    return Currency(required("CURRENCY"))
