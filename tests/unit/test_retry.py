"""Optimistic concurrency: try again while others win, but not for ever."""

import pytest

from shared.retry import ConflictError, on_conflict


class Race:
    """An attempt that others win the first `losses` times."""

    def __init__(self, losses: int) -> None:
        self.runs = 0
        self._losses = losses

    def run(self) -> str:
        """One attempt."""
        self.runs += 1
        if self.runs <= self._losses:
            raise ConflictError(f"lost number {self.runs}")
        return "won"


@pytest.mark.parametrize("losses", [0, 1, 3])
def test_an_attempt_is_made_until_it_wins_and_no_more(losses: int) -> None:
    race = Race(losses)
    assert on_conflict(race.run) == "won"
    assert race.runs == losses + 1


def test_after_10_losses_the_last_conflict_comes_out() -> None:
    race = Race(100)
    with pytest.raises(ConflictError, match="lost number 10"):
        on_conflict(race.run)
    assert race.runs == 10


def test_another_failure_is_not_tried_again() -> None:
    runs = []

    def attempt() -> None:
        runs.append(1)
        raise LookupError

    with pytest.raises(LookupError):
        on_conflict(attempt)
    assert len(runs) == 1


def test_an_answer_of_nothing_is_an_answer() -> None:
    assert on_conflict(lambda: None) is None
