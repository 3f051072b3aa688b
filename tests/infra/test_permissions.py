"""Each function's role may do exactly what its row in operations.py states."""

from infra.operations import CHECK_CHANGES, CONSUMERS, NOTE_CHANGES, PAY_ORDER, PLAN_AUDIT, RELAY, Function
from infra.tables import TABLES
from tests.infra.every import every_function, every_stage
from tests.infra.stages import Stage, listed, modules, statements_of
from tests.scaffolding.template import referred, rendered

_CONSUMERS = modules(consumer.function for consumer in CONSUMERS)
_FED_BY_QUEUES = {*_CONSUMERS, CHECK_CHANGES.module}
_FED_BY_STREAMS = {RELAY: {table.service for table in TABLES if table.has_events}, NOTE_CHANGES: {"billing", "orders"}}
_STEPS = ("plan_audit", "audit_part", "report_audit")
_NEEDS_NO_RESOURCE = "dynamodb:ListStreams"
"""Lambda's poller asks for it, and IAM knows no resource for it."""


@every_function
def test_only_lambda_may_take_on_a_role(stage: Stage, function: Function) -> None:
    role = stage.all("AWS::IAM::Role")[stage.role(function.module)]
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust == {
        "Action": "sts:AssumeRole",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }


@every_function
def test_a_role_is_written_out_here_not_taken_from_aws(stage: Stage, function: Function) -> None:
    role = stage.all("AWS::IAM::Role")[stage.role(function.module)]
    assert not role.get("ManagedPolicyArns")
    assert len(role["Policies"]) == 1


@every_stage
def test_each_policy_has_a_name_of_its_own(stage: Stage) -> None:
    """Checkov reads the document of each name once, and would take it for all others of that name."""
    names = [policy["PolicyName"] for role in stage.all("AWS::IAM::Role").values() for policy in role["Policies"]]
    assert len(set(names)) == len(names) > 40


@every_stage
def test_every_role_and_policy_is_one_functions_or_the_audits(stage: Stage) -> None:
    [schedule] = [rule for rule in stage.all("AWS::Events::Rule").values() if "ScheduleExpression" in rule]
    machine = stage.one("AWS::StepFunctions::StateMachine")
    roles = {stage.role(module) for module in stage.function_ids}
    roles |= {referred(machine["RoleArn"]), referred(schedule["Targets"][0]["RoleArn"])}
    assert set(stage.all("AWS::IAM::Role")) == roles
    assert not stage.all("AWS::IAM::Policy")
    assert not stage.all("AWS::IAM::ManagedPolicy")


@every_function
def test_no_statement_allows_by_exception_or_by_wildcard(stage: Stage, function: Function) -> None:
    for statement in stage.statements(function.module):
        assert statement["Effect"] == "Allow"
        assert set(statement) <= {"Action", "Effect", "Resource", "Condition"}
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        if any("*" in rendered(resource) for resource in listed(statement["Resource"])):
            assert function in _FED_BY_STREAMS
            assert statement["Action"] == _NEEDS_NO_RESOURCE


@every_function
def test_a_function_writes_only_to_its_own_log_group(stage: Stage, function: Function) -> None:
    own = {f"${{{referred(stage.function(function.module)['LoggingConfig']['LogGroup'])}.Arn}}"}
    assert stage.allowed(function.module, "logs") == {"logs:CreateLogStream": own, "logs:PutLogEvents": own}


@every_function
def test_a_function_does_to_its_own_table_what_its_row_says(stage: Stage, function: Function) -> None:
    expected = {f"dynamodb:{action}": _own_table(stage, function) for action in (*function.table, *function.formerly)}
    for service, actions in function.audits:
        for action in actions:
            expected.setdefault(f"dynamodb:{action}", set()).add(f"${{{stage.table(service)}.Arn}}")
    assert _table_grants(stage, function) == expected


def _own_table(stage: Stage, function: Function) -> set[str]:
    table = f"${{{stage.table(function.service)}.Arn}}"
    return {table} | ({f"{table}/index/{function.index}"} if function.index else set())


def _table_grants(stage: Stage, function: Function) -> dict[str, set[str]]:
    """What a function may do to tables; streams, which two functions read, have a test of their own."""
    grants = stage.allowed(function.module, "dynamodb").items()
    of_streams = {"dynamodb:ListStreams", "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
    return {action: on for action, on in grants if action not in of_streams or function not in _FED_BY_STREAMS}


@every_function
def test_no_function_touches_another_services_table(stage: Stage, function: Function) -> None:
    named = {on for resources in stage.allowed(function.module).values() for on in resources}
    tables = {table.service: f"${{{stage.table(table.service)}.Arn}}" for table in TABLES}
    touched = {service for service, table in tables.items() if any(on.startswith(table) for on in named)}
    assert touched <= {function.service, *dict(function.audits)}


@every_function
def test_only_consumers_take_messages_and_only_from_their_own_queue(stage: Stage, function: Function) -> None:
    taking = {
        action: on
        for action, on in stage.allowed(function.module, "sqs").items()
        if action in {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:PurgeQueue"}
    }
    if function.module not in _FED_BY_QUEUES:
        assert taking == {}
        return
    queue, _ = stage.queue(function.name)
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage"} <= set(taking)
    assert set().union(*taking.values()) == {f"${{{queue}.Arn}}"}


@every_function
def test_only_dead_letters_and_changes_are_sent_and_only_to_their_own_queue(stage: Stage, function: Function) -> None:
    sending = stage.allowed(function.module, "sqs").get("sqs:SendMessage", set())
    if function in _FED_BY_STREAMS:
        sources = stage.sources(function.module)
        dead_letters, _ = stage.queue("relay-dead-letters" if function == RELAY else CHECK_CHANGES.name)
        assert sending == {
            f"${{{dead_letters}.Arn}}",
            *(rendered(source["DestinationConfig"]["OnFailure"]["Destination"]) for source in sources),
        }
    elif function.module in _CONSUMERS:
        dead_letters, _ = stage.queue(f"{function.name}-dead-letters")
        assert sending == {f"${{{dead_letters}.Arn}}"}
    else:
        assert sending == set()


@every_function
def test_only_the_relay_and_the_audit_read_streams(stage: Stage, function: Function) -> None:
    streams = {f"${{{stage.table(service)}.StreamArn}}" for service in _FED_BY_STREAMS.get(function, set())}
    grants = stage.allowed(function.module, "dynamodb")
    assert grants.get("dynamodb:GetRecords", set()) == streams
    assert grants.get(_NEEDS_NO_RESOURCE, set()) == ({"*"} if streams else set())
    if streams:
        assert set().union(*grants.values()) == streams | {"*"}


@every_function
def test_only_the_relay_puts_events_and_only_on_the_one_bus(stage: Stage, function: Function) -> None:
    [bus] = stage.all("AWS::Events::EventBus")
    assert stage.allowed(function.module, "events") == (
        {"events:PutEvents": {f"${{{bus}.Arn}}"}} if function == RELAY else {}
    )


@every_function
def test_only_execute_order_calls_another_function_and_only_pay_order(stage: Stage, function: Function) -> None:
    pay_order = {"lambda:InvokeFunction": {f"${{{stage.function_ids[PAY_ORDER.module]}.Arn}}"}}
    assert stage.allowed(function.module, "lambda") == (pay_order if function.module == "orders.execute_order" else {})


@every_function
def test_a_function_administers_the_one_user_pool_as_its_row_says(stage: Stage, function: Function) -> None:
    [pool] = stage.all("AWS::Cognito::UserPool")
    arn = f"arn:${{AWS::Partition}}:cognito-idp:${{AWS::Region}}:${{AWS::AccountId}}:userpool/${{{pool}}}"
    assert stage.allowed(function.module, "cognito-idp") == {
        f"cognito-idp:{action}": {arn} for action in function.cognito
    }


@every_function
def test_a_function_may_use_no_other_aws_service(stage: Stage, function: Function) -> None:
    used = {action.partition(":")[0] for action in stage.allowed(function.module)}
    assert used - {"logs", "dynamodb", "sqs", "events", "lambda", "cognito-idp"} <= {"states"}


@every_function
def test_only_the_audit_asks_what_runs_and_only_of_its_own_machine(stage: Stage, function: Function) -> None:
    name = stage.one("AWS::StepFunctions::StateMachine")["StateMachineName"]
    arn = f"arn:${{AWS::Partition}}:states:${{AWS::Region}}:${{AWS::AccountId}}:stateMachine:{name}"
    assert stage.allowed(function.module, "states") == (
        {"states:ListExecutions": {arn}} if function == PLAN_AUDIT else {}
    )


@every_stage
def test_the_audits_machine_calls_its_steps_and_tells_what_it_does(stage: Stage) -> None:
    role = referred(stage.one("AWS::StepFunctions::StateMachine")["RoleArn"])
    steps = {f"${{{stage.function_ids[f'reconciliation.{name}']}.Arn}}" for name in _STEPS}
    for statement in statements_of(stage.all("AWS::IAM::Role")[role]):
        resources = set(map(rendered, listed(statement["Resource"])))
        if statement["Action"] == "lambda:InvokeFunction":
            assert resources == steps
        else:
            assert {action.partition(":")[0] for action in statement["Action"]} <= {"logs", "xray"}
            assert resources == {"*"}


@every_stage
def test_aws_services_call_functions_only_on_behalf_of_this_stage(stage: Stage) -> None:
    [api], [pool] = stage.all("AWS::ApiGatewayV2::Api"), stage.all("AWS::Cognito::UserPool")
    sources = {
        "apigateway.amazonaws.com": f"${{{api}}}",
        "cognito-idp.amazonaws.com": f"${{{pool}.Arn}}",
    }
    for permission in stage.all("AWS::Lambda::Permission").values():
        assert permission["Action"] == "lambda:InvokeFunction"
        assert sources[permission["Principal"]] in rendered(permission["SourceArn"])
