"""ProfileCreated: open the profile's account."""

from billing.billing_table import BillingTable
from shared.consumer import consumer
from shared.dynamodb import ConditionFailedError
from shared.events import ProfileCreated

billing = BillingTable.of_stage()


@consumer(ProfileCreated)
def handler(event: ProfileCreated) -> None:
    """Open the account. Idempotent; a deposit may have opened it already. One write."""
    try:
        billing.open_account(event.profileId)
    except ConditionFailedError:
        return
