"""GET /docs"""

import gzip
from functools import cache

from shared import environment
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from web.docs_files import page_template
from web.files import SAFELY, File

hosted_login = environment.hosted_login()
client_id = environment.required("USER_POOL_CLIENT_ID")


@public_operation
@interface(Interface(gives=str, media_types=("text/html",)))
def handler(request: Request) -> Response:
    """Show the documentation of this API.

    Swagger UI, which can send requests. "Authorize" goes through the hosted login.
    """
    return _page().answer(request)


@cache
def _page() -> File:
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {hosted_login}",  # exchanges the code for a token
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return File(
        media_type="text/html",
        packed=gzip.compress(page_template().replace("{client_id}", client_id).encode()),
        headers={
            **SAFELY,
            "cache-control": "no-cache",
            "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            # The hosted login opens in its own window, which hands the code back.
            "cross-origin-opener-policy": "same-origin-allow-popups",
        },
    )
