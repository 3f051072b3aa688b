"""cdk-nag's AwsSolutions checks, run at every synth; what is not fixed is acknowledged here, each on one resource."""

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

from infra.edge_stack import EdgeStack
from infra.operations import NOTE_CHANGES, RELAY, ROUTES, Access
from infra.platform_stack import PlatformStack

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
    "/health": "A load balancer has no token. It says OK or DOWN, from one read.",
}


def add_guardrails(app: cdk.App, stack: PlatformStack, edge: EdgeStack | None = None) -> None:
    """Have synth fail on every finding that no acknowledgement below explains."""
    for module, function in stack.functions.by_module.items():
        _acknowledge(
            function,
            "AwsSolutions-L1",
            f"{module} runs on Python 3.13, which Lambda supports until 2029: the newest that every tool of the local"
            " cloud runs on, so that what is tested is what is deployed.",
        )
    for reader in (RELAY, NOTE_CHANGES):
        _acknowledge(
            stack.functions.roles[reader.module],
            "AwsSolutions-IAM5[Resource::*]",
            "dynamodb:ListStreams, which Lambda's poller needs, knows no resources. Everything else names the streams.",
        )
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
    for route in ROUTES:
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
            " rule, and keeps samples. A second log would keep addresses of all users, for little.",
        )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def _acknowledge(construct: IConstruct, finding: str, reason: str) -> None:
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=f"AwsSolutions::{finding}", reason=reason))
