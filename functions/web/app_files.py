"""The files of the app, read from their layer (layers/web/)."""

from shared.problems import NotFoundError
from web.files import SAFELY, File
from web.packed_files import names, packed, text

_FOLDER = "app_files"
_PAGE = "index.html"
_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"


def app_file(name: str) -> File:
    """The file called `name`, such as `<version>/main.js`. Raises NotFoundError for any other, older versions too."""
    if name == _PAGE or name not in names(_FOLDER):
        raise NotFoundError
    return File(
        media_type=_MEDIA_TYPES[name.rpartition(".")[2]],
        packed=packed(_FOLDER, name),
        headers={**SAFELY, "cache-control": _FOR_GOOD},
    )


def page_template() -> str:
    """The page, with a placeholder `{…}` for each value that depends on the stage."""
    return text(_FOLDER, _PAGE)
