"""Hooks of mkdocs (mkdocs.yml). They run in the environment of the site, .tools/docs, and import nothing of ours."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

PROJECT = Path(__file__).parent.parent
DOCS = PROJECT / "docs"
MERMAID = PROJECT / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"
"""Draws the diagrams. Where a page has it already, the theme loads none from a CDN."""

_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s#]*)(?:#[^)\s]*)?\)")


def on_config(config: Any) -> Any:
    """Add every decision to the navigation, so that a new one is there by itself."""
    [section] = [entry["Decisions"] for entry in config.nav if "Decisions" in entry]
    section += sorted(str(page.relative_to(DOCS)) for page in (DOCS / "decisions").glob("0*.md"))
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the script that draws diagrams."""
    files.append(File.generated(config, "assets/mermaid.js", abs_src_path=str(MERMAID)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Show a link to a file of the repository outside of docs/ as its path: the site does not have that file."""
    folder = (DOCS / page.file.src_uri).parent

    def shown(link: re.Match[str]) -> str:
        target = (folder / link[2]).resolve()
        if target.is_relative_to(DOCS) or not (target.is_relative_to(PROJECT) and target.exists()):
            return link[0]
        text, path = link[1].strip("`"), str(target.relative_to(PROJECT))
        return f"`{path}`" if path.endswith(text) else f"{link[1]} (`{path}`)"

    return _LINK.sub(shown, markdown)
