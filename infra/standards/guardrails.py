"""Two checks of the templates: cdk-nag at every synth, and checkov (`make checkov`).

Every finding that is not fixed is explained here, for one resource.
"""

from typing import cast

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

from infra import operations
from infra.edge.edge_stack import EdgeStack
from infra.operations import NOTE_CHANGES, RELAY, SERVED, Access
from infra.platform_stack import PlatformStack
from infra.rollout import TRIED, Rollout

_OPEN_ROUTES = {
    "/register": "Users have no token before they sign up. Cognito and the stage's throttling limit the attempts.",
    "/register/confirm": "Users have no token before they confirm. Cognito limits the attempts.",
    "/login": "Signing in issues the token. Cognito locks out repeated failures.",
    "/refresh": "The refresh token in the body is the credential; ended sessions are rejected.",
    "/.well-known/jwks.json": "Anyone who verifies our tokens needs the public keys.",
    "/auth/istio/{proxy+}": "It checks tokens itself, for a gateway, in the same way as the authorizer.",
    "/openapi.json": "The contract is public, and holds nothing about users.",
    "/docs": "The documentation of the contract; users sign in there to try it.",
    "/docs/{file}": "Styles and scripts of that page, the same for everyone.",
    "/oauth2/authorize": "It redirects to the hosted login, which authenticates users itself.",
    "/oauth2/token": "The same; the hosted login issues the tokens.",
    "/app": "Users sign in on this page; it shows no user's data before.",
    "/app/{path+}": "The same page, and its styles and scripts.",
    "/health": "A load balancer has no token. The answer is OK or DOWN, from one read.",
}

_CALLERS = {
    **{route.function.module: "API Gateway waits for it, and returns its answer to the client" for route in SERVED},
    operations.AUTHORIZER.module: "API Gateway waits for it, and lets no request in when it fails",
    operations.CREATE_PROFILE.module: "Cognito waits for it, and issues no token when it fails",
    operations.CONFIRM_WITHOUT_EMAIL.module: "Cognito waits for it, and signs nobody up when it fails",
    operations.PAY_ORDER.module: "orders.execute_order waits for it",
    operations.CHECK_VERSION.module: "CodeDeploy waits for it, and sends no traffic to a version that fails it",
    **{
        reader.module: "a stream's poller calls it again, and sends records that are too old to the mapping's own queue"
        for reader in (RELAY, NOTE_CHANGES)
    },
    **{
        reader.module: "a queue's poller calls it, and the queue has its own dead-letter queue"
        for reader in (*(consumer.function for consumer in operations.CONSUMERS), operations.CHECK_CHANGES)
    },
    **{
        step.module: "Step Functions waits for it and calls it again, and an alarm rings when an audit fails"
        for step in (operations.PLAN_AUDIT, operations.AUDIT_PART, operations.REPORT_AUDIT)
    },
}
"""Who calls each function, and what happens to a call that fails."""

_OF_A_FUNCTION = {
    "CKV_AWS_115": "Reserved concurrency is taken from all other functions of the account, and throttles the platform's"
    " own work first. The API's throttling limits incoming requests, and queues hold waiting messages.",
    "CKV_AWS_117": "It calls only AWS's public endpoints, by TLS and with its own IAM role. There is nothing in a"
    " VPC for it to reach.",
    "CKV_AWS_173": "Its variables are names, addresses and settings, which anyone with access to its configuration"
    " reads in the template too; a test lists each. Lambda encrypts them with its own key.",
}
_LOGS = "CloudWatch encrypts them with its own key. They hold "


def add_guardrails(app: cdk.App, stack: PlatformStack, edge: EdgeStack | None = None) -> None:
    """Make synth fail on every finding that no acknowledgement below explains."""
    for module, function in stack.functions.by_module.items():
        _acknowledge(
            function,
            "AwsSolutions-L1",
            f"{module} runs on Python 3.13, which Lambda supports until 2029: the newest that every tool of the local"
            " cloud runs on, so that what is tested is what is deployed.",
        )
    traced = tuple(stack.functions.by_module) if stack.settings.tracing == "active" else ()
    for module in sorted({RELAY.module, NOTE_CHANGES.module, *traced}):
        _acknowledge(
            stack.functions.roles[module],
            "AwsSolutions-IAM5[Resource::*]",
            "dynamodb:ListStreams, which Lambda's poller of a stream needs, and X-Ray don't support resources."
            " Everything else names the resources.",
        )
    if stack.rollout:
        _explain_rollout(stack, stack.rollout)
    _acknowledge(
        stack.audit.role,
        "AwsSolutions-IAM5[Resource::*]",
        "Log delivery and X-Ray, which Step Functions needs, don't support resources. The functions"
        " that it may call are named one by one.",
    )
    # cdk-nag itself recognizes the others as dead-letter queues: a queue's redrive policy names them.
    for name in sorted(stack.messaging.dead_letter_queues.keys() - stack.messaging.queues.keys()):
        queue = stack.messaging.dead_letter_queues[name]
        _acknowledge(
            queue, "AwsSolutions-SQS3", f"This is a dead-letter queue itself, behind {name}; an alarm watches it."
        )
    if stack.settings.mfa != "required":
        _acknowledge(
            stack.identity.user_pool,
            "AwsSolutions-COG2",
            "POST /login takes only a password (the contract), and can't ask for a second factor. Users may have one"
            " where the stage offers it (mfa); then only the hosted login signs them in.",
        )
    if stack.settings.threat_protection == "off":
        _acknowledge(
            stack.identity.user_pool,
            "AwsSolutions-COG8",
            "The Plus plan costs several times as much per user; a stage gets it by setting threatProtection.",
        )
    for route in SERVED:
        if route.access is Access.ANYONE:
            path = "/health" if route.path.endswith("/health") else route.path
            _acknowledge(stack.api.route(route), "AwsSolutions-APIG4", _OPEN_ROUTES[path])
    if edge:
        _acknowledge(edge.distribution, "AwsSolutions-CFR1", "Users may be anywhere; the contract excludes no country.")
        _acknowledge(
            edge.distribution,
            "AwsSolutions-CFR3",
            "Requests that reach the API are in its own access log, without the users' addresses; WAF counts the others"
            " by rule. A second log would store the addresses of all users, for little benefit.",
        )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    _explain_to_checkov(stack)


def _explain_rollout(stack: PlatformStack, rollout: Rollout) -> None:
    role = stack.functions.roles[operations.CHECK_VERSION.module]
    _acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        "The hook's three CodeDeploy actions don't support resources; none of them starts, stops"
        " or changes another deployment.",
    )
    _acknowledge(
        rollout.role,
        f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:{stack.stack_name}-*]",
        "CodeDeploy moves the aliases of this stage's functions, whose names all begin so; one by one they don't fit"
        " into a policy.",
    )
    for module in sorted(TRIED):
        function = cast("cdk.CfnResource", stack.functions.by_module[module].node.default_child)
        _acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::<{stack.get_logical_id(function)}.Arn>:*]",
            f"It tries the new version of {module}, whose number is unknown before the deployment.",
        )


def _explain_to_checkov(stack: PlatformStack) -> None:
    """Make `make checkov` skip a check only on the resources with an explanation below."""
    for module, function in stack.functions.by_module.items():
        never = f"Only asynchronous calls use a dead-letter queue, and there are none: {_CALLERS[module]}."
        _skip(function, {**_OF_A_FUNCTION, "CKV_AWS_116": never})
        _skip(stack.functions.logs[module], {"CKV_AWS_158": f"{_LOGS}ids and outcomes; make attack scans every line."})
    of_requests = f"{_LOGS}a request's id, route, status and latency; nothing of its caller."
    _skip(stack.api.access_log, {"CKV_AWS_158": of_requests})
    _skip(stack.audit.logs, {"CKV_AWS_158": f"{_LOGS}an audit's steps, without what went in or came out."})
    for service, table in stack.tables.items():
        own_key = (
            f"DynamoDB encrypts the rows of {service} with its own key, as everything at rest. A customer key would"
            " add a second way to lose them all, and would not protect against anyone with a grant on the table."
        )
        _skip(table, {"CKV_AWS_119": own_key})
    for queue in (*stack.messaging.queues.values(), *stack.messaging.dead_letter_queues.values()):
        managed = (
            "It is encrypted with SQS's own key (SqsManagedSseEnabled), which this check does not know; its policy"
            " denies requests without TLS."
        )
        _skip(queue, {"CKV_AWS_27": managed})


def _skip(construct: IConstruct, reasons: dict[str, str]) -> None:
    """Give a resource the metadata by which checkov skips checks, each with its reason."""
    skipped = [{"id": check, "comment": reason} for check, reason in sorted(reasons.items())]
    cast("cdk.CfnResource", construct.node.default_child).add_metadata("checkov", {"skip": skipped})


def _acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=f"AwsSolutions::{finding}", reason=reason))
