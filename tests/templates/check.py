"""`make synth`: every stage of cdk.json is synthesized, which runs cdk-nag, and its template linted by cfn-lint.

And compared with what was agreed on of all that holds data; `make stateful` agrees on what is there now.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from infra.standards.stateful import agree, agreed, losses, stateful
from local.failure import LocalCloudError
from local.synthesis import PLATFORM, PROJECT, assembly

_AT_ONCE = 2
"""One stage is linted while the next is synthesized."""
_IGNORED = "W3005"
"""CDK writes dependencies that a reference implies already."""


EDGE: dict[str, Any] = {
    "apiDomain": "origin.example.com",
    "apiCertificate": "arn:aws:acm:eu-west-1:111122223333:certificate/origin",
    "edge": {
        "domain": "api.example.com",
        "certificate": "arn:aws:acm:us-east-1:111122223333:certificate/api",
        "clientCertificate": "arn:aws:acm:us-east-1:111122223333:certificate/client",
        "truststore": "docs/edge/truststore.example.pem",
    },
}
"""Settings that no stage of cdk.json has, and that add a stack. `prod` is checked with them too."""


def main() -> None:
    """Check every stage; the exit code is not 0 when one has a finding."""
    stages: list[tuple[str, dict[str, Any]]] = [
        (stage, {}) for stage in json.loads((PROJECT / "cdk.json").read_text())["context"]["stages"]
    ]
    stages.append(("prod", EDGE))
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            clean = pool.map(lambda each: _is_clean(*each), stages)
            failed = [stage for (stage, _), is_clean in zip(stages, clean, strict=True) if not is_clean]
    except LocalCloudError as error:
        sys.exit(f"synth: {error}")
    if failed:
        sys.exit(f"synth: findings in: {', '.join(failed)}")


def _is_clean(stage: str, changes: Mapping[str, Any]) -> bool:
    started = time.perf_counter()
    folder = assembly(stage, changes)
    content = json.loads((folder / PLATFORM).read_text())
    now = stateful(content)
    if "--agree" in sys.argv and not changes:
        agree(stage, now)
    lost = list(losses(agreed(stage), now))
    for loss in lost:
        print(f"{stage:8} {loss}")
    lint, templates = Path(sys.executable).parent / "cfn-lint", sorted(folder.glob("*.template.json"))
    done = subprocess.run([lint, "--ignore-checks", _IGNORED, "--template", *templates], check=False)
    word = "clean" if done.returncode == 0 else "has findings"
    counts = f"{len(content['Resources'])} resources, {len(now)} of them hold data"
    name = f"{stage} with an edge" if changes else f"{stage:8}"
    print(f"{name} {counts}, cdk-nag clean, cfn-lint {word} ({time.perf_counter() - started:.0f} s)")
    return done.returncode == 0 and not lost


if __name__ == "__main__":
    main()
