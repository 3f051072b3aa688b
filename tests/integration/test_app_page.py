"""The web app as served: its page, its files, and their security headers."""

import gzip
import re
from pathlib import Path

import pytest

from infra import assets
from layers.web.build import LIBRARIES
from tests.integration.problems import problem
from tests.scaffolding.world import Answer, World

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
COMPRESSED_BYTES = 150_000
"""All that a visitor loads who opens every page."""


@pytest.fixture(autouse=True, scope="module")
def layer() -> Path:
    """The layer that has the files."""
    return assets.web_layer() / "python"


@pytest.fixture
def world(world: World, layer: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The platform, with that layer."""
    monkeypatch.syspath_prepend(str(layer))
    return world


def _page(world: World, path: str = "/app") -> Answer:
    return world.request("GET", path)


def _named(page: Answer) -> list[str]:
    return re.findall(r'(?:href|src)="(/app/files/[^"]+)"', page.text)


@pytest.mark.parametrize("path", ["/app", "/app/", "/app/orders/1", "/app/callback", "/app/files"])
def test_every_address_of_the_app_gives_its_page(world: World, path: str) -> None:
    page = _page(world, path.rstrip("/"))

    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"


def test_the_page_names_the_stages_own_client_login_and_currency(world: World) -> None:
    page = _page(world).text

    assert not re.search(r"[^$]\{", page), "something was left to fill in"
    assert re.search(
        r'data-client-id="\w+" data-hosted-login="https://\S+" data-currency="USD"\s+data-places="2"', page
    )
    assert 'data-registers="false"' in page, "Cognito's page lets people sign up"


def test_the_page_allows_its_own_files_and_the_login_and_nothing_else(world: World) -> None:
    headers = _page(world).headers
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))

    [login] = re.findall(r'data-hosted-login="(\S+)"', _page(world).text)
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {login}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script(?![^>]* src=)|<style|style=| on\w+=", _page(world).text)


def test_every_file_that_the_page_or_a_module_names_is_there_and_kept_for_good(world: World, layer: Path) -> None:
    waiting, seen, size = _named(_page(world)), set[str](), 0
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        file = world.request("GET", address, headers={"accept-encoding": "identity"})
        assert file.status == 200, address
        assert file.headers["content-type"] == MEDIA_TYPES[address.rpartition(".")[2]]
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["x-content-type-options"] == "nosniff"
        size += len(gzip.compress(file.text.encode()))
        folder = address.rpartition("/")[0]
        for name in re.findall(r'(?:from|import\(|^import) ?"(\.[^"]+)"', file.text, re.MULTILINE):
            waiting.append(str((Path(folder) / name).resolve()))

    [version] = {address.split("/")[3] for address in seen}
    assert len(version) == 16
    assert {f"/app/files/{version}/{name}" for name in LIBRARIES} <= seen
    shipped = (layer / "app_files" / version).rglob("*.gz")
    assert len(list(shipped)) == len(seen), "a file that nothing loads"
    assert size < COMPRESSED_BYTES


@pytest.mark.parametrize(
    "path", ["/app/files/0000000000000000/main.js", "/app/files/index.html", "/app/files/..", "/app/files/get_app.py"]
)
def test_no_other_file_is_there(world: World, path: str) -> None:
    problem(world.request("GET", path), 404, "not-found")


def test_browsers_get_files_compressed(world: World) -> None:
    address = _named(_page(world))[0]
    answer = world.request("GET", address, headers={"accept-encoding": "gzip, deflate, br"})

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"


def test_what_is_served_changes_its_address_when_it_changes(tmp_path: Path) -> None:
    from layers.web import build  # noqa: PLC0415 - beside the names that it exports

    project = tmp_path / "project"
    for name in ("layers/web", "node_modules"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
    _copy(assets.PROJECT / "layers/web", project / "layers/web")
    (project / "node_modules").symlink_to(assets.PROJECT / "node_modules")
    build.build(project, tmp_path / "before")
    style = project / "layers/web/app/style.css"
    style.write_text(style.read_text() + "\n")
    build.build(project, tmp_path / "after")

    assert _versions(tmp_path / "before") != _versions(tmp_path / "after")
    assert _versions(tmp_path / "before") == _versions(assets.web_layer()), "a build is the same each time"


def _copy(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            (target / path.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            (target / path.relative_to(source)).write_bytes(path.read_bytes())


def _versions(layer: Path) -> list[str]:
    return [entry.name for entry in (layer / "python/app_files").iterdir() if entry.is_dir()]
