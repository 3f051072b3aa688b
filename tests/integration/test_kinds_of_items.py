"""The recorded history has every kind of item: every key, every state, with and without each optional attribute.

The kinds come from the table modules and the domain: a new one fails here until the history has it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import StrEnum
from types import ModuleType, UnionType
from typing import Any, Literal, TypeAliasType, get_args, get_origin, get_type_hints

import pytest
from pydantic.alias_generators import to_camel

from infra.contract.released import RELEASED
from shared.events import EVENTS
from shared.outbox import OUTBOX_ATTRIBUTE
from tests.scaffolding.item_history import items_of, recording

NOT_YET_RELEASED: set[str] = set()
"""Kinds that today's code writes, and the released version does not. `make release` empties it."""

type Tables = Mapping[str, list[dict[str, Any]]]


def _modules() -> dict[str, ModuleType]:
    """The modules that know the keys, by service. They read their environment when imported."""
    from auth import sessions  # noqa: PLC0415
    from billing import billing_table  # noqa: PLC0415
    from notifications import notification_table  # noqa: PLC0415
    from orders import order_table  # noqa: PLC0415

    return {
        "auth": sessions,
        "billing": billing_table,
        "notifications": notification_table,
        "orders": order_table,
    }


def _shapes() -> dict[tuple[str, str], type]:
    """The domain's class for each kind of item that has one, by service and the pattern of its key."""
    from billing.ledger import Account, Entry  # noqa: PLC0415
    from billing.payment import Payment  # noqa: PLC0415
    from notifications.notification import Notification  # noqa: PLC0415
    from orders.order import Order  # noqa: PLC0415
    from profiles.profile import Profile  # noqa: PLC0415

    return {
        ("billing", "ACCOUNT"): Account,
        ("billing", "ENTRY#"): Entry,
        ("billing", "PAYMENT"): Payment,
        ("notifications", ""): Notification,
        ("orders", "ORDER#"): Order,
        ("profiles", ""): Profile,
    }


def existing(tables: Tables) -> set[str]:
    """The kinds in `tables`."""
    return {kind for service, rows in tables.items() for row in rows for kind in _kinds_of(service, row)}


def _kinds_of(service: str, row: Mapping[str, Any]) -> Iterator[str]:
    for (of_service, beginning), shape in _shapes().items():
        if of_service == service and row.get("sk", "").startswith(beginning):
            name = f"{service} {shape.__name__.lower()}"
            for each in fields(shape):
                attribute = to_camel(each.name)
                yield f"{name} {'with' if attribute in row else 'without'} {attribute}"
                yield f"{name} {attribute}={row.get(attribute)}"
    for pattern in _patterns(service):
        key = [row[name] for name in ("pk", "profileId", "sk", "id") if name in row]
        if any(re.fullmatch(_expression(pattern), part) for part in key):
            yield f"{service} {pattern}"
    if OUTBOX_ATTRIBUTE in row:
        yield f"{service} event {json.loads(row[OUTBOX_ATTRIBUTE])['name']}"


def expected() -> set[str]:
    """The kinds that today's code writes."""
    kinds = {f"{service} {pattern}" for service in _modules() for pattern in _patterns(service)}
    kinds |= {f"{event.producer} event {event.name()}" for event in EVENTS}
    for (service, _), shape in _shapes().items():
        name = f"{service} {shape.__name__.lower()}"
        for field, hint in get_type_hints(shape).items():
            attribute = to_camel(field)
            if isinstance(hint, UnionType) and type(None) in get_args(hint):
                kinds |= {f"{name} with {attribute}", f"{name} without {attribute}"}
            kinds |= {f"{name} {attribute}={value}" for value in _values(hint)}
    return kinds


def _values(hint: Any) -> tuple[str, ...]:
    """The values of an enumeration or a list of literals."""
    if isinstance(hint, TypeAliasType):
        hint = hint.__value__
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(member.value for member in hint)
    return get_args(hint) if get_origin(hint) is Literal else ()


def _patterns(service: str) -> list[str]:
    """The patterns of keys that the table in a module's docstring has, such as `ORDER#{orderId}`; the last key's."""
    if service not in _modules():
        return []
    text = _modules()[service].__doc__ or ""
    lines = re.findall(r"^\|.*\|$", text, re.MULTILINE)
    head, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert head[-1] == "item"
    return [row[-2] for row in rows]


def _expression(pattern: str) -> str:
    parts = re.split(r"(\{[^}]*\})", pattern)
    return "".join(".+" if part.startswith("{") else re.escape(part) for part in parts)


def test_todays_history_leaves_an_item_of_every_kind() -> None:
    tables = recording()["tables"]
    assert sorted(expected() - existing(tables)) == []


@pytest.mark.usefixtures("world")
def test_the_released_version_has_an_item_of_every_kind_but_of_those_that_are_new() -> None:
    released = json.loads((RELEASED / "openapi.json").read_text())["info"]["version"]
    recorded = json.loads(items_of(released).read_text())
    tables = {name.removesuffix(" items"): rows for name, rows in recorded.items() if name.endswith(" items")}
    assert expected() - existing(tables) == NOT_YET_RELEASED
