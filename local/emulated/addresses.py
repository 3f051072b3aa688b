"""Short addresses: `/app` and `/api/v1` lead to the platform's API, instead of a path with its id.

The emulator serves each API below `/_aws/execute-api/{id}/$default`, and at `{id}.execute-api.localhost`, where AWS has
a host of its own for it too.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import ministack.app
from ministack.services import apigateway

NAME = "order-billing-local"
"""The API of the stage `local`; a trial beside it has only the long address."""
_OURS = ("/app", "/api/v1")

type Scope = MutableMapping[str, Any]
type App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


def install() -> None:
    """Let the emulator accept them."""
    ministack.app.app = _shortened(ministack.app.app)


def _shortened(app: App) -> App:
    async def serve(scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        path = scope.get("path", "")
        host = dict(scope.get("headers", ())).get(b"host", b"")
        short = any(path == ours or path.startswith(f"{ours}/") for ours in _OURS) and b".execute-api." not in host
        if short and (prefix := _prefix()):
            raw = scope.get("raw_path") or path.encode()
            scope = {**scope, "path": prefix + path, "raw_path": prefix.encode() + raw}
        await app(scope, receive, send)

    return serve


def _prefix() -> str:
    """The path of our API; empty while there is none."""
    found = [key[-1] for key, api in apigateway._apis.all_items() if api.get("name") == NAME]
    return f"/_aws/execute-api/{found[0]}/$default" if found else ""
