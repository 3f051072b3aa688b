"""Policies inside their roles: one resource less per function, of the 500 that a stack may have."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

_CDKS_OWN = "DefaultPolicy"


def put_policies_into_roles(scope: IConstruct) -> None:
    """Move the policies of all roles within `scope` into the roles.

    Call it after all grants are made: CDK puts each into a separate policy resource for the role.
    """
    for role in (each for each in scope.node.find_all() if isinstance(each, iam.Role)):
        policy = role.node.try_find_child(_CDKS_OWN)
        if isinstance(policy, iam.Policy):
            resource = cast("iam.CfnRole", role.node.default_child)
            # Not the name that CDK gives: an update that deletes CDK's resource would delete the policy of that name.
            # Nor one name for all: checkov reads each name's document once.
            name = f"{cdk.Names.unique_id(role)}Grants"
            resource.policies = [iam.CfnRole.PolicyProperty(policy_name=name, policy_document=policy.document)]
            role.node.try_remove_child(_CDKS_OWN)
