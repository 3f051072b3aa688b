"""The examples of docs/api-guide.md, run as they stand there, each with the output that the page shows."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest

from local.places import PROJECT
from tests.e2e.api import Api

GUIDE = (PROJECT / "docs/api-guide.md").read_text()
LOCAL = "http://localhost:4566/api/v1"
"""The API's address on the page."""
RUNS = {
    "sh": ("guide.sh", ["bash", "-euo", "pipefail"], "echo"),
    "python": ("guide.py", [sys.executable], "print"),
    "js": ("guide.mjs", [str(Path(sys.executable).parent / "node")], "console.log"),
}
"""By language: a file for its examples, what runs it, and what prints a line."""


@dataclass(frozen=True, slots=True)
class Example:
    """A block of code, and the output that the page shows below it."""

    language: str
    code: str
    shown: str

    @property
    def pattern(self) -> str:
        """What its real output must match in whole."""
        return re.escape(self.shown.strip()).replace("…", "[^\n]+")


def examples() -> Iterator[Example]:
    """All of the page, in its order."""
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    for (language, code), (next_language, shown) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language != "text":
            yield Example(language, code, shown if next_language == "text" else "")


EXAMPLES = sorted(examples(), key=lambda example: example.language)
BY_LANGUAGE = {language: list(group) for language, group in groupby(EXAMPLES, lambda example: example.language)}


def test_there_are_examples_in_each_language_and_each_output_is_one_examples() -> None:
    assert BY_LANGUAGE.keys() == RUNS.keys()
    assert sum(bool(example.shown) for example in EXAMPLES) == GUIDE.count("\n```text\n")
    # Only the two that define a client print nothing.
    assert sum(not example.shown for example in EXAMPLES) == 2


@pytest.mark.parametrize("language", RUNS)
def test_the_examples_of_a_language_print_what_the_page_shows(language: str, api: Api, tmp_path: Path) -> None:
    name, command, say = RUNS[language]
    program = tmp_path / name
    mark = "=== end of an example ==="
    between = f'\n{say}("\\n{mark}")\n' if language != "sh" else f"\n{say}; {say} '{mark}'\n"
    text = "".join(example.code + between for example in BY_LANGUAGE[language])
    assert text.count(LOCAL) == 1
    program.write_text(text.replace(LOCAL, api.stack["apiUrl"]))

    done = subprocess.run([*command, program], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stdout + done.stderr
    outputs = done.stdout.split(mark)
    for example, output in zip(BY_LANGUAGE[language], outputs, strict=False):
        assert re.fullmatch(example.pattern, output.strip()), f"{example.code}\nprinted\n{output}"
    assert len(outputs) == len(BY_LANGUAGE[language]) + 1
