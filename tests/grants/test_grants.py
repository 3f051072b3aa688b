"""Every function × every grant of its role, taken away one at a time, on the local cloud that enforces them."""

from collections.abc import Callable, Iterator
from functools import cache

import httpx
import pytest

from infra.operations import CONSUMERS, NOTE_CHANGES, RELAY
from local.deployment import StackDescription
from tests.e2e.api import Api
from tests.grants.grants import Grant, grants, taken_away
from tests.grants.probes import WORKS, Scene, gives_reasons, works, writes_its_log
from tests.infra.stages import Stage

LOCAL = Stage("local")
CONSUMING = {consumer.function.module for consumer in CONSUMERS}
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


ALL = [grant for grant in grants(LOCAL) if not _is_for_a_day_of_failing(grant)]


@cache
def _works_with_everything(scene: Scene, probe: Callable[[Scene, str], bool], module: str) -> bool:
    return probe(scene, module)


@pytest.mark.parametrize("grant", ALL, ids=str)
def test_without_any_one_of_its_grants_a_function_does_not_work(scene: Scene, grant: Grant) -> None:
    probe = _shown_by(grant)
    assert _works_with_everything(scene, probe, grant.module), "it does not work even with all grants"

    with taken_away(scene.api, grant):
        assert not probe(scene, grant.module), "it works without"


def test_every_function_has_its_probe() -> None:
    assert set(WORKS) == set(LOCAL.function_ids)
    assert {grant.module for grant in ALL} == set(LOCAL.function_ids)


@pytest.mark.parametrize("module", sorted(WORKS))
def test_with_all_grants_given_back_it_works_again(scene: Scene, module: str) -> None:
    assert works(scene, module)
