"""What the functions of released versions may do.

`python -m tests.infra.released_grants` (part of `make release`) records what today's may do as that of the contract's
version. tests/infra/test_rollout.py holds the next version to it.
"""

import json

from infra.contract.openapi import VERSION
from tests.grants.grants import grants
from tests.infra.stages import Stage
from tests.scaffolding.releases import FOLDER, latest

type Grants = dict[str, list[str]]
"""By module."""


def granted(stage: Stage) -> Grants:
    """What each function of a stage may do."""
    by_module: Grants = {}
    for grant in grants(stage):
        by_module.setdefault(grant.module, []).append(f"{grant.action} on {grant.resource}")
    return by_module


def granted_to_latest() -> Grants:
    """What each function of the latest released version might do, on the local stage."""
    recorded: Grants = json.loads((FOLDER / f"{latest()}.grants.json").read_text())
    return recorded


if __name__ == "__main__":
    (FOLDER / f"{VERSION}.grants.json").write_text(json.dumps(granted(Stage("local")), indent=1) + "\n")
