"""The sabotages: what each changes in the sources. A change whose place is gone stops the run: it must be kept up."""

from dataclasses import dataclass

BILLING_TABLE = "functions/billing/billing_table.py"
ORDER_TABLE = "functions/orders/order_table.py"
RELAY = "functions/events/relay.py"
CONSUMER = "layers/shared/python/shared/consumer.py"
ORDER = "functions/orders/order.py"
DYNAMODB = "layers/shared/python/shared/dynamodb.py"
PROGRESS = "functions/reconciliation/progress.py"


@dataclass(frozen=True, slots=True)
class Change:
    """In the file at `path`, `old` (there once) becomes `new`."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Sabotage:
    """One mutant: its name, and its changes."""

    name: str
    changes: tuple[Change, ...]


def _sabotage(name: str, path: str, old: str, new: str) -> Sabotage:
    return Sabotage(name, (Change(path, old, new),))


SABOTAGES = (
    _sabotage(
        "the void tombstone is not written",
        "functions/billing/return_payment.py",
        "billing.void(Payment(",
        "_ = (Payment(",
    ),
    _sabotage(
        "a declined payment is not voided",
        "functions/billing/return_payment.py",
        "if payment is None or payment.state is PaymentState.DECLINED:",
        "if payment is None:",
    ),
    # The condition alone would not do: the account's own condition makes a second refund look again.
    Sabotage(
        "a refund without its guards",
        (
            Change(BILLING_TABLE, 'Attr("state").eq(PaymentState.TAKEN.value))', 'Attr("pk").exists())'),
            Change(
                "functions/billing/return_payment.py",
                "elif payment.state is PaymentState.TAKEN:",
                "elif payment.state is not PaymentState.VOID:",
            ),
        ),
    ),
    _sabotage(
        "a payment without its guard",
        BILLING_TABLE,
        "    return _IS_NEW | declined_earlier",
        '    return _IS_NEW | declined_earlier | Attr("pk").exists()',
    ),
    Sabotage(
        "the conditions on account and entry dropped",
        (
            Change(
                BILLING_TABLE,
                "_account_item(account), _follows(entry))",
                '_account_item(account), Attr("x").not_exists())',
            ),
            Change(
                BILLING_TABLE, "OUTBOX_ATTRIBUTE: event}, _IS_NEW)", 'OUTBOX_ATTRIBUTE: event}, Attr("x").not_exists())'
            ),
        ),
    ),
    _sabotage(
        "the event in a write of its own, after the money's",
        BILLING_TABLE,
        "            self.table.putting({**_entry_item(entry), OUTBOX_ATTRIBUTE: event}, _IS_NEW),\n"
        "            beside,\n        )\n",
        "            self.table.putting(_entry_item(entry), _IS_NEW),\n            beside,\n        )\n"
        "        self.table.put({**_entry_item(entry), OUTBOX_ATTRIBUTE: event})\n",
    ),
    _sabotage("the balance check off by one", "functions/billing/ledger.py", "if balance < 0:", "if balance < -1:"),
    _sabotage(
        "the chain of hashes not carried on",
        "functions/billing/ledger.py",
        "last_hash=entry.hash, updated_at=now)",
        "updated_at=now)",
    ),
    _sabotage(
        "an entry that gives less back than was paid",
        "functions/billing/return_payment.py",
        "Minor(payment.amount),",
        "Minor(payment.amount - 1),",
    ),
    _sabotage(
        "an idempotency record without its hash",
        "layers/shared/python/shared/idempotency.py",
        'if record["fingerprint"] != self.fingerprint:',
        "if False:",
    ),
    _sabotage(
        "an idempotency record that is not looked for",
        "functions/billing/cash.py",
        "if (stored := key.stored_answer(record)) is not None:",
        "if (stored := None) is not None:",
    ),
    _sabotage(
        "a withdrawal refused because of itself",
        "functions/billing/cash.py",
        "if (stored := key.stored_answer(record)) is None:",
        "if (stored := None) is None:",
    ),
    _sabotage(
        "a thaw given up when it meets a transaction",
        "functions/orders/confirm.py",
        "    on_conflict(attempt)\n",
        "    attempt()\n",
    ),
    _sabotage(
        "declined attempts not remembered",
        "functions/billing/pay_order.py",
        "billing.decline(request.payment(PaymentState.DECLINED, now))",
        "_ = request.payment(PaymentState.DECLINED, now)",
    ),
    _sabotage(
        "FailedEntryCount ignored",
        RELAY,
        'elif "ErrorCode" in result:',
        "elif not result:",
    ),
    _sabotage(
        "an event that is refused for good holds up what is behind it",
        RELAY,
        'if result.get("ErrorCode") in _FINAL:',
        "if not result:",
    ),
    _sabotage(
        "an event that the bus may take later is put away",
        RELAY,
        'if result.get("ErrorCode") in _FINAL:',
        'if "ErrorCode" in result:',
    ),
    _sabotage(
        "the relay keeps its failures to itself",
        RELAY,
        '            return {"batchItemFailures": [{"itemIdentifier": failed[0].sequence_number}]}\n',
        "            continue\n",
    ),
    _sabotage(
        "a consumer that swallows its failures",
        CONSUMER,
        "if attempt >= dead_letters.ATTEMPTS and _is_put_away(record, failure):",
        "if attempt:",
    ),
    _sabotage(
        "OrderPaid has no effect on the order",
        "functions/orders/settle_order.py",
        "        mark_paid(orders, event.profileId, event.orderId)",
        "        _ = event",
    ),
    _sabotage(
        "an order saved whatever its version",
        ORDER_TABLE,
        'Attr("version").eq(order.version - 1))',
        'Attr("version").exists())',
    ),
    _sabotage(
        "an order frozen whatever its state",
        ORDER_TABLE,
        'condition=Attr("state").eq(State.CREATED.value) & Attr("amount").exists(),',
        'condition=Attr("amount").exists(),',
    ),
    _sabotage(
        "order numbers handed out unconditionally",
        ORDER_TABLE,
        'Attr("sk").not_exists() if order.order_number == 1 else previous)',
        'previous | Attr("sk").exists() | Attr("sk").not_exists())',
    ),
    Sabotage(
        "a repeated cancel that publishes again",
        (
            Change(ORDER, "State.CANCELED: set[Event](),", "State.CANCELED: {Event.CANCEL},"),
            Change(ORDER, "if self.has_had(Event.CANCEL):", "if False:"),
        ),
    ),
    _sabotage(
        "a name twice in one object accepted",
        "layers/shared/python/shared/wire.py",
        "    if len(found) < len(members):",
        "    if False:",
    ),
    _sabotage(
        "a cursor on a full last page",
        "layers/shared/python/shared/dynamodb.py",
        'len(answer["Items"]) > limit or',
        'len(answer["Items"]) >= limit or',
    ),
    _sabotage(
        "a refused token whose reason is ignored",
        "layers/shared/python/shared/http.py",
        "        _ = request.caller\n",
        "",
    ),
    _sabotage(
        "a refused token that passes for its claims",
        "functions/auth/authorize.py",
        '{"isAuthorized": True, "context": refusal_context(refused)}',
        '{"isAuthorized": True, "context": Caller("anyone", "anyone", "any").context()}',
    ),
    _sabotage(
        "a notification for each delivery",
        "functions/notifications/notification_table.py",
        '"sk": f"{notification.created_at}#{notification.id}",',
        '"sk": f"{notification.created_at}#{__import__(\'uuid\').uuid4()}",',
    ),
    _sabotage(
        "a transaction that a busy table cancels given up",
        DYNAMODB,
        '    "ThrottlingError",\n',
        "",
    ),
    _sabotage(
        "a transaction still in progress given up",
        DYNAMODB,
        'case "TransactionConflictException" | "TransactionInProgressException":',
        'case "TransactionConflictException":',
    ),
    _sabotage(
        "a transaction tried again though one reason is final",
        DYNAMODB,
        'if reasons & _RETRYABLE_REASONS and reasons <= _RETRYABLE_REASONS | {"None"}:',
        "if reasons & _RETRYABLE_REASONS:",
    ),
    _sabotage(
        "an item read late",
        DYNAMODB,
        "Key=to_item(key), ConsistentRead=True)",
        "Key=to_item(key), ConsistentRead=False)",
    ),
    _sabotage(
        "several items read late",
        DYNAMODB,
        "def get_several(self, *keys: Key, consistent: bool = True)",
        "def get_several(self, *keys: Key, consistent: bool = False)",
    ),
    _sabotage(
        "lists read late",
        DYNAMODB,
        "        consistent: bool = True,\n",
        "        consistent: bool = False,\n",
    ),
    _sabotage(
        "a message put away one attempt too late",
        CONSUMER,
        "attempt >= dead_letters.ATTEMPTS and",
        "attempt > dead_letters.ATTEMPTS and",
    ),
    _sabotage(
        "a dead letter without its reason",
        "layers/shared/python/shared/dead_letters.py",
        'reason = f"{type(failure).__name__}: {failure}"[:_LONGEST_REASON]',
        'reason = "unknown"',
    ),
    _sabotage(
        "a message lost when it can't be put away",
        CONSUMER,
        "messageId=message.messageId)\n        return False",
        "messageId=message.messageId)\n        return True",
    ),
    _sabotage(
        "a refund for another profile's payment",
        "functions/billing/return_payment.py",
        "if payment.profile_id != event.profileId:",
        "if False:",
    ),
    _sabotage(
        "an audit that stops after the first accounts",
        PROGRESS,
        'at_its_end = not others and part["startKey"] is None',
        "at_its_end = not others",
    ),
    _sabotage(
        "an audit that forgets a step's findings",
        PROGRESS,
        '"findings": named, ',
        '"findings": [], ',
    ),
    _sabotage(
        "an audit beside one that runs",
        "functions/reconciliation/plan_audit.py",
        "for arn, other in began.items() if own):",
        "for arn, other in began.items() if not own):",
    ),
    _sabotage(
        "an audit that names a first suspicion",
        "functions/reconciliation/auditor.py",
        "            for finding in self._look_at_purchase(*key)\n        }\n\n    def _check_moves",
        "            for finding in check_purchase(purchase, self._deadlines)\n        }\n\n    def _check_moves",
    ),
    _sabotage(
        "a deleted row that nobody is told of",
        "functions/reconciliation/changes.py",
        'record["eventName"] == "REMOVE"',
        'record["eventName"] == "GONE"',
    ),
    _sabotage(
        "payments that change unnoted",
        "functions/reconciliation/changes.py",
        'elif kind == "PAYMENT":',
        'elif kind == "BILL":',
    ),
    _sabotage(
        "changes judged before their events can have arrived",
        "functions/reconciliation/check_changes.py",
        "seconds_ago=SETTLING_SECONDS - CLOCKS_DIFFER_SECONDS",
        "seconds_ago=-CLOCKS_DIFFER_SECONDS",
    ),
)
