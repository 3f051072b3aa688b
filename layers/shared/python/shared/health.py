"""Health checks that read from the table."""

from http import HTTPStatus
from typing import Literal, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from shared.dynamodb import Key, Table
from shared.http import Response
from shared.interface import Answer, Interface
from shared.logs import logger


class HealthView(TypedDict):
    """The health of a service; `checks` names its dependencies."""

    status: Literal["OK", "DOWN"]
    checks: dict[str, Literal["OK", "DOWN"]]


_UP: HealthView = {"status": "OK", "checks": {"table": "OK"}}
_DOWN: HealthView = {"status": "DOWN", "checks": {"table": "DOWN"}}
PROMISED = Interface(gives=HealthView, example=_UP, also={HTTPStatus.SERVICE_UNAVAILABLE: Answer(HealthView, _DOWN)})
"""The interface of every health check."""


def health(table: Table, probe: Key) -> Response:
    """200 when `table` answers a read of the key `probe` (no item need be there), 503 when it doesn't."""
    try:
        table.get(probe)
    except (ClientError, BotoCoreError):
        logger.exception("the table does not answer")
        return Response(HTTPStatus.SERVICE_UNAVAILABLE, _DOWN)
    return Response(HTTPStatus.OK, _UP)
