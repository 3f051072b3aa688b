"""What is uploaded: the same bytes from the same sources, wherever and whenever they are put together."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local.synthesis import PROJECT
from tests.infra.stages import LOCAL

SERVICES = sorted(path.parent.name for path in (PROJECT / "functions").glob("*/__init__.py"))

_BUILD = """
import json, sys
from infra import assets
folders = {service: assets.service_code(service) for service in sys.argv[1:]} | {"shared": assets.shared_layer()}
print(json.dumps({name: str(folder) for name, folder in folders.items()}))
"""

type Content = dict[Path, str]
"""Hashes of files."""


def _copy(to: Path) -> Path:
    for name in ("infra", "layers", "functions"):
        shutil.copytree(PROJECT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def _built(project: Path) -> dict[str, Content]:
    """What is uploaded for each service and for the shared layer of `project`."""
    command = [sys.executable, "-c", _BUILD, *SERVICES]
    done = subprocess.run(command, cwd=project, check=True, capture_output=True, text=True)
    return {name: _content(Path(folder)) for name, folder in json.loads(done.stdout).items()}


def _content(folder: Path) -> Content:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_sources_give_the_same_bytes_in_another_place_at_another_time(tmp_path: Path) -> None:
    here, there = _copy(tmp_path / "here"), _copy(tmp_path / "far" / "away")
    for source in there.rglob("*.py"):
        os.utime(source, (1_000_000_000, 1_000_000_000))
    first = _built(here)
    assert first == _built(there)
    assert first == _built(here)
    assert all(first.values())


def test_what_is_deployed_is_what_the_sources_give(tmp_path: Path) -> None:
    built = _built(_copy(tmp_path))
    for module, function in LOCAL.function_ids.items():
        assert built[module.partition(".")[0]] == _content(LOCAL.asset(function))
    assert built["shared"] == _content(LOCAL.layer("Shared"))


@pytest.mark.parametrize("service", [*SERVICES, "shared"])
def test_a_change_in_one_service_redeploys_that_service_alone(service: str, tmp_path: Path) -> None:
    project = _copy(tmp_path)
    before = _built(project)
    folder = project / ("layers/shared/python/shared" if service == "shared" else f"functions/{service}")
    changed = folder / "__init__.py"
    changed.write_text(f"{changed.read_text()}\nCHANGED = True\n")
    after = _built(project)
    assert [name for name in before if before[name] != after[name]] == [service]


def test_tests_and_caches_beside_a_source_do_not_change_what_is_uploaded(tmp_path: Path) -> None:
    project = _copy(tmp_path)
    before = _built(project)
    cache = project / "functions" / "orders" / "__pycache__"
    cache.mkdir()
    (cache / "order.cpython-312.pyc").write_bytes(b"left by another Python")
    assert _built(project) == before
