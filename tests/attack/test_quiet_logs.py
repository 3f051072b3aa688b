"""No line of any log, and no event, holds what would open a door or name a person, however requests end."""

from tests.attack.log_scan import BREAKING, scan
from tests.attack.scene import Scene


def test_no_line_and_no_event_tells_a_secret_or_a_name(everybody: Scene) -> None:
    looked_at = scan(everybody)

    assert looked_at.findings == []
    assert len(looked_at.lines) > 500
    heard = {event["detail-type"] for event in looked_at.events}
    assert heard >= {"ProfileCreated", "OrderPaid", "OrderCanceled", "DepositAccepted"}
    assert sum("an AWS call failed" in line for line in looked_at.lines) >= len(BREAKING)
