"""Pages of a list: `limit` and an opaque `cursor` in, `{items, nextCursor}` out.

A page has a cursor if another row follows it, so only the first can be empty. One exception: the following rows may
have left the list in between, such as orders that no longer have the requested `state`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Self, TypedDict

from shared.problems import InvalidCursorError, ValidationFailedError

if TYPE_CHECKING:
    from shared.http import Request  # which consumers without pages don't need

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100


class PageView[Item](TypedDict):
    """One page of a list; `nextCursor` is null on the last one."""

    items: list[Item]
    nextCursor: str | None


def only_page[View](*items: View) -> PageView[View]:
    """The only page of a list; for examples."""
    return {"items": [*items], "nextCursor": None}


class Page[Item](NamedTuple):
    """Items of a list, and the position of the last if more follow (None: no more)."""

    items: list[Item]
    next_position: str | None

    def view[View](self, view_of: Callable[[Item], View]) -> PageView[View]:
        """The page as the client sees it."""
        return {"items": [view_of(item) for item in self.items], "nextCursor": _cursor(self.next_position)}


class PageRequest(NamedTuple):
    """The requested part of a list. A position never identifies the owner of the rows: the caller's token does."""

    limit: int
    position: str | None

    @classmethod
    def of(cls, request: Request, position: re.Pattern[str]) -> Self:
        """The page that `request` asks for, in a list whose positions match `position`.

        Raises ValidationFailedError for a limit outside 1-100, InvalidCursorError for a cursor that is not one of ours.
        """
        return cls(_limit(request.query.get("limit")), _position(request.query.get("cursor"), position))


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    raise ValidationFailedError.of("limit", f"must be a whole number from 1 to {LARGEST_LIMIT}")


def _cursor(position: str | None) -> str | None:
    return position and base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _position(cursor: str | None, pattern: re.Pattern[str]) -> str | None:
    if cursor is None:
        return None
    try:
        position = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:
        raise InvalidCursorError from None
    if not pattern.fullmatch(position):
        raise InvalidCursorError
    return position
