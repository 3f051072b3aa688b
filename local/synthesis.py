"""The template of a stage, synthesized once for each state of the sources."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.failure import LocalCloudError

PROJECT = Path(__file__).parent.parent
ASSEMBLIES = PROJECT / ".build" / "assemblies"
PLATFORM = "Platform.template.json"
"""The platform's template in an assembly; a stage with an edge has another one."""
TEMPLATES = PROJECT / ".build" / "templates"
_SOURCES = ("app.py", "cdk.json", "pyproject.toml", "uv.lock", "package-lock.json", "infra", "functions", "layers")
_OF_TEMPLATE = ("app.py", "cdk.json", "infra")
"""The sources that affect tables, settings and routes; handlers do not."""
_KEPT = 12
"""Assemblies to keep: some states of the sources, for three stages and what `make synth` checks in addition."""


def assembly(stage: str, changes: Mapping[str, Any] | None = None) -> Path:
    """The cloud assembly of `stage` (template and assets); 10 s when a source has changed, else at once.

    `changes` override its settings in cdk.json.

    Raises LocalCloudError when synth fails.
    """
    stages = _changed(stage, changes) if changes else {}
    folder = ASSEMBLIES / f"{stage}-{_digest(also=json.dumps(stages))}"
    with _alone():
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            _synthesize({"stage": stage, **stages}, unfinished)
            unfinished.rename(folder)
            _forget_old()
    return folder


def template(stage: str) -> dict[str, Any]:
    """The template of `stage`, synthesized only when the infrastructure has changed; its assets may be older.

    Raises LocalCloudError when synth fails.
    """
    kept = TEMPLATES / f"{stage}-{_digest(_OF_TEMPLATE)}.json"
    if not kept.exists():
        text = (assembly(stage) / PLATFORM).read_text()
        TEMPLATES.mkdir(exist_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}")
        unfinished.write_text(text)
        unfinished.rename(kept)
    loaded: dict[str, Any] = json.loads(kept.read_text())
    return loaded


@contextmanager
def _alone() -> Iterator[None]:
    """One synth at a time: all build their assets in the same .build/."""
    ASSEMBLIES.mkdir(parents=True, exist_ok=True)
    with (ASSEMBLIES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _changed(stage: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    stages = json.loads((PROJECT / "cdk.json").read_text())["context"]["stages"]
    return {"stages": {stage: {**stages[stage], **changes}}}


def _synthesize(context: Mapping[str, Any], folder: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "CDK_OUTDIR": str(folder),
        "CDK_CONTEXT_JSON": json.dumps(context),
    }
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        log = ASSEMBLIES / "synth.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout + done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise LocalCloudError(f"synth failed: {lines[-1] if lines else 'no word why'} (all of it: {log})")


def _digest(sources: Sequence[str] = _SOURCES, also: str = "{}") -> str:
    digest = hashlib.sha256(also.encode())
    for path in _source_files(sources):
        digest.update(str(path.relative_to(PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _source_files(sources: Sequence[str]) -> Iterator[Path]:
    for name in sources:
        path = PROJECT / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in files if file.is_file() and "__pycache__" not in file.parts)


def _forget_old() -> None:
    folders = sorted(ASSEMBLIES.glob("*-*"), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in folders[_KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
