"""The page on OWASP's ten risks names existing files and tests."""

import ast
import re
from functools import cache

import pytest

from local.synthesis import PROJECT

PAGE = (PROJECT / "docs/owasp-api-security.md").read_text()
RISKS = dict(re.findall(r"^## (API\d+) [^\n]+\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
TESTS = sorted(set(re.findall(r"^\* `(\S+\.py::\w+)`$", PAGE, re.MULTILINE)))
FILES = sorted(set(re.findall(r"`((?:functions|infra|layers|local|tests)/[\w/.-]+)`", PAGE)))


@cache
def names_in(path: str) -> set[str]:
    """The tests of a file, those of its classes too."""
    nodes = ast.walk(ast.parse((PROJECT / path).read_text()))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_of_the_ten_risks_has_its_protection_and_its_tests() -> None:
    assert list(RISKS) == [f"API{number}" for number in range(1, 11)]
    for risk, said in RISKS.items():
        assert any(f"`{file}`" in said for file in FILES), risk
        assert any(f"`{test}`" in said for test in TESTS), risk


@pytest.mark.parametrize("test", TESTS)
def test_a_test_that_the_page_names_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert name in names_in(path)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_the_page_names_exists(file: str) -> None:
    assert (PROJECT / file).is_file()


def test_every_bullet_of_the_page_is_a_test() -> None:
    assert len(TESTS) > 40
    assert len(re.findall(r"^\* ", PAGE, re.MULTILINE)) == len(re.findall(r"^\* `\S+\.py::\w+`$", PAGE, re.MULTILINE))
