"""`make audit-scale`: the whole audit of books of 1,000, 10,000 and 100,000 rows; memory, calls and read units."""

import gc
import io
import sys
import time
import tracemalloc
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.logs import logger
from tests.scaffolding.audits import audit, take
from tests.scaffolding.large_books import ROWS_EACH, LargeBooks
from tests.scaffolding.world import World

SIZES = (1_000, 10_000, 100_000)
WORKERS = 4


@dataclass(frozen=True, slots=True)
class Measured:
    """What an audit took: rows of the books, bytes of memory at most, calls of DynamoDB, read units."""

    rows: int
    peak_bytes: int
    calls: int
    read_units: float
    seconds: float


def measured(rows: int, *, page_rows: int = 500) -> Measured:
    """Audit books of about that many rows. Raises ValueError when the audit does not see them all, sound."""
    with World() as world:
        books = LargeBooks(world, rows // ROWS_EACH)
        with books.stored(), redirect_stdout(io.StringIO()):
            tracemalloc.start()
            began = time.perf_counter()
            report = audit(world, partial(_step, world), workers=WORKERS, pageRows=page_rows, stepSeconds=1)
            seconds = time.perf_counter() - began
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    seen = sum(report["rows"].values())
    if report["findings"] or seen != rows // ROWS_EACH * ROWS_EACH:
        raise ValueError(f"{seen} rows of {rows}, {report['total']} findings: {report['findings'][:3]}")
    return Measured(seen, peak, books.calls.total(), books.units.read, seconds)


def _step(world: World, module: str, payload: Mapping[str, Any]) -> Any:
    """A step as Lambda takes it; what botocore leaves behind in cycles is not what an audit holds."""
    answer = take(world, module, payload)
    gc.collect()
    return answer


def main() -> None:
    """Print a line for each size; the exit code is not 0 when memory grows with the books."""
    logger.setLevel("CRITICAL")
    print(f"{'rows':>8} {'peak MB':>8} {'calls':>7} {'per 1,000':>9} {'read units':>10} {'per 1,000':>9} {'s':>5}")
    results = []
    for size in SIZES:
        each = measured(size)
        results.append(each)
        thousands = each.rows / 1_000
        print(
            f"{each.rows:8,} {each.peak_bytes / 1e6:8.2f} {each.calls:7,} {each.calls / thousands:9.1f}"
            f" {each.read_units:10,.0f} {each.read_units / thousands:9.1f} {each.seconds:5.0f}",
            flush=True,
        )
    sys.exit(results[-1].peak_bytes > 1.5 * results[1].peak_bytes)


if __name__ == "__main__":
    main()
