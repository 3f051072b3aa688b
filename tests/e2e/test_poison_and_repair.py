"""An unprocessable message, and repeated events: on the local cloud, over its own queues."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from local.places import PROJECT
from local.ports import free_port
from ops.reconcile import reconcile
from ops.redrive import redrive
from ops.target import Target
from tests.e2e.api import Api, User, exact
from tests.scaffolding.waiting import until

QUEUE = "notifications-notify"


def envelope(**changes: object) -> dict[str, Any]:
    """An event in its form in the queue."""
    detail = {
        "eventId": "01990000-0000-7000-8000-00000000feed",
        "occurredAt": "2026-11-24T12:00:00.000Z",
        "version": 1,
        "profileId": "nobody",
        "orderId": "01990000-0000-7000-8000-000000000001",
        **changes,
    }
    return {"detail-type": "OrderCompleted", "source": "orders", "detail": detail}


def test_a_poisoned_message_is_put_away_with_its_reason_and_does_not_block_its_neighbours(api: Api, user: User) -> None:
    sqs, queues = api.aws("sqs"), api.stack["queues"]
    attributes = sqs.get_queue_attributes(QueueUrl=queues[QUEUE], AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=queues[QUEUE], Attributes={"VisibilityTimeout": "2"})
    body = json.dumps(envelope(orderId=None))
    try:
        sqs.send_message(QueueUrl=queues[QUEUE], MessageBody=body)
        user.with_money(5).until("/notifications", lambda page: len(page["items"]) == 1)

        def dead_letters() -> list[Any]:
            received = sqs.receive_message(
                QueueUrl=queues[f"{QUEUE}-dead-letters"], MessageAttributeNames=["All"], VisibilityTimeout=0
            )
            return [*received.get("Messages", [])]

        [letter] = until(dead_letters)
    finally:
        sqs.set_queue_attributes(QueueUrl=queues[QUEUE], Attributes=attributes)

    assert letter["Body"] == body
    assert "UnexpectedEventError" in letter["MessageAttributes"]["reason"]["StringValue"]
    sqs.purge_queue(QueueUrl=queues[f"{QUEUE}-dead-letters"])


def test_a_redrive_sends_dead_letters_back_and_counts_them(api: Api, user: User) -> None:
    sqs, queues = api.aws("sqs"), api.stack["queues"]
    for number in range(12):
        body = json.dumps(envelope(profileId=user.profile_id, eventId=f"01990000-0000-7000-8000-{number:012d}"))
        sqs.send_message(QueueUrl=queues[f"{QUEUE}-dead-letters"], MessageBody=body)

    done = redrive(Target.local(api.stack), QUEUE)

    assert (done.found, done.sent) == (12, 12)
    user.until("/notifications", lambda page: len(page["items"]) == 12)


def test_events_replayed_from_an_archive_have_no_second_effect(api: Api, user: User) -> None:
    events = api.aws("events")
    bus = events.describe_event_bus(Name=api.stack["stackName"])["Arn"]
    started = time.time() - 1
    archive = events.create_archive(ArchiveName="replay-test", EventSourceArn=bus)["ArchiveArn"]
    order = user.with_money(100).order_in("PAID")
    assert user.execute(order, "CANCEL").status_code == 200
    user.until("/notifications", lambda page: len(page["items"]) == 4)
    user.until("/billing/account", lambda account: account["balance"] == 100)
    before = [exact(user.get(path)) for path in ("/notifications", "/billing/account/transactions", "/orders")]

    events.start_replay(
        ReplayName="again",
        EventSourceArn=archive,
        EventStartTime=started,
        EventEndTime=time.time() + 1,
        Destination={"Arn": bus},
    )

    until(lambda: events.describe_replay(ReplayName="again")["State"], lambda state: state == "COMPLETED")
    user.with_money(1).until("/notifications", lambda page: len(page["items"]) == 5)
    after = [exact(user.get(path)) for path in ("/notifications", "/billing/account/transactions", "/orders")]
    assert [page["items"][-len(old["items"]) :] for page, old in zip(after, before, strict=True)] == [
        old["items"] for old in before
    ]
    assert reconcile(Target.local(api.stack))["total"] == 0


@pytest.mark.parametrize(
    ("tool", "last_line"),
    [("reconcile", "0 findings"), ("redrive", "redrive: 0 found, 0 sent back")],
)
def test_a_tool_without_a_running_cloud_starts_one_and_ends_it(tmp_path: Path, tool: str, last_line: str) -> None:
    nothing_runs_there = {"LOCAL_PORT": str(free_port()), "QUEUE": QUEUE, "TMPDIR": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-m", "ops", tool],
        cwd=PROJECT,
        env={**os.environ, **nothing_runs_there},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    first, *_, last = done.stdout.strip().splitlines()
    assert first.startswith("No local cloud is running: this one was started for it")
    assert last_line in last
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []
