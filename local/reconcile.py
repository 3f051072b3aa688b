"""`make reconcile`: have the books audited now, and see what was found; the exit code is not 0 on any finding."""

import json
import sys
from typing import Any

from botocore.config import Config

from local.failure import LocalCloudError
from local.target import Target

_LONGEST_AUDIT = Config(read_timeout=900, retries={"total_max_attempts": 1})


def reconcile(target: Target, *, settling_seconds: int | None = None) -> dict[str, Any]:
    """The report of the function `reconciliation.reconcile`; 0 settling seconds for a system that is at rest.

    Raises LocalCloudError when the function fails.
    """
    call = {} if settling_seconds is None else {"settlingSeconds": settling_seconds}
    functions = target.aws.client("lambda", endpoint_url=target.endpoint, config=_LONGEST_AUDIT)
    answer = functions.invoke(
        FunctionName=f"{target.stack_name}-reconciliation-reconcile", Payload=json.dumps(call).encode()
    )
    report: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise LocalCloudError(f"reconciliation failed: {report.get('errorMessage')}")
    return report


def print_report(report: dict[str, Any]) -> None:
    """A line a finding, and the totals last."""
    for finding in report["findings"]:
        print(f"  {finding['table']:8} {finding['row']:80} {finding['rule']}")
    rows = ", ".join(f"{count} {kind}" for kind, count in report["rows"].items())
    print(f"reconcile: {rows}: {report['total']} findings in {report['seconds']} s")


def main() -> None:
    """Audit the stage that STAGE names, else the local cloud."""
    try:
        with Target.chosen() as target:
            report = reconcile(target)
    except LocalCloudError as error:
        sys.exit(f"reconcile: {error}")
    print_report(report)
    sys.exit(report["total"] > 0)


if __name__ == "__main__":
    main()
