"""The user pool's public keys: fetched once per container, and again for an unknown key, at most once a minute.

So a forged key id can't make us hammer Cognito, and tokens verify while Cognito is unavailable.
"""

from __future__ import annotations

import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from pathlib import Path

import botocore

from shared import environment
from shared.logs import logger
from shared.problems import DependencyUnavailableError

_SECONDS_BETWEEN_FETCHES = 60
_SECONDS_BETWEEN_FIRST_ATTEMPTS = 5
_TIMEOUT_SECONDS = 2


class UnknownKeyError(Exception):
    """No key of this id is known."""


class KeysUnavailableError(DependencyUnavailableError):
    """The keys could not be fetched, and none are known."""


class PublishedKeys[Key]:
    """The keys published at `url`, a JSON Web Key Set (RFC 7517).

    `keys_of` turns a document into keys by id, and raises ValueError if it is not a key set.
    """

    def __init__(self, url: str, keys_of: Callable[[bytes], Mapping[str, Key]]) -> None:
        self._url = url
        self._keys_of = keys_of
        self._document = b""
        self._keys: Mapping[str, Key] = {}
        self._fetched_at = float("-inf")

    def key(self, key_id: str) -> Key:
        """The key with the id `key_id`. Raises UnknownKeyError, KeysUnavailableError."""
        if key_id not in self._keys:
            self._fetch()
        try:
            return self._keys[key_id]
        except KeyError:
            raise UnknownKeyError from None

    def document(self) -> bytes:
        """The key set as the pool publishes it. Raises KeysUnavailableError."""
        if not self._document:
            self._fetch()
        return self._document

    def _fetch(self) -> None:
        now = time.monotonic()
        pause = _SECONDS_BETWEEN_FETCHES if self._keys else _SECONDS_BETWEEN_FIRST_ATTEMPTS
        if now - self._fetched_at < pause:
            if not self._keys:
                raise KeysUnavailableError
            return
        self._fetched_at = now
        try:
            # The address comes from our own deployment, and is https on AWS.
            asked = urllib.request.urlopen(self._url, timeout=_TIMEOUT_SECONDS, context=self._trust())  # noqa: S310 - said
            with asked as answer:
                document = answer.read()
            keys = self._keys_of(document)
        except (OSError, HTTPException, ValueError) as error:
            logger.exception("signing keys could not be fetched")
            if not self._keys:
                raise KeysUnavailableError from error
            return
        self._document = document
        self._keys = keys

    def _trust(self) -> ssl.SSLContext | None:
        """The certificate authorities that the AWS clients trust; loading the system's whole list takes 20 ms more."""
        if not self._url.startswith("https:"):
            return None
        return ssl.create_default_context(cafile=Path(botocore.__file__).with_name("cacert.pem"))


def address_of_stage() -> str:
    """The address at which the pool that this function is deployed with publishes its keys."""
    region, pool_id = environment.required("AWS_REGION"), environment.required("USER_POOL_ID")
    base = environment.aws_endpoint() or f"https://cognito-idp.{region}.amazonaws.com"
    return f"{base}/{pool_id}/.well-known/jwks.json"
