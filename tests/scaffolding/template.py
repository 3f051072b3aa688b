"""The synthesized template, as tests read it: what is deployed, not what a test thinks is deployed."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from local import template as declared
from local.synthesis import PROJECT, assembly
from local.template import rendered as rendered  # noqa: PLC0414 - tests know it from here

type Resource = dict[str, Any]


@contextmanager
def alone_in_build() -> Iterator[None]:
    """Keep other test processes from synthesizing: every synth puts its assets together in the same .build/."""
    (PROJECT / ".build").mkdir(exist_ok=True)
    with (PROJECT / ".build" / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def assembly_folder(stage: str = "local") -> Path:
    """The cloud assembly of `stage`: template, assets and reports."""
    with alone_in_build():
        return assembly(stage)


@cache
def template(stage: str = "local") -> dict[str, Any]:
    """The CloudFormation template of `stage`."""
    loaded: dict[str, Any] = json.loads((assembly_folder(stage) / "Platform.template.json").read_text())
    return loaded


def resources(kind: str, stage: str = "local") -> dict[str, Resource]:
    """The resources of a type such as `AWS::DynamoDB::Table`, by logical id."""
    return declared.resources(template(stage), kind)


def table_definitions() -> dict[str, dict[str, Any]]:
    """What DynamoDB's CreateTable takes, for each table, by logical id (which serves as name)."""
    return declared.table_definitions(template())


def user_pool_definition() -> dict[str, Any]:
    """What Cognito's CreateUserPool takes, of the template's user pool; its triggers left out."""
    return declared.user_pool_definition(template())


def user_pool_client_definition() -> dict[str, Any]:
    """What Cognito's CreateUserPoolClient takes, of the template's app client; its pool left out."""
    return declared.user_pool_client_definition(template())


def function_environments() -> dict[str, dict[str, str]]:
    """The environment variables of every function, by module (`orders.create_order`); a Ref is its logical id."""
    return declared.function_environments(template())


def referred(value: Any) -> str:
    """The logical id of the one resource that a value names: a Ref or Fn::GetAtt."""
    return rendered(value).removeprefix("${").removesuffix("}").partition(".")[0]
