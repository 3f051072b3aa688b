"""The files of the app, read from their layer (layers/web/)."""

import gzip
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from shared.problems import NotFoundError
from web.files import SAFELY, File

_FOLDER = "app_files"
_PAGE = "index.html"
_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"


def app_file(name: str) -> File:
    """The file called `name`, such as `<version>/main.js`. Raises NotFoundError for any other, older versions too."""
    if name not in _names():
        raise NotFoundError
    return File(
        media_type=_MEDIA_TYPES[name.rpartition(".")[2]],
        packed=_packed(name),
        headers={**SAFELY, "cache-control": _FOR_GOOD},
    )


def page_template() -> str:
    """The page, with a placeholder `{…}` for each value that depends on the stage."""
    return gzip.decompress(_packed(_PAGE)).decode()


@cache
def _names() -> frozenset[str]:
    """The names of all files but the page."""
    return frozenset(_below(resources.files(_FOLDER), "")) - {_PAGE}


def _below(folder: Traversable, path: str) -> list[str]:
    names = []
    for entry in folder.iterdir():
        if entry.is_dir():
            names += _below(entry, f"{path}{entry.name}/")
        else:
            names.append(f"{path}{entry.name.removesuffix('.gz')}")
    return names


def _packed(name: str) -> bytes:
    return resources.files(_FOLDER).joinpath(f"{name}.gz").read_bytes()
