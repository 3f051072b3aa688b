"""`make synth`: every stage of cdk.json is synthesized, which runs cdk-nag, and its template linted by cfn-lint.

And compared with what was agreed on of all that holds data; `make stateful` agrees on what is there now.
"""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.stateful import agree, agreed, losses, stateful
from local.failure import LocalCloudError
from local.synthesis import PROJECT, assembly

_AT_ONCE = 2
"""One stage is linted while the next is synthesized."""
_IGNORED = "W3005"
"""CDK writes dependencies that a reference implies already."""


def main() -> None:
    """Check every stage; the exit code is not 0 when one has a finding."""
    stages = json.loads((PROJECT / "cdk.json").read_text())["context"]["stages"]
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            failed = [stage for stage, clean in zip(stages, pool.map(_is_clean, stages), strict=True) if not clean]
    except LocalCloudError as error:
        sys.exit(f"synth: {error}")
    if failed:
        sys.exit(f"synth: findings in: {', '.join(failed)}")


def _is_clean(stage: str) -> bool:
    started = time.perf_counter()
    template = next(assembly(stage).glob("*.template.json"))
    content = json.loads(template.read_text())
    now = stateful(content)
    if "--agree" in sys.argv:
        agree(stage, now)
    lost = list(losses(agreed(stage), now))
    for loss in lost:
        print(f"{stage:8} {loss}")
    done = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", "--ignore-checks", _IGNORED, "--template", template], check=False
    )
    word = "clean" if done.returncode == 0 else "has findings"
    counts = f"{len(content['Resources'])} resources, {len(now)} of them hold data"
    print(f"{stage:8} {counts}, cdk-nag clean, cfn-lint {word} ({time.perf_counter() - started:.0f} s)")
    return done.returncode == 0 and not lost


if __name__ == "__main__":
    main()
