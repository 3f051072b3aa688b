"""`make invoke`, as its user runs it: one operation of each service, consumers, the relay, a debugger, and mistakes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.places import PROJECT

EVENTS = Path("docs/invoke")
ORDER = "01900000-0000-7000-8000-000000000001"


def invoke(operation: str, event: str, *options: str, keys: str = "", **environment: str) -> tuple[int, str]:
    """Its exit code, and all that it prints."""
    done = subprocess.run(
        [sys.executable, *(options or ("-m",)), "local", "invoke"],
        cwd=PROJECT,
        env={
            **os.environ,
            "PYTHONPATH": f"functions{os.pathsep}layers/shared/python",
            "OPERATION": operation,
            "EVENT": event,
            **environment,
        },
        input=keys,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


OPERATIONS = {
    "auth.register": ("register.json", '"statusCode": 201', "cognito-idp.SignUp"),
    "profiles.health": ("list_notifications.json", '"statusCode": 200', "dynamodb.GetItem"),
    "orders.create_order": ("create_order.json", '"state": "CREATED"', "dynamodb.TransactWriteItems", "+ orders: {"),
    "billing.deposit": (
        "deposit.json",
        '"balance": 50',
        "dynamodb.TransactWriteItems",
        "+ DepositAccepted from billing",
    ),
    "notifications.list_notifications": ("list_notifications.json", '"items": []', "dynamodb.Query"),
    "web.get_openapi": ("list_notifications.json", '"openapi": "3.1', "0 of AWS"),
    "notifications.notify": ("order_paid.json", '"batchItemFailures": []', "dynamodb.PutItem", "+ notifications: {"),
    "billing.return_payment": ("order_canceled.json", '"batchItemFailures": []', '"state": "VOID"'),
    "events.relay": ("stream.json", '"batchItemFailures": []', "0 on the bus"),
    "reconciliation.check_changes": ("changes.json", '"ReconciliationFindings":[0.0]', "dynamodb.BatchGetItem"),
}
"""An event of `sam local generate-event` for each, and what then is printed."""


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_takes_the_event_and_says_what_it_did(operation: str) -> None:
    event, *printed = OPERATIONS[operation]

    code, output = invoke(operation, str(EVENTS / event))

    assert code == 0, output
    assert [text for text in printed if text not in output] == [], output


def test_rows_can_be_there_before_and_functions_call_each_other() -> None:
    code, output = invoke("orders.execute_order", str(EVENTS / "execute_order.json"), SEED=str(EVENTS / "seed.json"))

    assert code == 0, output
    assert '"state": "PAID"' in output
    assert "lambda.Invoke" in output
    assert f'- orders: {{"profileId": "11111111-1111-4111-8111-111111111111", "sk": "ORDER#{ORDER}"' in output
    assert "+ OrderPaid from billing" in output


def test_a_failed_call_is_shown_as_failed() -> None:
    code, output = invoke("orders.execute_order", str(EVENTS / "execute_order.json"))

    assert code == 0, output
    assert '"statusCode": 404' in output


def test_a_debugger_stops_in_the_handler() -> None:
    lines = (PROJECT / "functions/orders/health.py").read_text().splitlines()
    last = max(number for number, line in enumerate(lines, start=1) if line.startswith("    return "))
    keys = f"b orders/health.py:{last}\nc\np _request.route\nc\n"

    code, output = invoke("orders.health", str(EVENTS / "list_notifications.json"), "-m", "pdb", "-m", keys=keys)

    assert "(Pdb) '$default'" in output, output
    assert code == 0, output


@pytest.mark.parametrize(
    ("operation", "event", "environment", "line"),
    [
        (
            "orders.make_order",
            "create_order.json",
            {},
            "OPERATION: there is no orders.make_order; did you mean orders.",
        ),
        ("", "create_order.json", {}, "say which: make invoke OPERATION=orders.create_order EVENT="),
        ("orders.create_order", "nothing.json", {}, "EVENT: docs/invoke/nothing.json: No such file or directory"),
        ("orders.create_order", "../runbook.md", {}, "EVENT: docs/invoke/../runbook.md is not JSON: "),
        ("orders.create_order", "stream.json", {}, "EVENT: orders.create_order takes API Gateway's requests"),
        ("notifications.notify", "create_order.json", {}, "EVENT: notifications.notify takes SQS messages (Records)"),
        (
            "orders.health",
            "deposit.json",
            {"SEED": "docs/invoke/deposit.json"},
            "SEED: body has no table; these have: ",
        ),
    ],
)
def test_a_mistake_is_one_clear_line(operation: str, event: str, environment: dict[str, str], line: str) -> None:
    code, output = invoke(operation, str(EVENTS / event), **environment)

    assert code == 1
    assert output.startswith(f"invoke: {line}"), output
    assert output.count("\n") == 1
