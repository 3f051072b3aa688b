"""GET /app, GET /app/{path+}"""

import json
from functools import cache

from shared import environment
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from web.app_files import app_file, page_template
from web.files import File, page

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
    html = page_template()
    for name, value in {
        "client_id": client_id,
        "hosted_login": hosted_login,
        "currency": currency.code,
        "places": str(currency.places),
        # Cognito's page lets people sign up; the local cloud's doesn't.
        "registers": json.dumps(not hosted_login.startswith("https://")),
    }.items():
        html = html.replace(f"{{{name}}}", value)
    return page(html, connects_to=hosted_login)
