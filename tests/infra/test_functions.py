"""Every Lambda function: its configuration, its upload, and its callers."""

from functools import cache
from pathlib import Path

import pytest

from infra.operations import (
    AUDIT_PART,
    AUTHORIZER,
    CHECK_CHANGES,
    CONFIRM_WITHOUT_EMAIL,
    CONSUMERS,
    CREATE_PROFILE,
    NOTE_CHANGES,
    PAY_ORDER,
    PLAN_AUDIT,
    RELAY,
    REPORT_AUDIT,
    SERVED,
    TABLE_VARIABLES,
    Function,
    functions,
)
from infra.tables import TABLES
from local.synthesis import PROJECT
from tests.infra.every import every_function, every_stage
from tests.infra.stages import STAGES, Stage, modules
from tests.scaffolding.template import referred, rendered

_SECONDS_OF_API_GATEWAY = 30
_SECONDS_OF_COGNITO = 5
_SECONDS_FOR_AN_AUTHORIZER = 10
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""

_LARGEST_UNPACKED = 250 * 1024 * 1024
_UNCHECKED_HASH = 1
_TRIGGERS = (CREATE_PROFILE, CONFIRM_WITHOUT_EMAIL)
_ON_ROUTES = modules(route.function for route in SERVED)


@every_stage
def test_a_stage_deploys_the_functions_of_its_rows_and_no_others(stage: Stage) -> None:
    assert set(stage.function_ids) == set(stage.rows)
    assert len(stage.all("AWS::Lambda::Function")) == len(stage.rows)


def test_rows_that_name_the_same_module_agree() -> None:
    rows = [route.function for route in SERVED] + [consumer.function for consumer in CONSUMERS]
    rows += [AUTHORIZER, PAY_ORDER, RELAY, *_TRIGGERS]
    assert [row for row in rows if row != functions()[row.module]] == []


@every_function
def test_a_function_is_named_after_stage_and_module(stage: Stage, function: Function) -> None:
    assert stage.function(function.module)["FunctionName"] == f"{stage.prefix}-{function.name}"


@every_function
def test_a_function_writes_to_a_log_group_of_its_own_that_is_kept_for_the_stages_time(
    stage: Stage, function: Function
) -> None:
    group = referred(stage.function(function.module)["LoggingConfig"]["LogGroup"])
    properties = stage.all("AWS::Logs::LogGroup")[group]
    assert "LogGroupName" not in properties
    assert {"Key": "logs", "Value": function.module} in properties["Tags"]
    assert properties["RetentionInDays"] == stage.settings.log_retention_days
    assert stage.deletion_policies(group) == stage.outliving


@every_function
def test_a_function_has_a_role_that_no_other_has(stage: Stage, function: Function) -> None:
    role = stage.role(function.module)
    assert [module for module in stage.function_ids if stage.role(module) == role] == [function.module]


@every_function
def test_a_function_runs_as_its_row_and_stage_say(stage: Stage, function: Function) -> None:
    properties = stage.function(function.module)
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == [stage.settings.architecture]
    assert properties["MemorySize"] == stage.settings.memory_mb
    assert properties["Timeout"] == function.timeout_seconds


@every_function
def test_a_function_ends_before_its_caller_stops_waiting(stage: Stage, function: Function) -> None:
    timeout = stage.function(function.module)["Timeout"]
    if function.module in _ON_ROUTES:
        assert timeout < _SECONDS_OF_API_GATEWAY
    if function == AUTHORIZER:
        assert timeout < _SECONDS_FOR_AN_AUTHORIZER
    if function in _TRIGGERS and function.table:
        assert timeout <= _SECONDS_OF_COGNITO
    if function == PAY_ORDER:
        assert timeout < stage.function("orders.execute_order")["Timeout"]


@every_function
def test_a_handler_is_a_module_of_its_service(stage: Stage, function: Function) -> None:
    properties = stage.function(function.module)
    module, _, attribute = properties["Handler"].rpartition(".")
    path = Path(*module.split(".")).with_suffix(".py")
    assert attribute == "handler"
    assert (PROJECT / "functions" / path).is_file()
    assert (stage.asset(stage.function_ids[function.module]) / path).is_file()


@every_function
def test_a_function_is_told_its_own_table_and_its_needs_and_nothing_else(stage: Stage, function: Function) -> None:
    variables = stage.function(function.module)["Environment"]["Variables"]
    services = [*([function.service] if function.table else []), *dict(function.audits)]
    own_tables = {TABLE_VARIABLES[service]: stage.table(service) for service in services}
    puts_away = function == RELAY or function in [consumer.function for consumer in CONSUMERS]
    queues = ["DEAD_LETTER_QUEUE"] if puts_away else ["CHANGES_QUEUE"] if function == NOTE_CHANGES else []
    common = ["POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"]
    common += ["PYDANTIC_DISABLE_PLUGINS"] if function.uses_models else []
    assert set(variables) == {*common, *own_tables, *queues, *function.needs}
    assert variables["POWERTOOLS_SERVICE_NAME"] == function.service
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == stage.prefix
    assert variables["POWERTOOLS_LOG_LEVEL"] == stage.settings.log_level
    assert {name: referred(variables[name]) for name in own_tables} == own_tables
    assert "" not in map(rendered, variables.values())


@every_function
def test_lambda_adds_no_lines_of_its_own_to_a_log_and_drops_no_metrics(stage: Stage, function: Function) -> None:
    """Metrics are lines without a level, which Lambda takes for INFO."""
    application, system = ("DEBUG", "DEBUG") if stage.settings.log_level == "DEBUG" else ("INFO", "WARN")
    logging = stage.function(function.module)["LoggingConfig"]
    assert (logging["LogFormat"], logging["ApplicationLogLevel"], logging["SystemLogLevel"]) == (
        "JSON",
        application,
        system,
    )


@every_function
def test_a_function_uploads_its_own_services_folder_alone(stage: Stage, function: Function) -> None:
    asset = stage.asset(stage.function_ids[function.module])
    assert [path.name for path in asset.iterdir()] == [function.service]
    assert _files(asset / function.service) == _files(PROJECT / "functions" / function.service)


def _files(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    return {path.relative_to(folder): path.read_bytes() for path in files}


@every_function
def test_a_function_carries_the_layers_that_it_needs_and_no_other(stage: Stage, function: Function) -> None:
    layers = [stage.layer("Shared"), stage.layer("Dependencies")]
    layers += [stage.layer("Models")] * function.uses_models
    layers += [stage.layer("Tokens")] * function.verifies_tokens
    assert stage.layers(function.module) == layers + [stage.layer("Web")] * function.serves_pages


@every_function
def test_a_function_and_its_layers_fit_into_lambda(stage: Stage, function: Function) -> None:
    folders = [stage.asset(stage.function_ids[function.module]), *stage.layers(function.module)]
    assert sum(_size(folder) for folder in folders) < _LARGEST_UNPACKED


@cache
def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("stage", "resource"),
    [
        pytest.param(stage, name, id=f"{stage.name}-{name}")
        for stage in STAGES
        for name in (*(table.service for table in TABLES), "events", "web", "Shared", "Dependencies", "Tokens")
    ],
)
def test_what_is_uploaded_has_bytecode_that_no_clock_makes_stale(stage: Stage, resource: str) -> None:
    folder = _folder(stage, resource)
    modules = list(folder.rglob("*.py"))
    bytecode = [module.parent / "__pycache__" / f"{module.stem}.cpython-313.pyc" for module in modules]
    assert modules
    assert [path for path in bytecode if not path.is_file()] == []
    assert [path for path in bytecode if _invalidation(path) != _UNCHECKED_HASH] == []


def _folder(stage: Stage, resource: str) -> Path:
    if resource[0].isupper():
        return stage.layer(resource)
    module = next(module for module in stage.function_ids if module.startswith(f"{resource}."))
    return stage.asset(stage.function_ids[module])


def _invalidation(bytecode: Path) -> int:
    """The flags of a .pyc: https://peps.python.org/pep-0552/."""
    with bytecode.open("rb") as file:
        return int.from_bytes(file.read(8)[4:], "little")


@every_function
def test_a_function_has_the_callers_that_its_row_says(stage: Stage, function: Function) -> None:
    assert _callers(stage, function) == _expected_callers(function)


def _expected_callers(function: Function) -> set[str]:
    callers = {route.key for route in SERVED if route.function == function}
    callers |= {f"queue {function.name}" for consumer in CONSUMERS if consumer.function == function}
    if function == RELAY:
        callers |= {f"stream {table.service}" for table in TABLES if table.has_events}
    if function == AUTHORIZER:
        callers |= {"authorizer"}
    if function == CREATE_PROFILE:
        callers |= {"trigger PostConfirmation", "trigger PreTokenGeneration"}
    if function == CONFIRM_WITHOUT_EMAIL:
        callers |= {"trigger PreSignUp"}
    if function == PAY_ORDER:
        callers |= {"function orders.execute_order"}
    if function == NOTE_CHANGES:
        callers |= {"stream billing", "stream orders"}
    if function == CHECK_CHANGES:
        callers |= {f"queue {function.name}"}
    if function in {PLAN_AUDIT, AUDIT_PART, REPORT_AUDIT}:
        callers |= {"the audit's state machine"}
    return callers


def _callers(stage: Stage, function: Function) -> set[str]:
    """Everything in the template that calls a function and may call it."""
    logical_id = stage.function_ids[function.module]
    arn = f"${{{logical_id}.Arn}}"
    admitted = {
        permission["Principal"]
        for permission in stage.all("AWS::Lambda::Permission").values()
        if referred(permission["FunctionName"]) == logical_id
    }
    callers: set[str] = set()
    if "apigateway.amazonaws.com" in admitted:
        integrations = stage.all("AWS::ApiGatewayV2::Integration").items()
        own = {f"integrations/${{{name}}}" for name, each in integrations if rendered(each["IntegrationUri"]) == arn}
        routes = stage.all("AWS::ApiGatewayV2::Route").values()
        callers |= {route["RouteKey"] for route in routes if rendered(route["Target"]) in own}
        if arn in rendered(stage.one("AWS::ApiGatewayV2::Authorizer")["AuthorizerUri"]):
            callers.add("authorizer")
    if "cognito-idp.amazonaws.com" in admitted:
        triggers = stage.one("AWS::Cognito::UserPool")["LambdaConfig"]
        callers |= {f"trigger {name}" for name, target in triggers.items() if rendered(target) == arn}
    assert "events.amazonaws.com" not in admitted
    if arn in rendered(stage.one("AWS::StepFunctions::StateMachine")["DefinitionString"]):
        callers.add("the audit's state machine")
    for mapping in stage.sources(function.module):
        callers.add(_source(stage, mapping["EventSourceArn"], mapping))
    callers |= {
        f"function {module}"
        for module in stage.function_ids
        if stage.allowed(module, "lambda").get("lambda:InvokeFunction") == {arn}
        and {"Ref": logical_id} in stage.function(module)["Environment"]["Variables"].values()
    }
    return callers


def _source(stage: Stage, source: object, mapping: dict[str, object]) -> str:
    """The queue with a dead-letter queue, or the stream with one on failure, that feeds a function."""
    queue = stage.all("AWS::SQS::Queue").get(referred(source))
    if queue:
        assert "RedrivePolicy" in queue
        return f"queue {queue['QueueName'].removeprefix(stage.prefix + '-')}"
    assert "DestinationConfig" in mapping
    return next(f"stream {table.service}" for table in TABLES if stage.table(table.service) == referred(source))
