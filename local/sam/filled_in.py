"""The template as SAM can run it: with the values that a deployment fills in, and the local paths of assets."""

import json
from pathlib import Path
from typing import Any

from local.deployment import StackDescription, session
from local.synthesis import PLATFORM

_ASSET_PATH = "aws:asset:path"


def write(assembly: Path, stack: StackDescription, *, endpoint: str, to: Path) -> None:
    """Write the template of `assembly`, with the settings that the functions of `stack` have, for AWS at `endpoint`."""
    template: dict[str, Any] = json.loads((assembly / PLATFORM).read_text())
    variables = _deployed_variables(stack)
    for resource in template["Resources"].values():
        metadata = resource.get("Metadata", {})
        if _ASSET_PATH in metadata:
            metadata[_ASSET_PATH] = str(assembly / metadata[_ASSET_PATH])
        if resource["Type"] == "AWS::Lambda::Function":
            properties = resource["Properties"]
            own = variables[properties["FunctionName"]]
            properties["Environment"] = {"Variables": own | {"AWS_ENDPOINT_URL": endpoint}}
    to.write_text(json.dumps(template, indent=1))


def _deployed_variables(stack: StackDescription) -> dict[str, dict[str, str]]:
    functions = session().client("lambda", endpoint_url=stack["awsEndpoint"])
    return {
        function["FunctionName"]: function.get("Environment", {}).get("Variables", {})
        for page in functions.get_paginator("list_functions").paginate()
        for function in page["Functions"]
    }
