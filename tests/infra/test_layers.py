"""The layers in isolation: a function has only what Lambda unpacks."""

import json
import ssl
import subprocess
import sys
from functools import cache
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path

import pytest

from infra.operations import CONSUMERS, Function, functions
from layers.dependencies import trust
from layers.dependencies.aws_models import CALLED
from layers.dependencies.build import RECIPE, stand_in
from tests.infra.every import every_stage, functions_of
from tests.infra.stages import LOCAL, Stage
from tests.scaffolding.template import function_environments

_IMPORT = """
import importlib, json, sys
module, *folders = sys.argv[1:]
sys.path[:0] = folders
before = set(sys.modules)
assert callable(importlib.import_module(module).handler)
print(json.dumps(sorted(set(sys.modules) - before)))
"""
_MACHINES = {"x86_64": 62, "arm64": 183}
"""Of ELF: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html."""


@cache
def _imported_as_deployed(function: Function) -> frozenset[str]:
    """What a handler imports where there is nothing but Python, the function's asset and its layers."""
    layers = [str(layer / "python") for layer in LOCAL.layers(function.module)]
    folders = [str(LOCAL.asset(LOCAL.function_ids[function.module])), *layers]
    command = [sys.executable, "-I", "-S", "-B", "-c", _IMPORT, function.module, *folders]
    environment = {**function_environments()[function.module], "AWS_REGION": "eu-west-1"}
    environment["AWS_DEFAULT_REGION"] = environment["AWS_REGION"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout))


pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 13), reason="the layers are for Lambda's Python, 3.13")
every_local_function = pytest.mark.parametrize(
    "function", [pytest.param(function, id=function.module) for _, function in functions_of([LOCAL])]
)
DEPENDENCIES = ("Dependencies", "Models", "Tokens")
HEARING = [consumer.function for consumer in CONSUMERS]
SLOW = {
    "aws_lambda_powertools.event_handler": "a resolver of routes, where a function has one route",
    "aws_xray_sdk": "in maintenance; tracing is Lambda's own",
    "boto3.s3": "no function has files",
    "multiprocessing": "what s3transfer brings",
    "xmlrpc": "nobody speaks it",
}
"""What no function may import, and why."""


@every_local_function
def test_a_function_starts_with_nothing_but_its_layers(function: Function) -> None:
    imported = _imported_as_deployed(function)
    assert function.module in imported
    assert ("jwt" in imported) == ("cryptography" in imported) == function.verifies_tokens


@every_local_function
def test_a_function_imports_nothing_slow_that_it_can_do_without(function: Function) -> None:
    imported = _imported_as_deployed(function)
    assert imported & SLOW.keys() == set()
    assert ("pydantic" in imported) == function.uses_models
    assert ("aws_lambda_powertools.utilities.batch" in imported) == (function in HEARING)


@pytest.mark.parametrize(
    "function", [pytest.param(row, id=module) for module, row in functions().items() if row.service == "web"]
)
def test_what_serves_pages_calls_nothing_of_aws_and_loads_no_client(function: Function) -> None:
    assert "boto3" not in _imported_as_deployed(function)


@every_stage
def test_compiled_code_is_for_the_stages_architecture(stage: Stage) -> None:
    for layer in ("Models", "Tokens"):
        libraries = list(stage.layer(layer).rglob("*.so"))
        assert libraries
        expected = _MACHINES[stage.settings.architecture]
        assert [library.name for library in libraries if _machine(library) != expected] == []


@every_stage
def test_what_every_function_loads_has_no_compiled_code(stage: Stage) -> None:
    assert list(stage.layer("Dependencies").rglob("*.so")) == []


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
    for layer in ("Shared", "Dependencies", "Models", "Tokens"):
        assert [path.name for path in stage.layer(layer).iterdir()] == ["python"]
    assert [path.name for path in (stage.layer("Shared") / "python").iterdir()] == ["shared"]


def test_no_package_is_in_two_layers() -> None:
    packages = [path.name for layer in DEPENDENCIES for path in (LOCAL.layer(layer) / "python").iterdir()]
    assert {name for name in packages if packages.count(name) > 1} <= {"__pycache__", ".lock"}


@pytest.mark.parametrize("layer", DEPENDENCIES)
def test_a_layer_holds_no_tests_and_no_command_line_tools(layer: str) -> None:
    folder = LOCAL.layer(layer) / "python"
    assert not (folder / "bin").exists()
    assert [path for path in folder.rglob("tests") if path.is_dir()] == []


@pytest.mark.parametrize("layer", DEPENDENCIES)
def test_a_layer_tells_nothing_of_the_machine_that_built_it(layer: str) -> None:
    assert list((LOCAL.layer(layer) / "python").glob("*.dist-info")) == []


def _dependency(path: str) -> Path:
    return LOCAL.layer("Dependencies") / "python" / path


def test_botocore_knows_the_operations_that_we_call_and_no_others() -> None:
    known = {
        model.relative_to(_dependency("botocore/data")).parts[0]: set(json.loads(model.read_text())["operations"])
        for model in _dependency("botocore/data").rglob("service-2.json*")
    }
    assert known == CALLED


def test_what_a_function_may_do_botocore_knows_how_to() -> None:
    """Rows grant DynamoDB and Cognito by action. PutItem and GetItem are granted for transactions too."""
    functions = [function for _, function in functions_of([LOCAL])]
    tables = {action for function in functions for action in function.table}
    audits = {action for function in functions for _, actions in function.audits for action in actions}
    assert tables | audits | {"TransactGetItems", "TransactWriteItems"} == CALLED["dynamodb"]
    assert {action for function in functions for action in function.cognito} < CALLED["cognito-idp"]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_botocore_knows_every_partition(partition: str) -> None:
    partitions = json.loads(_dependency("botocore/data/endpoints.json").read_text())["partitions"]
    (known,) = [one for one in partitions if one["partition"] == partition]
    assert set(CALLED) >= set(known["services"]) >= {"dynamodb", "lambda"}


def test_functions_trust_amazons_authorities_alone() -> None:
    context = ssl.create_default_context(cafile=str(_dependency("botocore/cacert.pem")))
    trusted = [str(authority["subject"]) for authority in context.get_ca_certs()]
    assert len(trusted) == len(trust.AUTHORITIES)
    assert all(any(f"'{name}'" in subject for subject in trusted) for name in trust.AUTHORITIES)


def test_a_stand_in_says_what_it_stands_for() -> None:
    stand_ins = RECIPE / "stand_ins"
    first_modules = {module.relative_to(stand_ins).as_posix() for module in stand_ins.rglob("__init__.py")}
    assert first_modules == {"s3transfer/__init__.py"}
    for module in first_modules:
        assert _dependency(module).read_text() == (stand_ins / module).read_text()
        assert _dependency(module).read_text().startswith('"""Stands in for ')


def test_a_stand_in_for_what_a_package_no_longer_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s3transfer").mkdir()
    with pytest.raises(FileNotFoundError):
        stand_in("s3transfer", tmp_path)


@pytest.mark.parametrize("layer", ["Shared", *DEPENDENCIES])
def test_every_module_comes_with_bytecode_that_python_need_not_check(layer: str) -> None:
    for module in (LOCAL.layer(layer) / "python").rglob("*.py"):
        header = Path(cache_from_source(str(module))).read_bytes()[:8]
        assert header == MAGIC_NUMBER + (1).to_bytes(4, "little"), module  # by hash, unchecked (PEP 552)


def test_a_layer_is_no_link_into_what_is_installed_here() -> None:
    linked = [path for path in _dependency("boto3").rglob("*.py") if path.stat().st_nlink > 1]
    assert linked == []
