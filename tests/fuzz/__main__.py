"""`make fuzz`: requests that schemathesis makes of /openapi.json, as it is served, against a local cloud.

Authenticated; good data and bad; links followed from operation to operation. Every answer must be as documented:
status, media type, headers, shape, code. FUZZ sets how many cases an operation gets in the random phase, SEED which.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from local.failure import LocalCloudError
from tests.e2e.api import Api
from tests.e2e.own_cloud import own_cloud

HERE = Path(__file__).parent
CASES = int(os.environ.get("FUZZ") or 130)
SEED = int(os.environ.get("SEED") or 20261124)
LEAST_REQUESTS = min(3000, 25 * CASES)
NEVER_SUCCEED = {
    "POST /register/confirm": "this stage confirms users by itself, and their codes are in no answer",
    "POST /profiles": "signing up has created every profile",
}
"""Operations that can't succeed from outside, each with the reason."""


def main() -> None:
    """Start a cloud and fuzz it; the exit code is not 0 when an answer was not as documented, or too few came."""
    started = time.perf_counter()
    print(f"fuzz: seed {SEED}, {CASES} random cases an operation (SEED=… FUZZ=… to change)", flush=True)
    try:
        with own_cloud(timeout=30) as (api, folder):
            document = api.get("/openapi.json").raise_for_status().json()
            code, told = _fuzz(api, document, folder)
    except LocalCloudError as error:
        sys.exit(f"fuzz: {error}")
    wrong = [f"schemathesis found failures or errors (exit code {code})"] if code else []
    tally = {operation: Counter(counts) for operation, counts in told["answers"].items()}
    wrong += _print_table(document, tally)
    wrong += _print_lives(told["lives"])
    print("\n  no fault, though the request fits the document:")
    for reason, count in sorted(told["excused"].items()):
        print(f"  {count:8}  {reason}")
    requests = sum(counts.total() for counts in tally.values())
    if requests < LEAST_REQUESTS:
        wrong.append(f"{requests} requests, fewer than {LEAST_REQUESTS}")
    for line in wrong:
        print(f"  WRONG: {line}")
    print(
        f"fuzz: {requests} requests over {len(tally)} operations in {time.perf_counter() - started:.0f} s, "
        f"seed {SEED}: {len(wrong)} failures"
    )
    sys.exit(bool(wrong))


def _fuzz(api: Api, document: dict[str, Any], directory: Path) -> tuple[int, dict[str, Any]]:
    """Run schemathesis; gives its exit code, and what the hooks have counted."""
    schema, tally = directory / "openapi.json", directory / "tally.json"
    schema.write_text(json.dumps(document))
    stays, leaves = api.new_user(), api.new_user()
    command: list[str | Path] = [
        *(Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run", schema),
        *("--url", api.stack["apiUrl"], "--seed", str(SEED), "--max-examples", str(CASES), "--no-color"),
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
        "FUZZ_API": api.stack["apiUrl"],
        "FUZZ_TOKEN": stays.tokens.access,
        "FUZZ_REFRESH_TOKEN": stays.tokens.refresh,
        "FUZZ_PROFILE": stays.profile_id,
        "FUZZ_PAID_ORDER": stays.with_money(10).order_in("PAID")["id"],
        "FUZZ_LEAVER": json.dumps(leaves.credentials.sign_in()),
        "FUZZ_TALLY": str(tally),
        "COLUMNS": "120",
    }
    done = subprocess.run(command, cwd=HERE.parent.parent, env=environment, check=False)
    nothing: dict[str, Any] = {"answers": {}, "excused": {}, "lives": []}
    return done.returncode, json.loads(tally.read_text()) if tally.exists() else nothing


def _print_table(document: dict[str, Any], tally: dict[str, Counter[str]]) -> list[str]:
    """Print what each operation was asked and answered; gives what is not as it must be."""
    print(f"\n  {'operation':45} requests  answers")
    wrong = []
    for path, methods in document["paths"].items():
        for method in methods:
            operation = f"{method.upper()} {path}"
            counts = tally.get(operation, Counter())
            answers = " ".join(f"{status}×{count}" for status, count in sorted(counts.items()))
            print(f"  {operation:45} {counts.total():8}  {answers}")
            if not any(re.match("[23]", status) for status in counts) and operation not in NEVER_SUCCEED:
                wrong.append(f"{operation} never succeeded: nothing behind its checks was fuzzed")
    return wrong


def _print_lives(lives: list[list[str]]) -> list[str]:
    """Print how far links were followed; gives what was not reached."""
    print()
    wrong = []
    for way in (["create", "get"], ["create", "execute"], ["create", "execute", "execute"]):
        went = sum(_is_way(way, life) for life in lives)
        print(f"  {' → '.join(way):45} {went:8}  of {len(lives)} orders")
        if not went:
            wrong.append(f"no order went the way {' → '.join(way)}")
    return wrong


def _is_way(way: list[str], life: list[str]) -> bool:
    """Whether all steps of `way` come in `life`, in this order."""
    steps = iter(life)
    return all(step in steps for step in way)


if __name__ == "__main__":
    main()
