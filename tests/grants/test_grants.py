"""Every function × every grant of its role, taken away one at a time, on the local cloud that enforces them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import httpx
import pytest

from infra.operations import CONSUMERS, NOTE_CHANGES, RELAY, functions
from local.deployment import StackDescription
from tests.e2e.api import Api
from tests.grants.grants import Grant, grants, taken_away
from tests.grants.probes import WORKS, Scene, gives_reasons, works, writes_its_log
from tests.infra.stages import Stage

LOCAL = Stage("local")
CONSUMING = {consumer.function.module for consumer in CONSUMERS}
LEAST_SECONDS, TIMES_LONGER = 1, 2
FED_BY_STREAMS = {RELAY.module, NOTE_CHANGES.module}


@pytest.fixture(scope="module")
def scene(stack: StackDescription) -> Iterator[Scene]:
    """A user with money, who came while everything was granted."""
    with httpx.Client(timeout=30) as http:
        api = Api(stack, http)
        yield Scene(api, api.new_user().with_money(100_000))


def _shown_by(grant: Grant) -> Callable[[Scene, str], bool]:
    if grant.action.startswith("logs:"):
        return writes_its_log
    if grant.module in CONSUMING and grant.action == "sqs:SendMessage":
        return gives_reasons
    return works


def _is_for_a_day_of_failing(grant: Grant) -> bool:
    """A stream's dead letters come after 23 hours; tests/infra has the grant and the queue that it is for."""
    return grant.module in FED_BY_STREAMS and grant.action == "sqs:SendMessage" and "DeadLetters" in grant.resource


def _is_for_the_last_release(grant: Grant) -> bool:
    """Granted while old code may run; tests/infra has it that the last release needs it."""
    return grant.action.removeprefix("dynamodb:") in functions()[grant.module].formerly


ALL = [grant for grant in grants(LOCAL) if not _is_for_a_day_of_failing(grant) and not _is_for_the_last_release(grant)]


@cache
def _patience(scene: Scene, probe: Callable[[Scene, str], bool], module: str) -> float:
    """How many seconds to wait for what never comes: twice as long as it takes to come where all is granted."""
    assert probe(scene, module), "it does not work even with all grants"
    if probe is writes_its_log:  # its line is there when the function has ended
        return LEAST_SECONDS
    # Once more: the first time it had to start.
    started = time.monotonic()
    assert probe(scene, module), "it does not work again with all grants"
    return max(LEAST_SECONDS, TIMES_LONGER * (time.monotonic() - started))


@pytest.mark.parametrize("grant", ALL, ids=str)
def test_without_any_one_of_its_grants_a_function_does_not_work(scene: Scene, grant: Grant) -> None:
    probe = _shown_by(grant)
    patience = _patience(scene, probe, grant.module)
    with taken_away(scene.api, grant):
        assert not probe(replace(scene, patience=patience), grant.module), "it works without"


def test_every_function_has_its_probe() -> None:
    assert set(WORKS) == set(LOCAL.function_ids)
    assert {grant.module for grant in ALL} == set(LOCAL.function_ids)


@pytest.mark.parametrize("module", sorted(WORKS))
def test_with_all_grants_given_back_it_works_again(scene: Scene, module: str) -> None:
    assert works(scene, module)
