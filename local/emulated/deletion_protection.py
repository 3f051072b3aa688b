"""Deletion protection, for CloudFormation too.

CloudFormation deletes a table by DeleteTable and a user pool by DeleteUserPool, which reject a protected one: deleting
the resource fails, also in the rollback of a failed creation. The unpatched emulator checks it only for direct calls.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html and
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cognito, dynamodb
from ministack.services.cloudformation import provisioners

type Delete = Callable[[str, Mapping[str, Any]], None]


def install() -> None:
    """Make CloudFormation's deletions fail."""
    _refuse(
        "AWS::DynamoDB::Table",
        _table_is_protected,
        "Table is protected against deletion. Disable deletion protection first.",
    )
    _refuse(
        "AWS::Cognito::UserPool",
        _pool_is_protected,
        "The user pool cannot be deleted because deletion protection is activated.",
    )


def _refuse(kind: str, is_protected: Callable[[str], bool], reason: str) -> None:
    handler = provisioners._RESOURCE_HANDLERS[kind]
    delete: Delete = handler["delete"]

    def delete_unprotected(physical_id: str, properties: Mapping[str, Any]) -> None:
        if is_protected(physical_id):
            raise ValueError(reason)
        delete(physical_id, properties)

    handler["delete"] = delete_unprotected


def _table_is_protected(name: str) -> bool:
    return bool((dynamodb._tables.get(name) or {}).get("DeletionProtectionEnabled"))


def _pool_is_protected(pool_id: str) -> bool:
    return (cognito._user_pools.get(pool_id) or {}).get("DeletionProtection") == "ACTIVE"
