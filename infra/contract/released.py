"""The contract as last released (docs/released/), and breaking changes since.

`python -m infra.contract.released` names every breaking change; with `--release` it makes the current contract the
released one, on which other teams' clients and consumers rely.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra.contract.json_schemas import EVENTS
from infra.contract.openapi import DOCUMENT
from infra.contract.schema_changes import Documents, Schema, read_changes, resolved, sent_changes

RELEASED = Path(__file__).parent.parent.parent / "docs/released"
_OPENAPI = "openapi.json"


def breaking_changes() -> list[str]:
    """Every breaking change since the release."""
    released = {path.name: _read(path) for path in sorted(RELEASED.glob("*.json"))}
    openapi = released.pop(_OPENAPI)
    events = {path.name: _read(path) for path in sorted(EVENTS.glob("*.v*.json"))}
    return [*api_breaks(openapi, _read(DOCUMENT)), *event_breaks(released, events)]


def release() -> None:
    """Make the current contract the released one."""
    shutil.rmtree(RELEASED, ignore_errors=True)
    RELEASED.mkdir(parents=True)
    for path in [DOCUMENT, *EVENTS.glob("*.v*.json")]:
        shutil.copy(path, RELEASED / path.name)


def event_breaks(released: Schema, current: Schema) -> Iterator[str]:
    """What breaks consumers of the released events. A new version of an event is another event."""
    for name, schema in released.items():
        event = name.removesuffix(".json")
        if name in current:
            yield from read_changes(Documents(schema, current[name]), schema, current[name], event)
        else:
            yield f"{event}: is gone"


def api_breaks(released: Schema, current: Schema) -> Iterator[str]:
    """What breaks clients of the released API."""
    documents = Documents(released, current)
    problems = ({"$ref": "#/components/schemas/ProblemDocument"},) * 2
    yield from read_changes(documents, *problems, "problem document")
    for path, methods in released["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            if (now := current["paths"].get(path, {}).get(method)) is None:
                yield f"{where}: is gone"
            else:
                yield from _operation_breaks(documents, operation, now, where)


def _operation_breaks(documents: Documents, old: Schema, new: Schema, where: str) -> Iterator[str]:
    if new["operationId"] != old["operationId"]:
        yield f"{where}: operationId {old['operationId']} is {new['operationId']} now"
    if new["security"] and not old["security"]:
        yield f"{where}: wants a token now"
    yield from _parameter_breaks(documents, old, new, where)
    yield from _body_breaks(documents, old.get("requestBody"), new.get("requestBody"), where)
    yield from _answer_breaks(documents, old["responses"], new["responses"], where)


def _parameter_breaks(documents: Documents, old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, now = _parameters(old, documents.released), _parameters(new, documents.current)
    for name, parameter in before.items():
        if name not in now:
            yield f"{where} {name}: is gone"
            continue
        if now[name].get("required") and not parameter.get("required"):
            yield f"{where} {name}: is required now"
        yield from sent_changes(documents, parameter["schema"], now[name]["schema"], f"{where} {name}")
    for name in now.keys() - before.keys():
        if now[name].get("required"):
            yield f"{where} {name}: is required now"


def _parameters(operation: Schema, document: Schema) -> dict[str, Schema]:
    found = [resolved(parameter, document) for parameter in operation["parameters"]]
    return {f"{parameter['in']} parameter {parameter['name']}": parameter for parameter in found}


def _body_breaks(documents: Documents, old: Schema | None, new: Schema | None, where: str) -> Iterator[str]:
    if new is None:
        return
    if old is None or not old["required"]:
        if new["required"]:
            yield f"{where} body: is required now"
        if old is None:
            return
    for media_type, media in old["content"].items():
        if media_type in new["content"]:
            schema = new["content"][media_type]["schema"]
            yield from sent_changes(documents, media["schema"], schema, f"{where} body")
        else:
            yield f"{where} body: {media_type} is not taken any more"


def _answer_breaks(documents: Documents, old: Schema, new: Schema, where: str) -> Iterator[str]:
    """Only for success: errors may come and go, and all are problem documents."""
    for status in (status for status in old if int(status) < 400):  # noqa: PLR2004 - where errors begin
        place = f"{where} {status}"
        if status not in new:
            yield f"{place}: is gone"
            continue
        before, now = resolved(old[status], documents.released), resolved(new[status], documents.current)
        for name, header in before.get("headers", {}).items():
            kept = now.get("headers", {}).get(name, {})
            if resolved(header, documents.released).get("required") and not resolved(kept, documents.current).get(
                "required"
            ):
                yield f"{place} header {name}: may be missing"
        for media_type, media in before.get("content", {}).items():
            if media_type in now.get("content", {}):
                schema = now["content"][media_type]["schema"]
                yield from read_changes(documents, media["schema"], schema, f"{place} body")
            else:
                yield f"{place}: {media_type} is gone"


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def main(arguments: list[str]) -> None:
    """Name the breaking changes, or release; the exit code is not 0 when there are any."""
    if arguments == ["--release"]:
        release()
        return
    broken = breaking_changes()
    for change in broken:
        sys.stdout.write(f"BREAKING  {change}\n")
    sys.stdout.write(f"contract: {len(broken)} breaking changes since the release\n")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main(sys.argv[1:])
