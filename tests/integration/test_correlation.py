"""The id of a request appears in all that it leads to: log lines, events, and the effects of consumers."""

import io
import json
import re
from typing import Any

import pytest

from local.invoking.queue_messages import queue_batch
from tests.integration.factories import deposit, execute, order_in, registered, sign_up_trigger, with_profile
from tests.scaffolding.world import Answer, User, World

MESSAGE = "m-1"


def id_of(answer: Answer) -> str:
    """The request id that the client gets."""
    return answer.headers["x-request-id"]


def correlation(world: World) -> dict[str, str]:
    """The correlation id of the event of each name that was published last."""
    return {entry["DetailType"]: json.loads(entry["Detail"])["correlationId"] for entry in world.published}


def lines(text: str) -> list[dict[str, Any]]:
    """Log lines, those of metrics too."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_an_event_carries_the_id_of_the_request_that_caused_it(world: World, ada: User) -> None:
    deposited = deposit(world, ada, 100)
    order_id = order_in(world, ada, "CREATED")
    paid = execute(world, ada, order_id, "CONFIRM")
    completed = execute(world, ada, order_id, "COMPLETE")
    world.settle()
    assert correlation(world) == {
        "DepositAccepted": id_of(deposited),
        "OrderPaid": id_of(paid),
        "OrderCompleted": id_of(completed),
    }


def test_what_an_event_leads_to_carries_the_id_on(world: World, ada: User) -> None:
    order_id = order_in(world, ada, "PAID")
    canceled = execute(world, ada, order_id, "CANCEL")
    world.settle()
    assert correlation(world)["OrderCanceled"] == correlation(world)["OrderRefunded"] == id_of(canceled)


def test_payment_publishing_and_handling_have_a_line_each_with_the_id_of_the_request(
    world: World, ada: User, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    deposit(world, ada, 100)
    order_id = order_in(world, ada, "CREATED")
    world.settle()
    log.truncate(0)
    capsys.readouterr()
    paid = execute(world, ada, order_id, "CONFIRM")
    world.settle()
    written = lines(log.getvalue().strip("\0")) + lines(capsys.readouterr().out)
    assert {line["correlation_id"] for line in written} == {id_of(paid)}
    [event] = [json.loads(entry["Detail"]) for entry in world.published if entry["DetailType"] == "OrderPaid"]
    [published] = [line for line in written if line.get("message") == "event published"]
    assert (published["eventName"], published["eventId"]) == ("OrderPaid", event["eventId"])
    assert published["orderId"] == order_id
    [payment] = [line for line in written if "OrdersPaid" in line]
    assert payment["orderId"] == order_id
    handled = [line for line in written if "EventAge" in line]
    assert [(line["service"], line["eventId"]) for line in handled] == [
        ("orders", event["eventId"]),
        ("notifications", event["eventId"]),
    ]


def test_an_event_that_no_request_began_carries_the_id_of_its_message(world: World, ada: User) -> None:
    """Older events have none; the refund after such a cancellation has the message's id."""
    order_id = order_in(world, ada, "PAID")
    execute(world, ada, order_id, "CANCEL")
    world.relay()
    [canceled] = [each for each in world.queued if each.consumer == "billing.return_payment"]
    envelope = json.loads(canceled.body)
    del envelope["detail"]["correlationId"]
    batch = {"Records": [{**_message(json.dumps(envelope)), "messageId": MESSAGE}]}
    assert world.invoke("billing.return_payment", batch) == {"batchItemFailures": []}
    world.relay()
    assert correlation(world)["OrderRefunded"] == MESSAGE


def _message(body: str) -> dict[str, Any]:
    [record] = queue_batch(body)["Records"]
    return dict(record)


def test_a_failure_is_logged_with_its_event_and_its_request(world: World, ada: User, log: io.StringIO) -> None:
    deposited = deposit(world, ada, 100)
    world.relay()
    [told] = [each for each in world.queued if each.consumer == "notifications.notify"]

    def broken(_params: object) -> None:
        raise RuntimeError("no table")

    with world.intercepting("dynamodb", "PutItem", broken):
        world.invoke(told.consumer, {"Records": [_message(told.body)]})
    [failed] = [line for line in lines(log.getvalue()) if line["message"] == "event failed"]
    assert failed["correlation_id"] == id_of(deposited)
    assert (failed["eventName"], failed["eventId"]) == ("DepositAccepted", told.event["eventId"])
    assert failed["attempt"] == 1


def test_signing_up_hands_the_id_of_its_request_to_cognitos_trigger(world: World) -> None:
    handed_on: list[Any] = []

    def note(params: Any) -> None:
        handed_on.append(json.loads(params["body"])["ClientMetadata"])

    with world.intercepting("cognito-idp", "SignUp", note), world.intercepting("cognito-idp", "ConfirmSignUp", note):
        registered(world)
    assert len(handed_on) == 2
    assert all(set(each) == {"correlationId"} for each in handed_on)


def test_the_trigger_hands_on_what_cognito_gives_it_from_the_request(world: World, ada: User) -> None:
    call = sign_up_trigger(ada)
    call["request"]["clientMetadata"] = {"correlationId": "JKJaXmPLvHcESHA="}
    world.invoke("profiles.create_profile_at_sign_up", call)
    world.relay()
    assert correlation(world) == {"ProfileCreated": "JKJaXmPLvHcESHA="}


@pytest.mark.parametrize("forged", ["", "a\nb", "x" * 65, "<b>", {"deep": 1}, None])
def test_whoever_calls_cognito_directly_can_put_nothing_odd_into_logs_and_events(
    world: World, ada: User, forged: object
) -> None:
    call = sign_up_trigger(ada)
    call["request"]["clientMetadata"] = {"correlationId": forged}
    world.invoke("profiles.create_profile_at_sign_up", call)
    world.relay()
    assert len(correlation(world)["ProfileCreated"]) == len("2f0a0c7e-0000-4000-8000-000000000000")


def test_a_profile_that_the_hosted_login_began_carries_lambdas_own_id(world: World, ada: User) -> None:
    with_profile(world, ada)
    world.relay()
    assert correlation(world)["ProfileCreated"]


def test_each_line_has_a_time_and_a_level_that_lambda_reads(world: World, ada: User, log: io.StringIO) -> None:
    """Else Lambda treats it as INFO: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html."""
    world.request("GET", "/orders/nobodys", ada)

    logged = [line for line in lines(log.getvalue()) if "_aws" not in line]
    assert logged
    for line in logged:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["timestamp"])
        assert line["level"] in {"DEBUG", "INFO", "WARNING", "ERROR"}
