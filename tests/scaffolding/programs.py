"""Programs that tests need on the machine: a browser, a gateway."""

import os
import shutil
import sys
from pathlib import Path

import pytest

_OWN = str(Path(sys.executable).parent)
_SEARCHED = os.pathsep.join((_OWN, os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))


def needed(*names: str, install: str) -> str:
    """The path of the first installed of these programs.

    Without any, the tests that need it are skipped, and `make test` reports it; in CI they fail.
    """
    for name in names:
        if path := shutil.which(name, path=_SEARCHED):
            return path
    says = f"NOT TESTED: there is no {names[0]} here (to be had by: {install})"
    if os.environ.get("CI"):
        pytest.fail(says)
    pytest.skip(says)
