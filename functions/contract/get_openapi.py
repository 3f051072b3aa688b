"""GET /openapi.json"""

from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from shared.contract import Contract, contract
from shared.http import Request, Response, operation
from shared.wire import read_json

document = cast("dict[str, Any]", read_json((Path(__file__).parent / "openapi.json").read_bytes()))


@operation
@contract(Contract(gives=dict))
def handler(_request: Request) -> Response:
    """The OpenAPI document of this API.

    Generated from its code; may be kept for five minutes.
    """
    return Response(HTTPStatus.OK, document, {"cache-control": "public, max-age=300"})
