"""`make alarms`: every alarm of a stage, tried on a blip and on its fault. The exit code is not 0 when one fails."""

import re
import sys

from local.places import PROJECT
from tests.infra.alarms.faults import FAULTS, row_of
from tests.infra.alarms.trial import rings_after, rings_on_a_blip, rings_when_healthy
from tests.infra.alarms.watch import watches
from tests.infra.stages import LOCAL
from tests.scaffolding.template import template


def main() -> int:
    """Print the table; returns the exit code."""
    rows = set(re.findall(r"^\| `([^`]+)` \|", (PROJECT / "docs/runbook.md").read_text(), re.MULTILINE))
    failed = 0
    print(f"{'alarm':58} {'quiet on a blip':16} {'rings on its fault':20} in the runbook")
    for name, watch in watches(template("local")["Resources"], LOCAL.prefix).items():
        fault = FAULTS[row_of(name)]
        quiet = not rings_when_healthy(watch) and rings_on_a_blip(watch) == {bool(fault.at_once)}
        rings, row = rings_after(watch) == {fault.within}, row_of(name) in rows
        failed += not (quiet and rings and row)
        blip = "rings at once" if fault.at_once else "yes"
        print(
            f"{name:58} {blip if quiet else 'NO':16} {f'after {fault.within} min' if rings else 'NO':20}"
            f" {'yes' if row else 'NO'}{f'  ({fault.at_once})' if fault.at_once else ''}"
        )
    print(f"alarms: {failed} failed" if failed else "alarms: all as they should be")
    return failed


if __name__ == "__main__":
    sys.exit(main())
