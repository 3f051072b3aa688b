"""Docstrings of clients' methods, paginators and waiters, all of them empty."""

from typing import Self


class _Empty(str):
    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        """Whatever is to be documented: no words."""
        return super().__new__(cls)


ClientMethodDocstring = PaginatorDocstring = WaiterDocstring = LazyLoadedDocstring = _Empty
