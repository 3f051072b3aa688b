"""`make invoke`: one handler or consumer in this process, on moto, so that a debugger can stop in it.

Takes events as `sam local generate-event` writes them. For a consumer, a bus event is wrapped in a message; a request
gets the caller and headers that it lacks.
"""

import base64
import difflib
import importlib
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.operations import CONSUMERS, ROUTES, TABLE_VARIABLES, Access, functions
from local.failure import LocalCloudError
from local.invoking.in_process import InProcessAws, Row
from local.invoking.lambda_context import InvocationContext
from local.invoking.queue_messages import queue_batch
from local.synthesis import template

CALLER = {"profileId": "11111111-1111-4111-8111-111111111111", "login": "ada", "sessionId": "a-session"}
STAGE = "local"
HEADERS = {"content-type": "application/json", "idempotency-key": "make-invoke"}

type Rows = dict[str, list[Row]]


def main() -> None:
    """Run OPERATION with the event in the file EVENT, on the rows in the optional file SEED."""
    module = _operation(os.environ.get("OPERATION", ""))
    seed = _seed()
    event = _for(module, _json_file("EVENT"))
    declared = template(STAGE)
    with InProcessAws(declared) as aws:
        aws.become(module)
        for service, rows in seed.items():
            for row in rows:
                aws.put(service, row)
        before = {service: aws.rows(service) for service in TABLE_VARIABLES}
        with aws.recording():
            answer = importlib.import_module(module).handler(event, InvocationContext())
        _print_answer(answer)
        _print_calls(aws)
        _print_rows(before, {service: aws.rows(service) for service in TABLE_VARIABLES})
        _print_events(aws, before)


def _operation(name: str) -> str:
    if name in functions():
        return name
    if not name:
        raise LocalCloudError(
            "say which: make invoke OPERATION=orders.create_order EVENT=docs/invoke/create_order.json"
        )
    close = difflib.get_close_matches(name, functions(), n=1, cutoff=0)
    raise LocalCloudError(f"OPERATION: there is no {name}; did you mean {close[0]}?")


def _seed() -> Rows:
    if not os.environ.get("SEED"):
        return {}
    seed: Rows = _json_file("SEED")
    if unknown := sorted(set(seed) - set(TABLE_VARIABLES)):
        raise LocalCloudError(f"SEED: {unknown[0]} has no table; these have: {', '.join(sorted(TABLE_VARIABLES))}")
    return seed


def _json_file(variable: str) -> Any:
    name = os.environ.get(variable)
    if not name:
        raise LocalCloudError(f"say which event: {variable}=docs/invoke/create_order.json")
    try:
        return json.loads(Path(name).read_text(), parse_float=Decimal)
    except OSError as error:
        raise LocalCloudError(f"{variable}: {name}: {error.strerror}") from None
    except ValueError as error:
        raise LocalCloudError(f"{variable}: {name} is not JSON: {error}") from None


def _for(module: str, event: Any) -> Any:
    """The event in the form that the function gets."""
    if not isinstance(event, dict):
        raise LocalCloudError("EVENT: an event is a JSON object")
    if module in {consumer.function.module for consumer in CONSUMERS}:
        if "detail-type" in event:
            return queue_batch(json.dumps(event, default=float))
        if "Records" not in event:
            raise LocalCloudError(f"EVENT: {module} takes SQS messages (Records), or an event of the bus (detail-type)")
    routes = [route for route in ROUTES if route.function.module == module]
    if routes:
        if "requestContext" not in event:
            raise LocalCloudError(f"EVENT: {module} takes API Gateway's requests, payload format 2.0")
        _fill_in(event, signed_in=routes[0].access is Access.SIGNED_IN)
    return event


def _fill_in(request: dict[str, Any], *, signed_in: bool) -> None:
    """Add to a request what `sam local generate-event` can't express, and print it."""
    authorizer = request["requestContext"].setdefault("authorizer", {})
    headers = request["headers"] = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    filled_in = {name: value for name, value in HEADERS.items() if name not in headers and request.get("body")}
    headers |= filled_in
    if signed_in and "lambda" not in authorizer:
        authorizer["lambda"] = CALLER
        filled_in["caller"] = f"{CALLER['login']}, {CALLER['profileId']}"
    for name, value in filled_in.items():
        print(f"added    {name}: {value}")


def _print_answer(answer: Any) -> None:
    body = answer.get("body") if isinstance(answer, dict) else None
    print("\nanswer   " + _lines({name: value for name, value in answer.items() if name != "body"} if body else answer))
    if body:
        text = base64.b64decode(body).decode() if answer.get("isBase64Encoded") else body
        print("body     " + _lines(json.loads(text)))


def _print_calls(aws: InProcessAws) -> None:
    print(f"\ncalls    {len(aws.calls)} of AWS")
    for call in aws.calls:
        print(f"         {call.operation}{f' → {call.error}' if call.error else ''}")


def _print_rows(before: Rows, after: Rows) -> None:
    """Print new (+) and removed (-) rows; a changed row is both."""
    marked = [
        (mark, service, row)
        for service in TABLE_VARIABLES
        for mark, those, others in (("-", before, after), ("+", after, before))
        for row in those[service]
        if row not in others[service]
    ]
    print(f"\nrows     {sum(mark == '+' for mark, _, _ in marked)} written")
    for mark, service, row in marked:
        print(f"       {mark} {service}: {json.dumps(row, default=str)}")


def _print_events(aws: InProcessAws, before: Rows) -> None:
    """Print the events in the written rows, and those put on the bus."""
    riding = [
        json.loads(row["event"])
        for service, rows in before.items()
        for row in aws.rows(service)
        if "event" in row and row not in rows
    ]
    print(f"\nevents   {len(riding)} in the rows, {len(aws.published)} on the bus")
    for event in riding:
        print(f"       + {event['name']} from {event['source']}: {json.dumps(event['detail'])}")
    for entry in aws.published:
        print(f"       > {entry['DetailType']} from {entry['Source']}: {entry['Detail']}")


def _lines(value: Any) -> str:
    return json.dumps(value, indent=2, default=str).replace("\n", "\n         ")
