"""Every function of the platform in one table: what calls it, and what it may access.

API Gateway's routes, IAM, the OpenAPI document and the tests all come from here. To add an operation, add a row and
the module that it names.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.events import (
    DepositAccepted,
    Event,
    OrderCanceled,
    OrderCompleted,
    OrderPaid,
    OrderRefunded,
    ProfileCreated,
)

API_PREFIX = "/api/v1"


class Access(StrEnum):
    """Who may call a route."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"


class Need(StrEnum):
    """A setting in a function's environment, besides its own service's table."""

    CURRENCY = "CURRENCY"
    UNIT_PRICE = "UNIT_PRICE_MINOR"
    USER_POOL = "USER_POOL_ID"
    USER_POOL_CLIENT = "USER_POOL_CLIENT_ID"
    PAY_ORDER = "PAY_ORDER_FUNCTION"
    EVENT_BUS = "EVENT_BUS"
    HOSTED_LOGIN = "HOSTED_LOGIN_URL"


TABLE_VARIABLES = {
    "auth": "SESSIONS_TABLE",
    "profiles": "PROFILES_TABLE",
    "orders": "ORDERS_TABLE",
    "billing": "BILLING_TABLE",
    "notifications": "NOTIFICATIONS_TABLE",
}
"""The environment variable that names a service's table to its functions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One Lambda function. `module` is `service.operation`, the module under functions/ with its `handler`."""

    module: str
    table: tuple[str, ...] = ()
    """The DynamoDB actions that it may use on its own service's table."""
    formerly: tuple[str, ...] = ()
    """Those that the last release used: a role serves old code too while a new version is rolled out."""
    index: str | None = None
    """The index of that table that it may also query."""
    audits: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """The services whose whole tables it may read, with the actions for this; it may do nothing else to them."""
    needs: tuple[Need, ...] = ()
    cognito: tuple[str, ...] = ()
    """The actions that it may use on the user pool: those that need IAM."""
    uses_models: bool = False
    """It reads a body, or reads or writes events: it needs pydantic, which other functions don't load."""
    verifies_tokens: bool = False
    serves_pages: bool = False
    """It serves pages, whose files are in a layer."""
    timeout_seconds: int = 10

    @property
    def service(self) -> str:
        """The service that it belongs to: the folder of its module."""
        return self.module.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name within the stage, such as `orders-create-order`."""
        return self.module.replace(".", "-").replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the API, below /api/v1 or, as a page, outside of it."""

    method: str
    path: str
    access: Access
    function: Function
    prefix: str = API_PREFIX

    @property
    def key(self) -> str:
        """Its name in API Gateway."""
        return f"{self.method} {self.prefix}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """A function that gets events from its own queue; `by_topic` for those that fan out."""

    function: Function
    hears: tuple[type[Event], ...]
    by_topic: bool = False

    @property
    def event_names(self) -> tuple[str, ...]:
        """The names, on the bus, of the events that it subscribes to."""
        return tuple(event.name() for event in self.hears)


def _routes(function: Function, access: Access, *where: str) -> tuple[Route, ...]:
    split = (place.split(" ") for place in where)
    return tuple(Route(method=method, path=path, access=access, function=function) for method, path in split)


def _public(where: str, function: Function) -> tuple[Route, ...]:
    return _routes(function, Access.ANYONE, where)


def _signed_in(where: str, function: Function) -> tuple[Route, ...]:
    return _routes(function, Access.SIGNED_IN, where)


_CURRENCY = (Need.CURRENCY,)
_TOKENS = (Need.USER_POOL, Need.USER_POOL_CLIENT)
_GET, _BATCH_GET, _QUERY, _SCAN = "GetItem", "BatchGetItem", "Query", "Scan"
_PUT, _UPDATE = "PutItem", "UpdateItem"

ROUTES: tuple[Route, ...] = (
    # auth
    *_public("POST /register", Function(module="auth.register", uses_models=True, needs=(Need.USER_POOL_CLIENT,))),
    *_public(
        "POST /register/confirm",
        Function(module="auth.confirm_registration", uses_models=True, needs=(Need.USER_POOL_CLIENT,)),
    ),
    *_public("POST /login", Function(module="auth.login", uses_models=True, needs=(Need.USER_POOL_CLIENT,))),
    *_public(
        "POST /refresh",
        Function(module="auth.refresh", uses_models=True, table=(_BATCH_GET,), needs=(Need.USER_POOL_CLIENT,)),
    ),
    *_signed_in(
        "POST /logout",
        Function(
            module="auth.logout",
            uses_models=True,
            table=(_GET, _UPDATE),
            formerly=(_PUT,),
            needs=_TOKENS,
            cognito=("AdminUserGlobalSignOut",),
        ),
    ),
    *_public(
        "GET /.well-known/jwks.json",
        Function(module="auth.get_signing_keys", needs=(Need.USER_POOL,)),
    ),
    *_routes(
        Function(
            module="auth.check_request",
            table=(_GET,),
            formerly=(_BATCH_GET,),
            needs=_TOKENS,
            verifies_tokens=True,
        ),
        Access.ANYONE,
        "GET /auth/istio/{proxy+}",
        "POST /auth/istio/{proxy+}",
        "PATCH /auth/istio/{proxy+}",
    ),
    # profiles
    *_signed_in(
        "POST /profiles",
        Function(
            module="profiles.create_profile",
            uses_models=True,
            table=(_PUT,),
            needs=(Need.USER_POOL,),
            cognito=("AdminGetUser",),
        ),
    ),
    *_signed_in("GET /profiles/{id}", Function(module="profiles.get_profile", table=(_GET,))),
    *_signed_in("PATCH /profiles/{id}", Function(module="profiles.update_profile", uses_models=True, table=(_UPDATE,))),
    *_public("GET /health", Function(module="profiles.health", table=(_GET,))),
    # billing
    *_signed_in("GET /billing/account", Function(module="billing.get_account", table=(_GET,), needs=_CURRENCY)),
    *_signed_in(
        "POST /billing/account/deposit",
        Function(module="billing.deposit", uses_models=True, table=(_BATCH_GET, _PUT), needs=_CURRENCY),
    ),
    *_signed_in(
        "POST /billing/account/withdraw",
        Function(module="billing.withdraw", uses_models=True, table=(_BATCH_GET, _PUT), needs=_CURRENCY),
    ),
    *_signed_in(
        "GET /billing/account/transactions",
        Function(module="billing.list_transactions", table=(_QUERY,), needs=_CURRENCY),
    ),
    *_signed_in(
        "GET /billing/payments/{orderId}",
        Function(module="billing.get_payment", table=(_GET,), needs=_CURRENCY),
    ),
    *_public("GET /billing/health", Function(module="billing.health", table=(_GET,), needs=_CURRENCY)),
    # orders
    *_signed_in(
        "POST /orders",
        Function(
            module="orders.create_order",
            uses_models=True,
            table=(_BATCH_GET, _PUT),
            needs=(Need.CURRENCY, Need.UNIT_PRICE),
        ),
    ),
    *_signed_in("GET /orders", Function(module="orders.list_orders", table=(_QUERY,), index="byState")),
    *_signed_in("GET /orders/{id}", Function(module="orders.get_order", table=(_GET,))),
    *_signed_in(
        "POST /orders/{id}/execute",
        Function(
            module="orders.execute_order",
            uses_models=True,
            table=(_GET, _PUT, _UPDATE),
            needs=(Need.PAY_ORDER,),
            timeout_seconds=28,  # waits for pay_order, and API Gateway waits 30 for it
        ),
    ),
    *_public("GET /orders/health", Function(module="orders.health", table=(_GET,))),
    # notifications
    *_signed_in("GET /notifications", Function(module="notifications.list_notifications", table=(_QUERY,))),
    *_public("GET /notifications/health", Function(module="notifications.health", table=(_GET,))),
    # the contract
    *_public("GET /openapi.json", Function(module="web.get_openapi")),
    *_public(
        "GET /docs",
        Function(module="web.get_docs", needs=(Need.USER_POOL_CLIENT, Need.HOSTED_LOGIN), serves_pages=True),
    ),
    *_public("GET /docs/{file}", Function(module="web.get_docs_file", serves_pages=True)),
    *_routes(
        Function(module="web.hosted_login", needs=(Need.HOSTED_LOGIN,)),
        Access.ANYONE,
        "GET /oauth2/authorize",
        "POST /oauth2/token",
    ),
)

GET_APP = Function(
    module="web.get_app",
    needs=(Need.USER_POOL_CLIENT, Need.HOSTED_LOGIN, Need.CURRENCY),
    serves_pages=True,
)
PAGES: tuple[Route, ...] = tuple(
    Route(method="GET", path=path, access=Access.ANYONE, function=GET_APP, prefix="")
    for path in ("/app", "/app/{path+}")
)
"""Pages for browsers; not part of the contract."""

SERVED = (*ROUTES, *PAGES)
"""Every route of the gateway."""

TAKES_CREDENTIALS = ("auth.register", "auth.confirm_registration", "auth.login", "auth.refresh")
"""Operations with which anyone may try a password, a code or a token; their routes are throttled more."""

AUTHORIZER = Function(
    module="auth.authorize",
    table=(_GET,),
    formerly=(_BATCH_GET,),
    needs=_TOKENS,
    verifies_tokens=True,
    timeout_seconds=9,  # API Gateway waits 10 for it
)

PAY_ORDER = Function(
    module="billing.pay_order", uses_models=True, table=(_BATCH_GET, _PUT), needs=_CURRENCY, timeout_seconds=14
)
"""Called by orders.execute_order, which waits for it."""

RELAY = Function(module="events.relay", needs=(Need.EVENT_BUS,), timeout_seconds=30)
"""Fed by the streams of the tables that events come from."""

CONFIRM_WITHOUT_EMAIL = Function(module="auth.confirm_without_email")
"""PreSignUp trigger of stages that don't verify e-mail addresses."""

_LOOKS_UP = (_QUERY, _GET, _BATCH_GET)

PLAN_AUDIT = Function(module="reconciliation.plan_audit")
AUDIT_PART = Function(
    module="reconciliation.audit_part",
    audits=(("billing", (_SCAN, *_LOOKS_UP)), ("orders", (_SCAN, _GET, _BATCH_GET))),
    timeout_seconds=300,  # a step runs for four minutes, and then finishes its page
)
REPORT_AUDIT = Function(module="reconciliation.report_audit")
"""The steps of a whole audit, called by its state machine (infra/audit.py)."""

NOTE_CHANGES = Function(module="reconciliation.note_changes")
"""Fed by the streams of the books' tables."""

CHECK_CHANGES = Function(
    module="reconciliation.check_changes",
    audits=(("billing", _LOOKS_UP), ("orders", (_GET, _BATCH_GET))),
    timeout_seconds=120,
)
"""Fed by the queue of the changes that note_changes noted."""

AUDIT = (PLAN_AUDIT, AUDIT_PART, REPORT_AUDIT, NOTE_CHANGES, CHECK_CHANGES)

CREATE_PROFILE = Function(
    module="profiles.create_profile_at_sign_up", uses_models=True, table=(_GET, _PUT), timeout_seconds=5
)
"""PostConfirmation and PreTokenGeneration trigger; Cognito waits 5 seconds."""

CONSUMERS: tuple[Consumer, ...] = (
    Consumer(
        function=Function(module="billing.open_account", uses_models=True, table=(_PUT,), needs=_CURRENCY),
        hears=(ProfileCreated,),
    ),
    Consumer(
        function=Function(module="billing.return_payment", uses_models=True, table=(_BATCH_GET, _PUT), needs=_CURRENCY),
        hears=(OrderCanceled,),
    ),
    Consumer(function=Function(module="orders.settle_order", uses_models=True, table=(_GET, _PUT)), hears=(OrderPaid,)),
    Consumer(
        function=Function(module="notifications.notify", uses_models=True, table=(_PUT,)),
        hears=(OrderPaid, OrderCanceled, OrderCompleted, DepositAccepted, OrderRefunded),
        by_topic=True,
    ),
)


CHECK_VERSION = Function(module="rollout.check_version", timeout_seconds=60)
"""CodeDeploy's hook, in stages that roll out in steps (infra/rollout.py); none of functions()."""


def functions() -> dict[str, Function]:
    """Every function of the platform by its module, each once."""
    rows = [route.function for route in SERVED]
    rows += [consumer.function for consumer in CONSUMERS]
    rows += [AUTHORIZER, PAY_ORDER, RELAY, CONFIRM_WITHOUT_EMAIL, CREATE_PROFILE, *AUDIT]
    return {function.module: function for function in rows}
