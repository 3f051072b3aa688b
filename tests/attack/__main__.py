"""`make attack`: the matrix as a table, on a cloud of its own, and a scan of its logs. Exits with 1 at any surprise."""

import sys
import tempfile
import time
from pathlib import Path

from infra.operations import ROUTES, Access
from local.failure import LocalCloudError
from tests.attack.attacks import ATTACKS, CONTROL
from tests.attack.attempts import name_of
from tests.attack.log_scan import scan
from tests.attack.matrix import LEAST_CELLS, Cell, Outcome, cells, run
from tests.attack.scene import scene as cloud_with_everybody


def main() -> None:
    """Run every cell, print the table and the totals."""
    started = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as directory, cloud_with_everybody(Path(directory)) as everybody:
            outcomes = {cell: run(everybody, cell) for cell in cells()}
            looked_at = scan(everybody)
    except LocalCloudError as error:
        sys.exit(f"attack: {error}")
    _print_table(outcomes)
    surprises = [f"{cell}: {surprise}" for cell, outcome in outcomes.items() for surprise in outcome.surprises]
    for surprise in surprises:
        print(f"  SURPRISE {surprise}")
    for finding in looked_at.findings:
        print(f"  FINDING {finding}")
    print(f"log scan: {looked_at}")
    refused = [
        outcome.calls
        for cell, outcome in outcomes.items()
        if cell.attack.is_refused and cell.route.access is Access.SIGNED_IN
    ]
    print(f"AWS calls made by operations for {len(refused)} refused requests: {sum(refused)}")
    attacked = sum(cell.attack is not CONTROL for cell in outcomes)
    print(
        f"attack: {len(ROUTES)} routes × {len(ATTACKS)} attacks = {attacked} cells, {len(outcomes) - attacked} "
        f"controls, in {time.perf_counter() - started:.0f} s: {len(surprises)} surprises"
    )
    sys.exit(bool(surprises or looked_at.findings) or attacked < LEAST_CELLS)


def _print_table(outcomes: dict[Cell, Outcome]) -> None:
    columns = (*ATTACKS, CONTROL)
    for number, attack in enumerate(columns, 1):
        print(f"  {number:2} {attack.name}")
    width = max(len(name_of(route)) for route in ROUTES)
    print(f"\n  {'':{width}} " + " ".join(f"{number:>4}" for number in range(1, len(columns) + 1)))
    for route in ROUTES:
        row = (outcomes[Cell(route, attack)] for attack in columns)
        answers = " ".join(f"{'!' if outcome.surprises else ''}{outcome.status}".rjust(4) for outcome in row)
        print(f"  {name_of(route):{width}} {answers}")
    print()


if __name__ == "__main__":
    main()
