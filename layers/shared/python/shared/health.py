"""Health checks that really touch the table."""

from http import HTTPStatus
from typing import Literal, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from shared.contract import Contract
from shared.dynamodb import Key, Table
from shared.http import Response
from shared.logs import logger


class HealthView(TypedDict):
    """How a service is; `checks` names what it stands on."""

    status: Literal["OK", "DOWN"]
    checks: dict[str, Literal["OK", "DOWN"]]


PROMISED = Contract(gives=HealthView, also={HTTPStatus.SERVICE_UNAVAILABLE: HealthView})
"""What every health check promises."""


def health(table: Table, probe: Key) -> Response:
    """200 when `table` answers a read of the key `probe` (no item need be there), 503 when it doesn't."""
    try:
        table.get(probe)
    except (ClientError, BotoCoreError):
        logger.exception("the table does not answer")
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "DOWN")
    return _answer(HTTPStatus.OK, "OK")


def _answer(status: HTTPStatus, word: Literal["OK", "DOWN"]) -> Response:
    view: HealthView = {"status": word, "checks": {"table": word}}
    return Response(status, view)
