"""What checkov says of templates: https://www.checkov.io."""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.failure import LocalCloudError
from local.tools import environment, install

type Finding = tuple[str, str]
"""The logical id of a resource, and the id of a check that it fails."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What checkov says of one template."""

    passed: int
    failed: Mapping[Finding, str]
    """What each failed check demands."""
    skipped: Mapping[Finding, str]
    """Why each of these is skipped: the resource's metadata says so."""

    @property
    def skipped_by_check(self) -> str:
        """How often each check is skipped."""
        counts = Counter(check for _, check in self.skipped)
        return ", ".join(f"{check} × {count}" for check, count in sorted(counts.items()))


def opinions(templates: Sequence[Path]) -> list[Opinion]:
    """What checkov says of each of `templates`, in about 15 s. Raises LocalCloudError when it can't tell."""
    install("checkov", "tests/templates")
    options = ("--framework", "cloudformation", "--skip-download", "--compact", "--output", "json", "--soft-fail")
    command: list[str | Path] = [environment("checkov") / "bin" / "checkov", *options, "--file", *templates]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = {}
    if not isinstance(report, dict) or report.get("check_type") != "cloudformation":
        raise LocalCloudError(f"checkov can't tell: {(done.stderr or done.stdout).strip()[-300:]}")
    if report["summary"]["parsing_errors"]:
        raise LocalCloudError(f"checkov can't read {', '.join(report['results']['parsing_errors'])}")
    return [_opinion(report["results"], template) for template in templates]


def _opinion(results: Mapping[str, list[dict[str, Any]]], template: Path) -> Opinion:
    of_this = {
        outcome: [check for check in results[f"{outcome}_checks"] if Path(check["file_abs_path"]).samefile(template)]
        for outcome in ("passed", "failed", "skipped")
    }
    return Opinion(
        passed=len(of_this["passed"]),
        failed={_finding(check): check["check_name"] for check in of_this["failed"]},
        skipped={_finding(check): check["check_result"]["suppress_comment"] for check in of_this["skipped"]},
    )


def _finding(check: Mapping[str, Any]) -> Finding:
    return check["resource"].rpartition(".")[2], check["check_id"]
