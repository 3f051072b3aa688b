"""`make checkov`: a second opinion on what is deployed to AWS. The exit code is not 0 when it has a finding.

What is neither mended nor explained on its resource (infra/standards/guardrails.py) is a finding.
"""

import sys
import time

from local.failure import LocalCloudError
from local.synthesis import PLATFORM, assembly
from tests.templates.checkov.second_opinion import opinions

STAGES = ("dev", "prod")


def main() -> None:
    """Check the stages' templates."""
    started = time.perf_counter()
    try:
        said = opinions([assembly(stage) / PLATFORM for stage in STAGES])
    except LocalCloudError as error:
        sys.exit(f"checkov: {error}")
    for stage, opinion in zip(STAGES, said, strict=True):
        for (resource, check), demand in sorted(opinion.failed.items()):
            print(f"{stage:8} {resource} fails {check}: {demand}")
        print(f"{stage:8} {opinion.passed} passed, {len(opinion.failed)} failed; skipped {opinion.skipped_by_check}")
    print(f"checkov: {time.perf_counter() - started:.0f} s")
    if any(opinion.failed for opinion in said):
        sys.exit("checkov: mend each finding, or explain it on its resource in infra/standards/guardrails.py")


if __name__ == "__main__":
    main()
