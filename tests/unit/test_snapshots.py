"""SnapStart's hooks: copies of one start differ where they must, and other starts have no hooks."""

import random
import sys
from collections.abc import Iterator

import pytest
import snapshot_restore_py

from shared.snapshots import in_each_copy


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    registered = snapshot_restore_py.get_after_restore()
    before = [*registered]
    yield
    registered[:] = before


def _restore() -> None:
    """What Lambda does in each copy."""
    for renew, arguments, keywords in snapshot_restore_py.get_after_restore():
        renew(*arguments, **keywords)


def test_copies_of_a_recorded_start_do_not_draw_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    in_each_copy(random.seed)
    recorded = random.getstate()
    drawn = []
    for _ in range(2):
        random.setstate(recorded)
        _restore()
        drawn.append(random.random())  # noqa: S311 - not a secret
    assert drawn[0] != drawn[1]


def test_an_ordinary_start_has_no_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_INITIALIZATION_TYPE", raising=False)
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", None)  # importing it would fail
    in_each_copy(random.seed)
