"""The README and the pages of docs/ say what is so."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from infra.operations import ROUTES
from infra.settings import EdgeSettings, StageSettings
from local.synthesis import PROJECT

README, DOCS = PROJECT / "README.md", PROJECT / "docs"
PAGES = [*sorted(PROJECT.glob("*.md")), *sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("decisions/*.md"))]
ROUTES_PAGE, SETTINGS_PAGE, COMMANDS_PAGE = (
    (DOCS / page).read_text() for page in ("routes.md", "settings.md", "commands.md")
)
MAKEFILE = (PROJECT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE)
LONGEST_README = 150


def test_the_routes_page_lists_the_routes_and_who_may_call_them() -> None:
    listed = re.findall(r"^\| `(GET|POST|PATCH) (/\S+)` \| (anyone|signed in) \|", ROUTES_PAGE, re.MULTILINE)

    assert listed == [(route.method, route.path, route.access.value) for route in ROUTES]


def test_the_settings_page_lists_every_setting_with_its_default() -> None:
    fields = {name: field for name, field in StageSettings.model_fields.items() if name != "stage"}
    listed = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", SETTINGS_PAGE, re.MULTILINE))

    assert list(listed) == [field.alias for field in fields.values()]
    for field in fields.values():
        assert listed[str(field.alias)] == _default(field)


def test_the_settings_page_lists_what_an_edge_is_set_to() -> None:
    fields = EdgeSettings.model_fields.values()
    listed = dict(re.findall(r"^\| `edge\.(\w+)` \| (.+?) \|", SETTINGS_PAGE, re.MULTILINE))
    assert listed == {field.alias: _default(field) for field in fields}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    value = field.default
    return "none" if value is None else f"`{value if isinstance(value, Decimal) else json.dumps(value)}`"


def test_the_commands_page_lists_every_make_target_once() -> None:
    listed = re.findall(r"^\| `make ([a-z-]+)` \|", COMMANDS_PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(TARGETS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_make_target_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    blocks = re.findall(r"^```sh\n.*?^```$", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`[^`]+`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
    named = {target for code in blocks + spans for target in re.findall(r"\bmake\s+([a-z][a-z-]+)", code)}
    assert named <= set(TARGETS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_of_a_page_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", page.read_text())
    files = {link or source for link, source in links if "://" not in (link or source)}
    assert [file for file in files if not (page.parent / file).exists()] == []


@pytest.mark.parametrize("page", [README, *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_a_path_in_code_that_a_page_names_exists(page: Path) -> None:
    """Decisions are of their day, and may name what has moved since."""
    paths = re.findall(r"`((?:\.ci|functions|infra|layers|local|ops|tests|docs)/[\w/.-]+)`", page.read_text())
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= LONGEST_README


@pytest.mark.parametrize("page", ["operations.md", "proof.md"])
def test_dollars_that_a_page_repeats_are_those_of_the_page_on_cost(page: str) -> None:
    cost = (DOCS / "cost.md").read_text()
    named = re.findall(r"(\d+\.\d\d)(?: dollars| a month)", (DOCS / page).read_text())
    assert named
    assert [figure for figure in named if figure not in cost] == []


def test_tests_that_the_page_on_proof_counts_by_their_rows_are_as_many() -> None:
    """Those that can be counted without running or collecting anything."""
    proof = (DOCS / "proof.md").read_text()
    rows = len(re.findall(r"^\| .+? \| \[.+?\]\(https.+?\) \| \w+ \|", (DOCS / "aws.md").read_text(), re.MULTILINE))
    only_read = len(re.findall(r"\| read \| \|$", (DOCS / "aws.md").read_text(), re.MULTILINE))
    named = set(re.findall(r"^\* `\S+\.py::\w+`$", (DOCS / "owasp-api-security.md").read_text(), re.MULTILINE))
    assert f"{rows} rows, {only_read} of them only read" in proof
    assert f"{len(named)} tests named" in proof
