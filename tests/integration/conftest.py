"""Handlers on moto, in this process; tables and environment variables are the template's."""

import io
import logging
from collections.abc import Iterator

import pytest

from tests.scaffolding.world import User, World, running_world


@pytest.fixture
def world() -> Iterator[World]:
    """An empty platform."""
    with running_world() as world:
        yield world


@pytest.fixture
def ada() -> User:
    """A signed-in user."""
    return User(login="ada")


@pytest.fixture
def bob() -> User:
    """Another signed-in user."""
    return User(login="bob")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All output of the functions' logger, as CloudWatch would get it."""
    from shared.logs import logger  # noqa: PLC0415 - it is named by the environment

    handlers = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
    assert handlers
    written = io.StringIO()
    streams = [handler.setStream(written) for handler in handlers]
    yield written
    for handler, stream in zip(handlers, streams, strict=True):
        handler.setStream(stream)
