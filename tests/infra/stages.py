"""Every stage as deployed: accessors for its template."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from infra.operations import CONFIRM_WITHOUT_EMAIL, Function, functions
from infra.platform_stack import PlatformStack
from infra.settings import StageSettings
from local.synthesis import PROJECT
from tests.scaffolding.template import alone_in_build, assembly_folder, referred, rendered, resources, template

type Properties = dict[str, Any]

CONTEXT: dict[str, Any] = json.loads((PROJECT / "cdk.json").read_text())["context"]


class Stage:
    """One stage of cdk.json, synthesized on first use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.settings = StageSettings.of_context(CONTEXT["stages"], name)
        self.prefix = f"order-billing-{name}"

    @property
    def rows(self) -> Mapping[str, Function]:
        """The rows of operations.py that this stage deploys, by module."""
        left_out = {CONFIRM_WITHOUT_EMAIL.module} if self.settings.verify_email else set()
        return {module: row for module, row in functions().items() if module not in left_out}

    @property
    def assembly(self) -> Path:
        """The folder of its cloud assembly."""
        return assembly_folder(self.name)

    def all(self, kind: str) -> dict[str, Properties]:
        """The properties of all resources of a type, by logical id."""
        return {name: resource.get("Properties", {}) for name, resource in resources(kind, self.name).items()}

    def one(self, kind: str) -> Properties:
        """The properties of the only resource of a type."""
        [properties] = self.all(kind).values()
        return properties

    def named(self, kind: str, name: str, key: str) -> tuple[str, Properties]:
        """Logical id and properties of the resource of a type whose property `key` is the stage's prefix and `name`."""
        [found] = [item for item in self.all(kind).items() if item[1].get(key) == f"{self.prefix}-{name}"]
        return found

    def asset(self, logical_id: str) -> Path:
        """The folder that is uploaded for a function or a layer."""
        path: str = template(self.name)["Resources"][logical_id]["Metadata"]["aws:asset:path"]
        return self.assembly / path

    @property
    def outliving(self) -> set[str]:
        """The deletion policies of what holds data: in stages that retain it, it outlives all but a failed creation."""
        return {"RetainExceptOnCreate", "Retain"} if self.settings.retain_data else {"Delete"}

    def deletion_policies(self, logical_id: str) -> set[str]:
        """What happens to a resource when it is removed or replaced."""
        resource = template(self.name)["Resources"][logical_id]
        return {resource["DeletionPolicy"], resource["UpdateReplacePolicy"]}

    @cached_property
    def function_ids(self) -> dict[str, str]:
        """The logical id of every function, by module."""
        return {
            function["Handler"].removesuffix(".handler"): name
            for name, function in self.all("AWS::Lambda::Function").items()
        }

    def function(self, module: str) -> Properties:
        """The properties of a function."""
        return self.all("AWS::Lambda::Function")[self.function_ids[module]]

    def layers(self, module: str) -> list[Path]:
        """The folders of a function's layers, in their order."""
        return [self.asset(referred(layer)) for layer in self.function(module)["Layers"]]

    def layer(self, name: str) -> Path:
        """The folder of the layer `Shared`, `Dependencies` or `Tokens`."""
        [found] = [layer for layer in self.all("AWS::Lambda::LayerVersion") if layer.startswith(f"Functions{name}")]
        return self.asset(found)

    def table(self, service: str) -> str:
        """The logical id of a service's table."""
        return referred(template(self.name)["Outputs"][f"{service.capitalize()}Table"]["Value"])

    def queue(self, name: str) -> tuple[str, Properties]:
        """Logical id and properties of a queue."""
        return self.named("AWS::SQS::Queue", name, "QueueName")

    def topic(self) -> tuple[str, Properties]:
        """Logical id and properties of the topic by which events fan out."""
        return self.named("AWS::SNS::Topic", "notices", "TopicName")

    def sources(self, module: str) -> list[Properties]:
        """The event source mappings of a function."""
        function = self.function_ids[module]
        mappings = self.all("AWS::Lambda::EventSourceMapping").values()
        return [mapping for mapping in mappings if referred(mapping["FunctionName"]) == function]

    def role(self, module: str) -> str:
        """The logical id of a function's role."""
        return referred(self.function(module)["Role"])

    def statements(self, module: str) -> list[Properties]:
        """All statements of the policies of a function's role."""
        return statements_of(self.all("AWS::IAM::Role")[self.role(module)])

    def allowed(self, module: str, service: str = "") -> dict[str, set[str]]:
        """The actions of an AWS service (`dynamodb`) that a function may take, each with what on."""
        grants: dict[str, set[str]] = defaultdict(set)
        for statement in self.statements(module):
            for action in listed(statement["Action"]):
                if action.startswith(f"{service}:" if service else ""):
                    grants[action].update(map(rendered, listed(statement["Resource"])))
        return dict(grants)

    def alarms(self, metric: str) -> Iterator[Properties]:
        """The alarms on a metric alone."""
        alarms = self.all("AWS::CloudWatch::Alarm").values()
        return (alarm for alarm in alarms if alarm.get("MetricName") == metric)


def resources_with(**changes: object) -> dict[str, dict[str, Any]]:
    """The resources of the local stage with other settings, by logical id. Settings are not checked again."""
    settings = LOCAL.settings.model_copy(update=changes)
    with alone_in_build():
        stack = PlatformStack(cdk.App(), settings=settings)
    found: dict[str, dict[str, Any]] = Template.from_stack(stack).to_json()["Resources"]
    return found


def statements_of(role: Properties) -> list[Properties]:
    """All statements of the policies of a role."""
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    """What a policy has for one or for several."""
    return value if isinstance(value, list) else [value]


def modules(functions: Iterable[Function]) -> set[str]:
    """The modules of rows."""
    return {function.module for function in functions}


def settings_with(**changes: object) -> StageSettings:
    """The settings of a stage that isn't in cdk.json: those of `dev` with `changes`."""
    return StageSettings.of_context({"alone": {**CONTEXT["stages"]["dev"], **changes}}, "alone")


STAGES = [Stage(name) for name in CONTEXT["stages"]]
LOCAL, PROD = Stage("local"), Stage("prod")
