"""GET /billing/payments/{orderId}"""

from http import HTTPStatus

from billing.billing_table import BillingTable
from billing.views import PAYMENT, PaymentView, payment_view
from shared.http import Request, Response, operation
from shared.interface import Interface, interface
from shared.order_id import PARAMETER, order_id_of
from shared.problems import NotFoundError

billing = BillingTable.of_stage()


@operation
@interface(Interface(path={"orderId": PARAMETER}, gives=PaymentView, example=PAYMENT, refuses=(NotFoundError,)))
def handler(request: Request) -> Response:
    """Get the payment of one of the caller's orders. One read, and one more when it was returned.

    404 before the first attempt to pay the order, for another user's order, and for an unknown id.
    """
    payment = billing.payment(order_id_of(request, "orderId"))
    if payment is None or payment.profile_id != request.caller.profile_id:
        raise NotFoundError
    taken = billing.entry(payment.profile_id, payment.entry) if payment.refund_entry and payment.entry else None
    return Response(HTTPStatus.OK, payment_view(payment, taken, billing.currency))
