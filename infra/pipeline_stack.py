"""Lets GitHub's workflows deploy: they assume roles by OIDC, so that no AWS key is stored anywhere.

A separate stack, deployed once by hand: `cdk deploy -c pipeline=owner/repository`. docs/pipeline.md explains how to use
the roles in its outputs.
"""

import re
import sys

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks
from constructs import Construct

from infra.standards.partition import CLOUDFRONT_REGION

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(@\d+)?/[A-Za-z0-9._-]+(@\d+)?")
"""As GitHub names it in its tokens: with the ids of owner and repository, if it was created after 2026-07-15.

https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens
"""
_BOOTSTRAP_ROLES = ("deploy-role", "file-publishing-role", "lookup-role")
"""The roles that `cdk bootstrap` makes for deployments; they do the rest."""

ROLES = {"Trial": "pull_request", "Dev": "environment:dev", "Prod": "environment:prod"}
"""Each role, and what a workflow must run for to assume it."""


class PipelineStack(cdk.Stack):
    """The roles of one repository's workflows."""

    def __init__(self, scope: Construct, *, repository: str) -> None:
        super().__init__(
            scope,
            "Pipeline",
            stack_name="order-billing-pipeline",
            description=f"What the workflows of {repository} may do",
            termination_protection=True,
        )
        github = iam.CfnOIDCProvider(self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])
        self.roles = {
            name: self._role(name, github.ref, f"repo:{repository}:{subject}") for name, subject in ROLES.items()
        }
        for name, role in self.roles.items():
            cdk.CfnOutput(self, f"{name}Role", value=role.role_arn)

    def _role(self, name: str, provider: str, subject: str) -> iam.Role:
        role = iam.Role(
            self,
            name,
            assumed_by=iam.WebIdentityPrincipal(
                provider, {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}}
            ),
            description=f"Workflows that run for {subject}",
            max_session_duration=cdk.Duration.hours(2 if name == "Prod" else 1),
        )
        qualifier = cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
        roles = [
            self.format_arn(service="iam", region="", resource="role", resource_name=f"cdk-{qualifier}-{kind}-{place}")
            for kind in _BOOTSTRAP_ROLES
            for place in sorted({f"{self.account}-{self.region}", f"{self.account}-{CLOUDFRONT_REGION}"})
        ]
        role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=roles))
        # Where the journey finds a stage.
        stacks = self.format_arn(service="cloudformation", resource="stack", resource_name="order-billing-*/*")
        role.add_to_policy(iam.PolicyStatement(actions=["cloudformation:DescribeStacks"], resources=[stacks]))
        return role


def add_pipeline(app: cdk.App, *, repository: str) -> None:
    """Add the stack to `app`, checked by cdk-nag. Ends the process when `repository` is none."""
    if not _REPOSITORY.fullmatch(repository):
        sys.exit(f"pipeline: {repository!r} is not owner/repository, or owner@1/repository@2")
    stack = PipelineStack(app, repository=repository)
    for role in stack.roles.values():
        cdk.Validations.of(role).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>"
                ":stack/order-billing-*/*]",
                reason="It reads the outputs of a stage's stack; the ARNs begin so, and end with an id of AWS's.",
            )
        )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
