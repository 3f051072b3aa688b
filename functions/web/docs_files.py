"""The files of the docs page, read from their layer (layers/web/)."""

import re

from shared.problems import NotFoundError
from web.files import SAFELY, File
from web.packed_files import names, packed, text

_FOLDER = "docs_files"
_PAGE = "docs.html"
_MEDIA_TYPES = {"css": "text/css", "html": "text/html", "js": "text/javascript"}
_HASHED = re.compile(r"-[0-9a-f]{16}\.\w+")
_FOR_GOOD = "public, max-age=31536000, immutable"
_FOR_A_WHILE = "public, max-age=300"


def docs_file(name: str) -> File:
    """The file called `name`. Raises NotFoundError unless the page may request it."""
    if name == _PAGE or name not in names(_FOLDER):
        raise NotFoundError
    caching = _FOR_GOOD if _HASHED.search(name) else _FOR_A_WHILE
    policy = "default-src 'none'; script-src 'self'; frame-ancestors 'none'"
    return File(
        media_type=_MEDIA_TYPES[name.rpartition(".")[2]],
        packed=packed(_FOLDER, name),
        headers={**SAFELY, "cache-control": caching, "content-security-policy": policy},
    )


def page_template() -> str:
    """The page, with `{client_id}` where the app client's id goes."""
    return text(_FOLDER, _PAGE)
