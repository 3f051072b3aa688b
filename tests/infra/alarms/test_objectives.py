"""docs/slo.md says what the alarms on the objectives do."""

import re

from infra.observability.objectives import AVAILABILITY, BURNS, FEWEST, LATENCY, PROMPT
from local.places import PROJECT

PAGE = (PROJECT / "docs/slo.md").read_text()
_NUMBERS = {5: "five"}


def test_the_page_has_the_targets() -> None:
    targets = dict(re.findall(r"^\| (availability|latency) \| ([\d.]+) %", PAGE, re.MULTILINE))
    assert targets == {each.name: f"{100 * (1 - each.budget):g}" for each in (AVAILABILITY, LATENCY)}
    assert f"within {PROMPT.to_seconds():g} s |" in PAGE
    assert f"`{LATENCY.metric}` of API Gateway, `{LATENCY.statistic}`" in PAGE
    assert f"Fewer than {_NUMBERS[FEWEST]} requests" in PAGE


def test_the_page_has_every_alarm_with_its_rate_windows_and_share() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| ([\d.]+) \| (\d+) h and (\d+) min \| ([\d.]+) % \| (\d+) % \|$", PAGE, re.MULTILINE
    )
    hours_of_a_month = 30 * 24
    assert rows == [
        (
            f"{objective.name}-burning-{burn.name}",
            f"{burn.rate:g}",
            f"{burn.long.to_hours():g}",
            f"{burn.short.to_minutes():g}",
            f"{100 * burn.rate * objective.budget:g}",
            f"{100 * burn.rate * burn.long.to_hours() / hours_of_a_month:g}",
        )
        for objective in (AVAILABILITY, LATENCY)
        for burn in BURNS
    ]
