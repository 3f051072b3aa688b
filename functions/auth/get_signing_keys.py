"""GET /.well-known/jwks.json"""

from http import HTTPStatus
from typing import Any, TypedDict, cast

from auth.published_keys import PublishedKeys, address_of_stage
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from shared.wire import read_json


class KeySetView(TypedDict):
    """A JSON Web Key Set."""

    keys: list[dict[str, str]]


KEY_SET: KeySetView = {"keys": [{"kty": "RSA", "kid": "k1", "use": "sig", "alg": "RS256", "e": "AQAB", "n": "sXch"}]}


def _keys_of(document: bytes) -> dict[str, Any]:
    try:
        return {key["kid"]: key for key in cast("Any", read_json(document))["keys"]}
    except (LookupError, TypeError) as error:
        raise ValueError("no JSON Web Key Set") from error


keys = PublishedKeys(address_of_stage(), _keys_of)


@public_operation
@interface(Interface(gives=KeySetView, example=KEY_SET))
def handler(_request: Request) -> Response:
    """The public keys that verify our tokens.

    A JSON Web Key Set (RFC 7517); may be cached for an hour.
    """
    document = cast("KeySetView", read_json(keys.document()))
    return Response(HTTPStatus.OK, document, {"cache-control": "public, max-age=3600"})
