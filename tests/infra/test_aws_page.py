"""docs/aws.md: every row has its source at AWS, and names an existing test."""

import re

import pytest

from local.places import PROJECT

PAGE = (PROJECT / "docs/aws.md").read_text()
ROWS = re.findall(r"^\| (?!What we rely|---)(.+?) \| \[.+?\]\((.+?)\) \| (\w+) \| (.*?) ?\|$", PAGE, re.MULTILINE)
KINDS = {"emulator", "taught", "moto", "template", "read"}
TESTS = set(
    re.findall(r"def (test_\w+)", "\n".join(file.read_text() for file in (PROJECT / "tests").rglob("test_*.py")))
)
NO_DOUBLES_OF_AWS = {"__init__.py", "addresses.py", "happenings.py", "layers.py", "role_sessions.py"}
"""What makes the emulator faster, safer for several threads, talkative, or easier to reach."""


def test_the_page_has_at_least_sixty_rows_and_every_row_is_read() -> None:
    assert len(ROWS) >= 60
    assert len(ROWS) == len(re.findall(r"^\| ", PAGE, re.MULTILINE)) - 1


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0])[:60])
def test_a_row_says_where_aws_says_so_and_how_it_is_checked(row: tuple[str, str, str, str]) -> None:
    _, address, kind, by = row
    assert address.startswith("https://docs.aws.amazon.com/")
    assert kind in KINDS
    named = re.findall(r"`(test_\w+)`", by)
    assert set(named) <= TESTS
    assert bool(named) is (kind != "read")
    assert bool(re.findall(r"`(\w+\.py)`", by)) is (kind == "taught")


def test_every_teaching_of_the_emulator_has_a_row_and_a_test() -> None:
    taught = {file for _, _, _, by in ROWS for file in re.findall(r"`(\w+\.py)`", by)}
    modules = {file.name for file in (PROJECT / "local/emulated").glob("*.py")}
    assert taught == modules - NO_DOUBLES_OF_AWS
