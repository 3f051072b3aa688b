"""Builds the files of the docs page: Swagger UI from its npm package, and our own few lines around it.

Each file but those with a fixed address gets its hash into its name, so that browsers may keep it for good.
"""

import gzip
import hashlib
from pathlib import Path

SWAGGER_UI = "node_modules/swagger-ui-dist"
_FROM_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js")
_OURS = ("docs.css", "docs.js")
_FIXED = ("oauth2-redirect.html", "oauth2-redirect.js")
"""The hosted login sends users back to the first, which names the second."""

PACKAGE = "docs_files"
"""The folder of the layer, which functions find on their path."""


def build(project: Path, target: Path) -> None:
    """Write the files, compressed, into `target`/python/docs_files; the page names the others by their hashed names."""
    swagger_ui, ours = project / SWAGGER_UI, project / "layers/docs/page"
    if not swagger_ui.is_dir():
        raise FileNotFoundError(f"{SWAGGER_UI} is not there: make install")
    folder = target / "python" / PACKAGE
    folder.mkdir(parents=True)
    page = (ours / "docs.html").read_text()
    for source in [*(swagger_ui / name for name in _FROM_SWAGGER_UI), *(ours / name for name in _OURS)]:
        content = source.read_bytes()
        name = f"{source.stem}-{hashlib.sha256(content).hexdigest()[:16]}{source.suffix}"
        assert f'"docs/{source.name}"' in page, source.name  # noqa: S101 - a file that the page does not use
        page = page.replace(f'"docs/{source.name}"', f'"docs/{name}"')
        _write(folder / name, content)
    for name in _FIXED:
        _write(folder / name, (swagger_ui / name).read_bytes())
    _write(folder / "docs.html", page.encode())


def _write(path: Path, content: bytes) -> None:
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, mtime=0))
