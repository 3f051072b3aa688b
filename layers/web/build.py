"""Builds the files of the pages that the platform serves: the docs page, and the app (GET /app).

Nothing is transformed: libraries come as their npm packages have them, and our own files as they are, all compressed.
Browsers may keep for good what has a hash in its address.
"""

import gzip
import hashlib
from pathlib import Path

SWAGGER_UI = "node_modules/swagger-ui-dist"
_FROM_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js")
_OURS = ("docs.css", "docs.js")
_FIXED = ("oauth2-redirect.html", "oauth2-redirect.js")
"""The hosted login sends users back to the first, which names the second."""

LIBRARIES = {
    "vendor/pico.css": "node_modules/@picocss/pico/css/pico.indigo.min.css",
    "vendor/preact.js": "node_modules/htm/preact/standalone.module.js",
    "vendor/uplot.js": "node_modules/uplot/dist/uPlot.esm.js",
    "vendor/uplot.css": "node_modules/uplot/dist/uPlot.min.css",
}
"""What the app's modules import, and where it comes from."""

_LATER = {"vendor/uplot.js"}
"""Modules that are loaded when a page needs them. Browsers load all others at once, not one import after another."""

DOCS, APP = "docs_files", "app_files"
"""The folders of the layer, which functions find on their path."""
_PAGE = "index.html"


def build(project: Path, target: Path) -> None:
    """Write the files into `target`. Raises FileNotFoundError where `make install` has not been run."""
    for library in (SWAGGER_UI, *LIBRARIES.values()):
        if not (project / library).exists():
            raise FileNotFoundError(f"{library} is not there: make install")
    _build_docs(project, target / "python" / DOCS)
    _build_app(project, target / "python" / APP)


def _build_docs(project: Path, folder: Path) -> None:
    """The page names the others by their hashed names."""
    swagger_ui, ours = project / SWAGGER_UI, project / "layers/web/docs"
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


def _build_app(project: Path, folder: Path) -> None:
    """All files but the page lie in one folder, called by a hash of them all: so they can name each other plainly."""
    ours = project / "layers/web/app"
    files = {
        str(path.relative_to(ours)): path.read_bytes()
        for path in sorted(ours.rglob("*.*"))
        if not path.name.endswith(".d.ts")  # for the type checker
    }
    files |= {name: (project / library).read_bytes() for name, library in LIBRARIES.items()}
    page = files.pop(_PAGE).decode()
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name} {len(content)} ".encode() + content)
    version = digest.hexdigest()[:16]
    for name, content in files.items():
        _write(folder / version / name, content)
    address = f"/app/files/{version}"
    at_once = [name for name in files if name.endswith(".js") and name not in _LATER]
    preloads = "\n  ".join(f'<link rel="modulepreload" href="{address}/{name}">' for name in at_once)
    _write(folder / _PAGE, page.replace("{files}", address).replace("{preloads}", preloads).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content, mtime=0))
