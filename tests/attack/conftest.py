"""A cloud of its own for the matrix: it signs people out, and needs the emulator's files."""

from collections.abc import Iterator

import pytest

from tests.attack.scene import Scene, scene


@pytest.fixture(scope="session")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Victim, attacker and bystander, on a cloud that runs for this session."""
    with scene(tmp_path_factory.mktemp("attacked")) as people:
        yield people
