"""Reference c: orders.create_order as it is often written.

Powertools' resolver, tracer and idempotency, boto3's resources, pydantic's models: the same work, one read and one
transaction, and the idempotency record before and after it.
"""

import os
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.serialization.pydantic import PydanticSerializer
from pydantic import BaseModel, ConfigDict, Field

logger = Logger()
tracer = Tracer()
metrics = Metrics(namespace="Orders")
app = APIGatewayHttpResolver(enable_validation=True, strip_prefixes=["/api/v1"])
table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
persistence = DynamoDBPersistenceLayer(table_name=os.environ["ORDERS_TABLE"])
config = IdempotencyConfig(event_key_jmespath="[profile_id, key]")


class CreateOrderBody(BaseModel):
    """A new order."""

    model_config = ConfigDict(extra="forbid")

    productQuantity: Annotated[int, Field(ge=1, le=1000)] | None = None  # noqa: N815 - as in JSON


class Call(BaseModel):
    """Who creates it, and by which key."""

    profile_id: str
    key: str
    quantity: int | None


class OrderView(BaseModel):
    """An order as clients see it."""

    id: str
    orderNumber: int  # noqa: N815 - as in JSON
    state: str
    productQuantity: int | None  # noqa: N815 - as in JSON
    amount: Decimal | None
    currency: str
    createdAt: datetime  # noqa: N815 - as in JSON


@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="call",
    config=config,
    persistence_store=persistence,
    output_serializer=PydanticSerializer(model=OrderView),
)
@tracer.capture_method
def create(*, call: Call) -> OrderView:
    """Number the order and write it."""
    found = table.get_item(Key={"profileId": call.profile_id, "sk": "COUNTER"}, ConsistentRead=True)
    number = int(str(found["Item"]["lastNumber"])) + 1
    price = Decimal(os.environ["UNIT_PRICE_MINOR"]) / 100
    order = OrderView(
        id=str(uuid.uuid4()),
        orderNumber=number,
        state="CREATED",
        productQuantity=call.quantity,
        amount=call.quantity * price if call.quantity else None,
        currency=os.environ["CURRENCY"],
        createdAt=datetime.now(UTC),
    )
    key = {"profileId": call.profile_id}
    table.meta.client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": table.name, "Item": {**key, "sk": "COUNTER", "lastNumber": number}}},
            {
                "Put": {
                    "TableName": table.name,
                    "Item": {**key, "sk": f"ORDER#{order.id}", **order.model_dump(mode="json")},
                    "ConditionExpression": "attribute_not_exists(sk)",
                }
            },
        ]
    )
    return order


@app.post("/orders")
@tracer.capture_method
def create_order(
    body: CreateOrderBody, key: Annotated[str, Header(alias="idempotency-key")]
) -> Response[dict[str, Any]]:
    """POST /orders"""
    caller = app.current_event.request_context.authorizer.get_lambda["profileId"]
    order = create(call=Call(profile_id=caller, key=key, quantity=body.productQuantity))
    metrics.add_metric(name="OrderCreated", unit=MetricUnit.Count, value=1)
    return Response(
        HTTPStatus.CREATED,
        content_type="application/json",
        body=order.model_dump(mode="json"),
        headers={"location": f"/api/v1/orders/{order.id}"},
    )


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer."""
    return app.resolve(event, context)
