"""The tests that a new row of infra/operations.py needs. Each failure names the file to open and what to add there."""

from collections.abc import Iterator

import pytest

from infra.operations import ROUTES, Access, functions
from local.synthesis import PROJECT
from tests.attack.attempts import ATTEMPTS, name_of
from tests.bench.situations import SITUATIONS
from tests.e2e.test_documented_answers import CASES, documented
from tests.grants.probes import WORKS

FUZZ_HOOKS = (PROJECT / "tests/fuzz/hooks.py").read_text()
ROUTES_PAGE = (PROJECT / "docs/routes.md").read_text()


def _missing(module: str) -> Iterator[str]:
    if module not in {situation.module for situation in SITUATIONS}:
        yield f'tests/bench/situations.py: add Situation("{module}", "", …), which make bench counts and times'
    if module not in WORKS:
        yield f'tests/grants/probes.py: add "{module}" to WORKS: what it does, done once'
    for route in (route for route in ROUTES if route.function.module == module):
        if name_of(route) not in ATTEMPTS:
            yield f'tests/attack/attempts.py: add "{name_of(route)}": what another user gets of it'
        if f"| `{route.method} {route.path}` |" not in ROUTES_PAGE:
            yield f"docs/routes.md: add {route.method} {route.path} to the table"
        if route.access is Access.SIGNED_IN and "{" in route.path and f'"{route.path}"' not in FUZZ_HOOKS:
            yield f'tests/fuzz/hooks.py: add "{route.path}" to _name_what_there_is(): one that is there'
    for operation, status in documented():
        if operation == module.replace(".", "_") and (operation, status) not in CASES:
            yield f'tests/e2e/test_documented_answers.py: add @answers("{operation}", {status}): how a client gets it'


@pytest.mark.parametrize("module", sorted(functions()))
def test_a_row_has_all_that_is_asked_of_every_row(module: str) -> None:
    missing = list(_missing(module))
    assert missing == [], "\n".join(["", *missing])
