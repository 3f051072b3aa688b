"""Every route of operations.py × every token that must not open it: the cases of `make attack`, as tests."""

import pytest

from infra.operations import ROUTES, Access
from tests.attack.attacks import CONTROL
from tests.attack.attempts import ATTEMPTS, name_of
from tests.attack.matrix import LEAST_CELLS, Cell, cells, run
from tests.attack.scene import Scene


@pytest.mark.parametrize("cell", cells(), ids=str)
def test_a_token_opens_what_it_may_and_nothing_else(everybody: Scene, cell: Cell) -> None:
    assert run(everybody, cell).surprises == ()


def test_every_route_is_attacked_and_nothing_that_is_none() -> None:
    assert sorted(ATTEMPTS) == sorted(name_of(route) for route in ROUTES)
    assert sum(cell.attack is not CONTROL for cell in cells()) >= LEAST_CELLS


def test_where_a_path_names_something_of_somebodys_others_have_an_answer_of_their_own() -> None:
    about_one = [route for route in ROUTES if route.access is Access.SIGNED_IN and "{" in route.path]
    assert about_one
    assert all(ATTEMPTS[name_of(route)].anothers for route in about_one)
