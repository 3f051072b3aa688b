"""The journey in the README, typed literally."""

import re
import subprocess

from local.synthesis import PROJECT
from tests.e2e.api import Api


def test_the_journey_by_hand_pays_an_order(api: Api) -> None:
    readme = (PROJECT / "README.md").read_text()
    [journey] = re.findall(r"## The journey by hand\n\n```sh\n(.*?)```", readme, re.DOTALL)
    where, _, commands = journey.partition("\n")
    assert where.startswith("API=")
    script = f"set -euo pipefail\nAPI='{api.stack['apiUrl']}'\n{commands}"

    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert '"state":"PAID"' in done.stdout
