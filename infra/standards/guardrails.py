"""Two opinions on the templates, cdk-nag's at every synth and checkov's (`make checkov`).

What is not fixed is explained here, each on one resource.
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
    "/register": "Signing up comes before there is a token. Cognito and the stage's throttling limit the attempts.",
    "/register/confirm": "Confirming comes before there is a token. Cognito limits the attempts.",
    "/login": "Signing in is what gives the token. Cognito locks out repeated failures.",
    "/refresh": "The refresh token in the body is the credential; ended sessions are refused.",
    "/.well-known/jwks.json": "Public keys are for everyone who verifies our tokens.",
    "/auth/istio/{proxy+}": "It is itself the check of a token, for a gateway; it verifies as the authorizer does.",
    "/openapi.json": "The contract is public, and says nothing about users.",
    "/docs": "It explains the contract, and is where one signs in to try it.",
    "/docs/{file}": "Styles and scripts of that page, the same for everyone.",
    "/oauth2/authorize": "It says where the hosted login is, which signs users in by itself.",
    "/oauth2/token": "The same; what makes tokens is the hosted login.",
    "/app": "It is where people sign in; it shows nothing that is anybody's before.",
    "/app/{path+}": "The same page, and its styles and scripts.",
    "/health": "A load balancer has no token. It says OK or DOWN, from one read.",
}

_CALLERS = {
    **{route.function.module: "API Gateway waits for it, and gives the client its answer" for route in SERVED},
    operations.AUTHORIZER.module: "API Gateway waits for it, and lets nobody in when it fails",
    operations.CREATE_PROFILE.module: "Cognito waits for it, and gives no token when it fails",
    operations.CONFIRM_WITHOUT_EMAIL.module: "Cognito waits for it, and signs nobody up when it fails",
    operations.PAY_ORDER.module: "orders.execute_order waits for it",
    operations.CHECK_VERSION.module: "CodeDeploy waits for it, and gives no traffic to a version that failed it",
    **{
        reader.module: "a stream's poller calls it again, and sends what is too old to the mapping's own queue"
        for reader in (RELAY, NOTE_CHANGES)
    },
    **{
        reader.module: "a queue's poller calls it, and the queue has its own dead-letter queue"
        for reader in (*(consumer.function for consumer in operations.CONSUMERS), operations.CHECK_CHANGES)
    },
    **{
        step.module: "Step Functions waits for it, calls it again, and an alarm tells of an audit that failed"
        for step in (operations.PLAN_AUDIT, operations.AUDIT_PART, operations.REPORT_AUDIT)
    },
}
"""Who calls each function, and what becomes of a call that fails."""

_OF_A_FUNCTION = {
    "CKV_AWS_115": "Reserved concurrency is taken from all other functions of the account, and refuses the platform's"
    " own work first. The API's throttling limits what comes in, and queues hold what waits.",
    "CKV_AWS_117": "It calls AWS's public endpoints alone, by TLS and with its own IAM role. Nothing of ours is in a"
    " VPC, for it to reach or to be reached by.",
    "CKV_AWS_173": "Its variables are names, addresses and settings, which whoever may read its configuration reads in"
    " the template too; a test knows each. Lambda encrypts them with its own key.",
}
_LOGS = "CloudWatch encrypts them with its own key. In them are "


def add_guardrails(app: cdk.App, stack: PlatformStack, edge: EdgeStack | None = None) -> None:
    """Have synth fail on every finding that no acknowledgement below explains."""
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
            "dynamodb:ListStreams, which Lambda's poller of a stream needs, knows no resources, and neither does X-Ray."
            " Everything else names what it may touch.",
        )
    if stack.rollout:
        _explain_rollout(stack, stack.rollout)
    _acknowledge(
        stack.audit.role,
        "AwsSolutions-IAM5[Resource::*]",
        "The delivery of logs and X-Ray, by which Step Functions tells what it does, know no resources. The functions"
        " that it may call are named one by one.",
    )
    # cdk-nag sees by itself that the others are dead-letter queues: a queue's redrive policy names them.
    for name in sorted(stack.messaging.dead_letter_queues.keys() - stack.messaging.queues.keys()):
        queue = stack.messaging.dead_letter_queues[name]
        _acknowledge(
            queue, "AwsSolutions-SQS3", f"This is a dead-letter queue itself, behind {name}; an alarm watches it."
        )
    if stack.settings.mfa != "required":
        _acknowledge(
            stack.identity.user_pool,
            "AwsSolutions-COG2",
            "POST /login takes a password alone (the contract), and can't ask for a second factor. Users may have one"
            " where the stage offers it (mfa); then only the hosted login lets them in.",
        )
    if stack.settings.threat_protection == "off":
        _acknowledge(
            stack.identity.user_pool,
            "AwsSolutions-COG8",
            "The Plus plan costs several times as much per user; a stage has it when it asks for threatProtection.",
        )
    for route in SERVED:
        if route.access is Access.ANYONE:
            path = "/health" if route.path.endswith("/health") else route.path
            _acknowledge(stack.api.route(route), "AwsSolutions-APIG4", _OPEN_ROUTES[path])
    if edge:
        _acknowledge(
            edge.distribution, "AwsSolutions-CFR1", "Users may be anywhere; the contract shuts out no country."
        )
        _acknowledge(
            edge.distribution,
            "AwsSolutions-CFR3",
            "What reaches the API is in its own access log, without the users' addresses; WAF counts what does not, by"
            " rule. A second log would keep addresses of all users, for little.",
        )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    _explain_to_checkov(stack)


def _explain_rollout(stack: PlatformStack, rollout: Rollout) -> None:
    role = stack.functions.roles[operations.CHECK_VERSION.module]
    _acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        "What a hook asks and tells CodeDeploy knows no resources: these are three actions, of which none starts, stops"
        " or changes a deployment of somebody else's.",
    )
    _acknowledge(
        rollout.role,
        f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:{stack.stack_name}-*]",
        "CodeDeploy moves the aliases of this stage's functions, whose names all begin so; by name they are more than a"
        " policy holds.",
    )
    for module in sorted(TRIED):
        function = cast("cdk.CfnResource", stack.functions.by_module[module].node.default_child)
        _acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::<{stack.get_logical_id(function)}.Arn>:*]",
            f"It tries the new version of {module}, whose number nobody knows before it is there.",
        )


def _explain_to_checkov(stack: PlatformStack) -> None:
    """Have `make checkov` skip what each resource below explains; on another resource it is a finding."""
    for module, function in stack.functions.by_module.items():
        never = f"Only asynchronous calls have a dead-letter queue, and nothing calls it so: {_CALLERS[module]}."
        _skip(function, {**_OF_A_FUNCTION, "CKV_AWS_116": never})
        _skip(stack.functions.logs[module], {"CKV_AWS_158": f"{_LOGS}ids and outcomes; make attack scans every line."})
    of_requests = f"{_LOGS}a request's id, route, status and latency; nothing of its caller."
    _skip(stack.api.access_log, {"CKV_AWS_158": of_requests})
    _skip(stack.audit.logs, {"CKV_AWS_158": f"{_LOGS}an audit's steps, without what went in or came out."})
    for service, table in stack.tables.items():
        own_key = (
            f"DynamoDB encrypts the rows of {service} with its own key, as everything at rest. A customer's key would"
            " add a second way to lose them all, and guards against nobody whom the table's grants let in."
        )
        _skip(table, {"CKV_AWS_119": own_key})
    for queue in (*stack.messaging.queues.values(), *stack.messaging.dead_letter_queues.values()):
        managed = (
            "It is encrypted, with SQS's own key (SqsManagedSseEnabled), which this check does not know; and its policy"
            " refuses whoever does not use TLS."
        )
        _skip(queue, {"CKV_AWS_27": managed})


def _skip(construct: IConstruct, reasons: dict[str, str]) -> None:
    """Give a resource the metadata by which checkov skips checks, each with its reason."""
    skipped = [{"id": check, "comment": reason} for check, reason in sorted(reasons.items())]
    cast("cdk.CfnResource", construct.node.default_child).add_metadata("checkov", {"skip": skipped})


def _acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=f"AwsSolutions::{finding}", reason=reason))
