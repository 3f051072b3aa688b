"""The README is true."""

import json
import re
from decimal import Decimal

import pytest
from pydantic.fields import FieldInfo

from infra.operations import ROUTES
from infra.settings import EdgeSettings, StageSettings
from local.synthesis import PROJECT

README = (PROJECT / "README.md").read_text()


def test_the_readme_lists_the_routes_and_who_may_call_them() -> None:
    listed = re.findall(r"^\| `(GET|POST|PATCH) (/\S+)` \| (anyone|signed in) \|", README, re.MULTILINE)

    assert listed == [(route.method, route.path, route.access.value) for route in ROUTES]


def test_the_readme_lists_every_setting_with_its_default() -> None:
    fields = {name: field for name, field in StageSettings.model_fields.items() if name != "stage"}
    listed = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", README, re.MULTILINE))

    assert list(listed) == [field.alias for field in fields.values()]
    for field in fields.values():
        assert listed[str(field.alias)] == _default(field)


def test_the_readme_lists_what_an_edge_is_set_to() -> None:
    fields = EdgeSettings.model_fields.values()
    listed = dict(re.findall(r"^\| `edge\.(\w+)` \| (.+?) \|", README, re.MULTILINE))
    assert listed == {field.alias: _default(field) for field in fields}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    value = field.default
    return "none" if value is None else f"`{value if isinstance(value, Decimal) else json.dumps(value)}`"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([a-z-]+)", README))))
def test_every_make_target_that_the_readme_names_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert (PROJECT / link).exists()
