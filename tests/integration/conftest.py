"""Handlers on moto, in this process; tables and environment variables are the template's."""

from collections.abc import Iterator

import pytest

from tests.world import User, World, running_world


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
