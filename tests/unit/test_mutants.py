"""The sabotages of `make mutants`: CI tries one a day, so that each must be known to find its place."""

import pytest

from local.places import PROJECT
from tests.mutants.sabotages import SABOTAGES, Sabotage


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_a_sabotage_finds_its_place(sabotage: Sabotage) -> None:
    for change in sabotage.changes:
        assert (PROJECT / change.path).read_text().count(change.old) == 1
