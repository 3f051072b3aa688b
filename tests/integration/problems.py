"""What clients can rely on in every error answer."""

from typing import Any

from tests.scaffolding.world import Answer

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "requestId"}


def problem(answer: Answer, status: int, code: str) -> Any:
    """The problem document of an answer (RFC 9457), once all that holds of every such answer was checked."""
    assert (answer.status, answer.json.get("code")) == (status, code), answer.text
    document = answer.json
    assert answer.headers["content-type"] == "application/problem+json"
    assert document.keys() >= MEMBERS
    assert document["status"] == status
    assert document["requestId"] == answer.headers["x-request-id"]
    assert document["instance"].startswith(("/api/v1/", "/app/"))
    return document


def refused_fields(answer: Answer) -> list[str]:
    """The fields that a validation problem names, each with a sentence."""
    errors = problem(answer, 422, "validation-failed")["errors"]
    assert all(error["message"] for error in errors)
    return [error["field"] for error in errors]
