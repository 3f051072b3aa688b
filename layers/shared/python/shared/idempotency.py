"""Idempotency keys: repeating key and body returns the stored answer (draft-ietf-httpapi-idempotency-key-header).

The record is written in the same transaction as its effect, so neither ever exists without the other. Rows expire after
90 days.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared import clock, metrics
from shared.metrics import Metric
from shared.problems import IdempotencyKeyReusedError, InvalidIdempotencyKeyError, MissingIdempotencyKeyError
from shared.wire import read_json, write_json

if TYPE_CHECKING:
    from shared.http import Request

RETENTION_SECONDS = 90 * 24 * 3600
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """One caller's key for one operation, with a fingerprint of the body that it came with."""

    operation: str
    key: str
    fingerprint: str

    @classmethod
    def of(cls, request: Request, operation: str, body: Mapping[str, object]) -> IdempotencyKey:
        """The key that `request` carries. `body` is the parsed body, so that formatting does not matter.

        Raises MissingIdempotencyKeyError without the header, InvalidIdempotencyKeyError if it isn't 1-255 visible
        ASCII characters.
        """
        key = request.headers.get("idempotency-key")
        if not key:
            raise MissingIdempotencyKeyError("Send an Idempotency-Key header: 1-255 visible ASCII characters")
        if not _VISIBLE_ASCII.fullmatch(key):
            raise InvalidIdempotencyKeyError("Idempotency-Key must be 1-255 visible ASCII characters")
        fingerprint = hashlib.sha256(write_json(dict(sorted(body.items()))).encode()).hexdigest()
        return cls(operation, key, fingerprint)

    @property
    def sort_key(self) -> str:
        """The sort key of the record among its caller's rows."""
        return f"IDEMPOTENCY#{self.operation}#{self.key}"

    def record(self, answer: Mapping[str, object]) -> dict[str, object]:
        """The attributes to write with the effect; `answer` is the answer to the client."""
        return {
            "fingerprint": self.fingerprint,
            "answer": write_json(answer),
            "expiresAt": clock.epoch_seconds() + RETENTION_SECONDS,
        }

    def stored_answer(self, record: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The answer in `record`; None without a record, or if it has expired.

        Raises IdempotencyKeyReusedError when the record belongs to another body.
        """
        if record is None or record["expiresAt"] <= clock.epoch_seconds():
            return None
        if record["fingerprint"] != self.fingerprint:
            raise IdempotencyKeyReusedError
        answer = read_json(record["answer"])
        assert isinstance(answer, dict)  # noqa: S101 - written by record() above
        metrics.publish({Metric.IDEMPOTENCY_REPLAYS: 1}, operation=self.operation)
        return answer
