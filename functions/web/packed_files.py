"""A folder of the web layer (layers/web/): files that were compressed by gzip when it was built."""

import gzip
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable


@cache
def names(folder: str) -> frozenset[str]:
    """The names of its files, such as `<version>/main.js`."""
    return frozenset(_below(resources.files(folder), ""))


def packed(folder: str, name: str) -> bytes:
    """A file's content, compressed."""
    return resources.files(folder).joinpath(f"{name}.gz").read_bytes()


def text(folder: str, name: str) -> str:
    """A file's content."""
    return gzip.decompress(packed(folder, name)).decode()


def _below(folder: Traversable, path: str) -> list[str]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _below(entry, f"{path}{entry.name}/")
        else:
            found.append(f"{path}{entry.name.removesuffix('.gz')}")
    return found
