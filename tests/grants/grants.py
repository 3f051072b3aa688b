"""What the template grants to functions, and taking one of it away from the deployed role."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.api import Api
from tests.infra.stages import Stage, listed
from tests.scaffolding.template import rendered

type Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grant:
    """One action of a function on one resource: its place in the policy of the function's role."""

    module: str
    action: str
    resource: str
    statement: int
    place: int

    def __str__(self) -> str:
        return f"{self.module} – {self.action} on {self.resource}"


def grants(stage: Stage) -> list[Grant]:
    """Every action on every resource that a stage grants to its functions."""
    return [
        Grant(module, action, rendered(resource), number, place)
        for module in sorted(stage.function_ids)
        for number, statement in enumerate(stage.statements(module))
        for action in listed(statement["Action"])
        for place, resource in enumerate(listed(statement["Resource"]))
    ]


@contextmanager
def taken_away(api: Api, grant: Grant) -> Iterator[None]:
    """The function's role without this grant, for as long as the block runs."""
    iam, role = api.aws("iam"), _role_name(api, grant.module)
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    less = {**document, "Statement": list(_without(document["Statement"], grant))}
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def _without(statements: list[Statement], grant: Grant) -> Iterator[Statement]:
    for number, statement in enumerate(statements):
        if number != grant.statement:
            yield statement
            continue
        actions, resources = listed(statement["Action"]), listed(statement["Resource"])
        assert grant.action in actions, f"the deployed role of {grant.module} is not the template's"
        if others := [action for action in actions if action != grant.action]:
            yield {**statement, "Action": others}
        if elsewhere := [resource for place, resource in enumerate(resources) if place != grant.place]:
            yield {**statement, "Action": [grant.action], "Resource": elsewhere}


def _role_name(api: Api, module: str) -> str:
    name = f"{api.stack['stackName']}-{module.replace('.', '-').replace('_', '-')}"
    role: str = api.aws("lambda").get_function_configuration(FunctionName=name)["Role"]
    return role.rsplit("/", 1)[1]
