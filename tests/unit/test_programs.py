"""What becomes of tests whose program is not here: skipped aloud for a newcomer, failed in CI."""

import sys
from pathlib import Path

import pytest

from tests.scaffolding.programs import needed


def test_a_program_that_is_here_is_found_under_any_of_its_names() -> None:
    assert Path(needed("no-such-browser", Path(sys.executable).name, install="nothing")).exists()


def test_without_it_tests_are_skipped_and_say_how_to_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"NOT TESTED: there is no no-such-browser here .*get it"):
        needed("no-such-browser", install="get it")


def test_in_ci_they_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NOT TESTED"):
        needed("no-such-browser", install="get it")
