"""The layers by themselves: what Lambda unpacks is all that a function has."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.operations import Function
from tests.infra.every import every_stage, functions_of
from tests.infra.stages import LOCAL, STAGES, Stage
from tests.template import function_environments

_IMPORT = """
import importlib, json, sys
module, *folders = sys.argv[1:]
sys.path[:0] = folders
handler = importlib.import_module(module).handler
print(json.dumps({"callable": callable(handler), "verifies_tokens": "jwt" in sys.modules}))
"""
_MACHINES = {"x86_64": 62, "arm64": 183}
"""Of ELF: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html."""


def _import_as_deployed(function: Function) -> dict[str, bool]:
    """Import a handler where there is nothing but Python, the function's asset and its layers."""
    layers = [str(layer / "python") for layer in LOCAL.layers(function.module)]
    folders = [str(LOCAL.asset(LOCAL.function_ids[function.module])), *layers]
    command = [sys.executable, "-I", "-S", "-B", "-c", _IMPORT, function.module, *folders]
    environment = {**function_environments()[function.module], "AWS_REGION": "eu-west-1"}
    environment["AWS_DEFAULT_REGION"] = environment["AWS_REGION"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, bool] = json.loads(done.stdout)
    return said


@pytest.mark.skipif(sys.version_info[:2] != (3, 13), reason="the layers are for Lambda's Python, 3.13")
@pytest.mark.parametrize(
    "function", [pytest.param(function, id=function.module) for _, function in functions_of([LOCAL])]
)
def test_a_function_starts_with_nothing_but_its_layers(function: Function) -> None:
    assert _import_as_deployed(function) == {"callable": True, "verifies_tokens": function.verifies_tokens}


@pytest.mark.parametrize(
    ("stage", "layer"),
    [
        pytest.param(stage, layer, id=f"{stage.name}-{layer}")
        for stage in STAGES
        for layer in ("Dependencies", "Tokens")
    ],
)
def test_compiled_code_is_for_the_stages_architecture(stage: Stage, layer: str) -> None:
    libraries = list(stage.layer(layer).rglob("*.so"))
    assert libraries
    expected = _MACHINES[stage.settings.architecture]
    assert [library.name for library in libraries if _machine(library) != expected] == []


def _machine(library: Path) -> int:
    with library.open("rb") as file:
        return int.from_bytes(file.read(20)[18:], "little")


@every_stage
def test_a_layer_says_whom_it_is_for(stage: Stage) -> None:
    layers = stage.all("AWS::Lambda::LayerVersion").values()
    assert {tuple(layer["CompatibleRuntimes"]) for layer in layers} == {("python3.13",)}
    assert {tuple(layer["CompatibleArchitectures"]) for layer in layers} == {(stage.settings.architecture,)}


@every_stage
def test_every_layer_has_one_folder_that_python_looks_into(stage: Stage) -> None:
    for layer in ("Shared", "Dependencies", "Tokens"):
        assert [path.name for path in stage.layer(layer).iterdir()] == ["python"]
    assert [path.name for path in (stage.layer("Shared") / "python").iterdir()] == ["shared"]


def test_no_package_is_in_two_layers() -> None:
    packages = [{path.name for path in (LOCAL.layer(name) / "python").iterdir()} for name in ("Dependencies", "Tokens")]
    assert packages[0] & packages[1] <= {"__pycache__", ".lock"}


@pytest.mark.parametrize("layer", ["Dependencies", "Tokens"])
def test_a_layer_holds_no_tests_and_no_command_line_tools(layer: str) -> None:
    folder = LOCAL.layer(layer) / "python"
    assert not (folder / "bin").exists()
    assert [path for path in folder.rglob("tests") if path.is_dir()] == []


@pytest.mark.parametrize("layer", ["Dependencies", "Tokens"])
def test_a_layer_tells_nothing_of_the_machine_that_built_it(layer: str) -> None:
    assert list((LOCAL.layer(layer) / "python").glob("*.dist-info")) == []


def test_botocore_comes_with_the_data_of_the_services_that_we_call_and_no_others() -> None:
    data = LOCAL.layer("Dependencies") / "python" / "botocore" / "data"
    services = {path.name for path in data.iterdir() if path.is_dir()}
    assert services == {"cognito-idp", "dynamodb", "events", "lambda", "sqs"}
