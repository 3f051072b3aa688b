"""Verifiers of tokens as a function makes them at its start, with keys from a server of the test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.gateway import KeyServer, key_server
from tests.scaffolding.world import World


@contextmanager
def fresh_verifiers(world: World) -> Iterator[KeyServer]:
    """Restart the authorizer and the gateways' check, with keys from a server, while the block runs.

    They are made of the stage's own settings: only the address that stands for AWS is another. They are functions'
    modules, which nobody constructs, so this is the one way to give them another verifier.
    """
    from auth import authorize, check_request  # noqa: PLC0415 - read their environment when imported
    from auth.tokens import TokenVerifier  # noqa: PLC0415 - imported with them

    assert world.user_pool_id
    with key_server() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", server.url.removesuffix("/keys"))
        verifier = TokenVerifier.of_stage()
        patch.delenv("AWS_ENDPOINT_URL")
        patch.setattr(authorize, "verifier", verifier)
        patch.setattr(check_request, "verifier", verifier)
        yield server
