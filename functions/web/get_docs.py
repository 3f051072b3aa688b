"""GET /docs"""

from functools import cache

from shared import environment
from shared.http import Request, Response, public_operation
from shared.interface import Interface, interface
from web.docs_files import page_template
from web.files import File, page

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
    # The hosted login opens in its own window, which hands the code back.
    popups = {"cross-origin-opener-policy": "same-origin-allow-popups"}
    return page(page_template().replace("{client_id}", client_id), connects_to=hosted_login, headers=popups)
