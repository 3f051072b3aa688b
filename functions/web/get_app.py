"""GET /app, GET /app/{path+}"""

import gzip
import json
from functools import cache

from shared import environment
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from web.app_files import app_file, page_template
from web.files import SAFELY, File

hosted_login = environment.hosted_login()
client_id = environment.required("USER_POOL_CLIENT_ID")
currency = environment.currency()

_FILES = "files/"


@public_operation
@interface(Interface(gives=str, media_types=("text/html", "text/javascript", "text/css", "image/svg+xml")))
def handler(request: Request) -> Response:
    """Serve the web app: its page at every address below /app, its files below /app/files/."""
    path = request.path_parameters.get("path", "")
    if path.startswith(_FILES):
        return app_file(path.removeprefix(_FILES)).answer(request)
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
    page = page_template()
    for name, value in {
        "client_id": client_id,
        "hosted_login": hosted_login,
        "currency": currency.code,
        "places": str(currency.places),
        # Cognito's page lets people sign up; the local cloud's doesn't.
        "registers": json.dumps(not hosted_login.startswith("https://")),
    }.items():
        page = page.replace(f"{{{name}}}", value)
    return File(
        media_type="text/html",
        packed=gzip.compress(page.encode()),
        headers={
            **SAFELY,
            "cache-control": "no-cache",
            "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        },
    )
