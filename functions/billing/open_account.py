"""ProfileCreated: open the profile's account."""

from billing.billing_table import BillingTable
from shared.consumer import Message, consumer
from shared.dynamodb import ConditionFailedError

billing = BillingTable.of_stage()


@consumer("ProfileCreated")
def handler(message: Message) -> None:
    """Open an account, once, however often told; a deposit may have opened it before. One write."""
    try:
        billing.open_account(message.event["profileId"])
    except ConditionFailedError:
        return
