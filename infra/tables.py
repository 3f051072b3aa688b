"""The DynamoDB tables: one for each service, and one for ended sessions."""

from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.settings import StageSettings
from infra.standards.retention import removal_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """Keys and features of a table; the service's *_table.py describes its items."""

    service: str
    partition_key: str
    sort_key: str | None = None
    index: tuple[str, str] | None = None
    """Name and sort key of a local index."""
    has_events: bool = False
    """Items carry events (the outbox), which the relay reads from the stream."""
    expires: bool = False
    """Items with `expiresAt` (epoch seconds) expire then."""


TABLES = (
    TableShape(service="auth", partition_key="id", expires=True),
    TableShape(service="profiles", partition_key="id", has_events=True),
    TableShape(
        service="orders",
        partition_key="profileId",
        sort_key="sk",
        index=("byState", "stateKey"),
        has_events=True,
        expires=True,
    ),
    TableShape(service="billing", partition_key="pk", sort_key="sk", has_events=True, expires=True),
    TableShape(service="notifications", partition_key="profileId", sort_key="sk"),
)


class Tables(Construct):
    """All tables of a stage, by service."""

    def __init__(self, scope: Construct, *, settings: StageSettings) -> None:
        super().__init__(scope, "Tables")
        self._settings = settings
        self.by_service = {shape.service: self._table(shape) for shape in TABLES}
        self.with_events = {shape.service: self.by_service[shape.service] for shape in TABLES if shape.has_events}

    def _table(self, shape: TableShape) -> dynamodb.Table:
        retain = self._settings.retain_data
        table = dynamodb.Table(
            self,
            shape.service.capitalize(),
            partition_key=_text(shape.partition_key),
            sort_key=_text(shape.sort_key) if shape.sort_key else None,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=retain,
            removal_policy=removal_policy(self._settings),
            stream=dynamodb.StreamViewType.NEW_IMAGE if shape.has_events else None,
            time_to_live_attribute="expiresAt" if shape.expires else None,
        )
        if shape.index:
            name, sort_key = shape.index
            table.add_local_secondary_index(index_name=name, sort_key=_text(sort_key))
        return table


def _text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
