"""Stored rows, changed directly, as only an attacker could."""

from shared.dynamodb import to_item
from tests.scaffolding.world import Item, World


def row(world: World, service: str, **fields: object) -> Item:
    """The first row of a service's table with these attributes."""
    return next(item for item in world.rows(service) if fields.items() <= item.items())


def overwrite(world: World, service: str, item: Item) -> None:
    """Write a row."""
    world.dynamodb.put_item(TableName=world.table_name(service), Item=to_item(item))


def delete(world: World, service: str, item: Item, *key: str) -> None:
    """Delete a row, whose key has the attributes `key`."""
    world.dynamodb.delete_item(TableName=world.table_name(service), Key=to_item({name: item[name] for name in key}))
