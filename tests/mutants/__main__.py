"""`make mutants`: sabotage the code in one way after another, and see that the suites catch each."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from local.synthesis import PROJECT, assembly
from tests.mutants.sabotages import SABOTAGES, Sabotage

# From the fastest to the most thorough; a mutant is killed by the first that fails. The sources come by PYTHONPATH.
SUITES = {
    "histories": [sys.executable, "-m", "tests.simulation.histories", "--seeds", "24", "--base", "1", "--first"],
    "tests": [
        *(sys.executable, "-m", "pytest", "-qx", "-n", "2", "-o", "pythonpath=.", "-p", "no:cacheprovider"),
        *(
            "tests/unit/test_http.py",
            "tests/unit/test_wire.py",
            "tests/unit/test_ledger.py",
            "tests/unit/test_payment.py",
            "tests/integration/test_error_classes.py",
            "tests/integration/test_guards.py",
            "tests/integration/test_consistency.py",
        ),
        *("tests/integration/test_idempotency.py", "tests/integration/test_paging.py"),
        *("tests/integration/test_payments.py", "tests/integration/test_relay.py", "tests/integration/test_billing.py"),
        *("tests/integration/test_orders.py", "tests/integration/test_known_failures.py"),
        *("tests/integration/test_races.py", "tests/integration/test_refused_tokens.py"),
        "tests/integration/test_audits.py",
    ],
    "crash matrix": [sys.executable, "-m", "tests.simulation.crash_matrix", "--first"],
}

_STRIDE = int(os.environ.get("STRIDE") or 1)
"""Every how manieth sabotage is tried; CI, which has less time, tries some, and others each day."""
_BEFORE = ("crash matrix",) if os.environ.get("TESTED") else tuple(SUITES)
"""The suites that must pass before, on the code as it is; in CI the others have just passed."""
_FIRST = date.today().toordinal() % _STRIDE  # noqa: DTZ011 - any day will do


def main() -> None:
    """Run all sabotages; the exit code is not 0 when one survives."""
    started = time.perf_counter()
    assembly("local")
    if killer := _killed_by(PROJECT, _BEFORE):
        sys.exit(f"mutants: {killer} fails on the code as it is")
    survived = []
    chosen = SABOTAGES[_FIRST::_STRIDE]
    for sabotage in chosen:
        with tempfile.TemporaryDirectory() as directory:
            killer = _killed_by(_sabotaged(sabotage, Path(directory)))
        print(f"  {'killed by ' + killer if killer else 'SURVIVED':24} {sabotage.name}", flush=True)
        survived += [] if killer else [sabotage.name]
    killed = len(chosen) - len(survived)
    print(f"mutants: {killed} killed, {len(survived)} survived in {time.perf_counter() - started:.0f} s")
    sys.exit(bool(survived))


def _sabotaged(sabotage: Sabotage, directory: Path) -> Path:
    """A copy of the sources with the sabotage in it."""
    for sources in ("functions", "layers/shared/python"):
        shutil.copytree(PROJECT / sources, directory / sources, ignore=shutil.ignore_patterns("__pycache__"))
    for change in sabotage.changes:
        path = directory / change.path
        text = path.read_text()
        if text.count(change.old) != 1:
            sys.exit(f"mutants: the place of {sabotage.name!r} in {change.path} has changed; mend the sabotage")
        path.write_text(text.replace(change.old, change.new))
    return directory


def _killed_by(sources: Path, suites: tuple[str, ...] = tuple(SUITES)) -> str:
    """The first of the suites that fails on these sources; empty when all pass."""
    path = [str(sources / "functions"), str(sources / "layers/shared/python")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in suites:
        done = subprocess.run(SUITES[name], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            return name
    return ""


if __name__ == "__main__":
    main()
