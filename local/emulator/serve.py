"""Serves ministack on loopback, with plain HTTP instead of TLS. Runs in the emulator's own environment.

The template and the CDK's bootstrap bucket have policies that deny unencrypted requests (`aws:SecureTransport`). A
request signed for AWS is passed on as if it had come over TLS, so that they work here unchanged.
"""

import importlib
import pkgutil
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import ministack.app

sys.path.append(str(Path(__file__).parents[2]))

from local import emulated

type Scope = MutableMapping[str, Any]
type App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


def as_if_over_tls(app: App) -> App:
    """The same application; signed requests are marked as sent over TLS."""

    async def serve(scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        headers = scope.get("headers", [])
        if any(name == b"authorization" and value.startswith(b"AWS4-HMAC-SHA256") for name, value in headers):
            scope = {**scope, "headers": [*headers, (b"x-forwarded-proto", b"https")]}
        await app(scope, receive, send)

    return serve


for addition in pkgutil.iter_modules(emulated.__path__, f"{emulated.__name__}."):
    importlib.import_module(addition.name).install()
ministack.app.app = as_if_over_tls(ministack.app.app)
ministack.app.main()
