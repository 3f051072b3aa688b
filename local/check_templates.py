"""`make synth`: every stage of cdk.json is synthesized, which runs cdk-nag, and its template linted by cfn-lint."""

import json
import subprocess
import sys
import time
from pathlib import Path

from local.failure import LocalCloudError
from local.synthesis import PROJECT, assembly

_IGNORED = "W3005"
"""CDK writes dependencies that a reference implies already."""


def main() -> None:
    """Check every stage; the exit code is not 0 when one has a finding."""
    stages = json.loads((PROJECT / "cdk.json").read_text())["context"]["stages"]
    try:
        failed = [stage for stage in stages if not _is_clean(stage)]
    except LocalCloudError as error:
        sys.exit(f"synth: {error}")
    if failed:
        sys.exit(f"cfn-lint has findings in: {', '.join(failed)}")


def _is_clean(stage: str) -> bool:
    started = time.perf_counter()
    template = next(assembly(stage).glob("*.template.json"))
    resources = len(json.loads(template.read_text())["Resources"])
    done = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--ignore-checks", _IGNORED, "--template", template], check=False
    )
    word = "clean" if done.returncode == 0 else "has findings"
    print(f"{stage:8} {resources} resources, cdk-nag clean, cfn-lint {word} ({time.perf_counter() - started:.0f} s)")
    return done.returncode == 0


if __name__ == "__main__":
    main()
