"""How orders requests a payment from billing: a direct call of its function, allowed only by IAM."""

from orders.order import Order
from shared import aws, correlation, environment
from shared.logs import logger
from shared.pay_order import PayOrder, PayOrderAnswer
from shared.payments import Outcome
from shared.problems import DependencyUnavailableError
from shared.wire import read_json, write_json


class BillingClient:
    """Billing's pay_order, as a function to call."""

    def __init__(self, function_name: str) -> None:
        self._function_name = function_name
        self._client = aws.client("lambda")

    @classmethod
    def of_stage(cls) -> "BillingClient":
        """The function that this one is deployed with."""
        return cls(environment.required("PAY_ORDER_FUNCTION"))

    def pay(self, order: Order, amount: int) -> Outcome:
        """Take `amount` (minor units) for the frozen `order`, once, and wait for the outcome.

        Raises DependencyUnavailableError when billing failed: it is unknown then whether money was taken; calling again
        returns the outcome. One call.
        """
        call = PayOrder(
            orderId=order.id,
            profileId=order.profile_id,
            amount=amount,
            attempt=order.version,
            correlationId=correlation.current(),
        )
        payload = write_json(call.model_dump()).encode()
        answer = self._client.invoke(FunctionName=self._function_name, Payload=payload)
        if "FunctionError" in answer:
            logger.error("billing could not take a payment", orderId=order.id, functionError=answer["FunctionError"])
            raise DependencyUnavailableError
        return PayOrderAnswer.model_validate(read_json(answer["Payload"].read())).outcome
