"""GET /openapi.json"""

import gzip
from pathlib import Path

from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from web.files import File

document = File(
    media_type="application/json",
    packed=gzip.compress((Path(__file__).parent / "openapi.json").read_bytes()),
    headers={"cache-control": "public, max-age=300"},
)


@public_operation
@interface(Interface(gives=dict, example={"openapi": "3.1.0", "info": {"title": "Order and billing platform"}}))
def handler(request: Request) -> Response:
    """Get the OpenAPI document of this API.

    Generated from the code; may be cached for five minutes.
    """
    return document.answer(request)
