"""Idempotency keys: who may use which again, and what they are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import clock
from shared.idempotency import RETENTION_SECONDS, IdempotencyKey
from shared.money import Currency
from shared.problems import IdempotencyKeyReusedError, InvalidIdempotencyKeyError, MissingIdempotencyKeyError
from tests.unit.gateway import request
from tests.unit.properties import few_examples

VISIBLE_ASCII = [chr(code) for code in range(0x21, 0x7F)]


def a_key(key: str = "key-1", operation: str = "DEPOSIT", **body: object) -> IdempotencyKey:
    """The key of a request whose understood body is `body`."""
    return IdempotencyKey.of(request(headers={"Idempotency-Key": key}), operation, body)


@pytest.mark.parametrize("key", ["k", "x" * 255, "".join(VISIBLE_ASCII), "8e03978e-40d5-43dd-bc93-6894a57f9324", '"q"'])
def test_up_to_255_visible_characters_are_a_key(key: str) -> None:
    assert a_key(key).key == key


@few_examples
@given(st.text(st.sampled_from(VISIBLE_ASCII), min_size=1, max_size=255))
def test_any_visible_ascii_is_a_key(key: str) -> None:
    assert a_key(key).key == key


@pytest.mark.parametrize(
    "key", ["x" * 256, "two words", " padded ", "tab\t", "line\n", "\n", "é", "\x7f", "\x00", "٣", "😀"], ids=repr
)
def test_what_is_not_1_to_255_visible_ascii_characters_is_no_key(key: str) -> None:
    with pytest.raises(InvalidIdempotencyKeyError):
        a_key(key)


def test_a_request_without_a_key_is_refused() -> None:
    with pytest.raises(MissingIdempotencyKeyError):
        IdempotencyKey.of(request(), "DEPOSIT", {})
    with pytest.raises(MissingIdempotencyKeyError):
        a_key("")


def test_the_order_of_the_fields_does_not_make_another_body() -> None:
    assert a_key(a=1, b=None, c="x") == a_key(c="x", b=None, a=1)


@pytest.mark.parametrize(
    "other",
    [a_key(amount=1001), a_key(amount="1000"), a_key(amount=None), a_key(), a_key(amount=1000, note="x")],
    ids=["more", "text", "null", "nothing", "more fields"],
)
def test_another_body_has_another_fingerprint(other: IdempotencyKey) -> None:
    assert a_key(amount=1000).fingerprint != other.fingerprint


def test_the_spelling_of_an_amount_does_not_make_another_body() -> None:
    minor = Currency("USD").to_minor
    bodies = ['{"amount":10}', '{"amount":10.0}', '{"amount":10.00}', '{"amount":1e1}']
    spelled = [request(body).json_object()["amount"] for body in bodies]
    assert len({a_key(amount=minor(amount)).fingerprint for amount in spelled}) == 1


def test_the_same_key_of_another_operation_is_another_record() -> None:
    assert a_key("k", "DEPOSIT").sort_key != a_key("k", "WITHDRAWAL").sort_key


def test_a_repeated_request_gets_the_stored_answer_to_the_digit() -> None:
    usd = Currency("USD")
    record = a_key(amount=1000).record({"balance": usd.to_decimal(1250), "orderId": None})
    stored = a_key(amount=1000).stored_answer(record)
    assert stored is not None
    assert str(stored["balance"]) == "12.50"
    assert stored == {"balance": usd.to_decimal(1250), "orderId": None}


def test_without_a_record_there_is_no_answer() -> None:
    assert a_key().stored_answer(None) is None


def test_a_key_used_again_with_another_body_is_refused() -> None:
    record = a_key(amount=1000).record({})
    with pytest.raises(IdempotencyKeyReusedError):
        a_key(amount=2000).stored_answer(record)


def test_an_empty_answer_is_an_answer() -> None:
    assert a_key().stored_answer(a_key().record({})) == {}


def test_a_record_is_kept_for_90_days() -> None:
    before = clock.epoch_seconds()
    expires_at = a_key().record({})["expiresAt"]
    assert isinstance(expires_at, int)
    assert before <= expires_at - RETENTION_SECONDS <= clock.epoch_seconds()
    assert RETENTION_SECONDS == 90 * 24 * 60 * 60


def test_an_expired_record_counts_as_none_even_for_another_body() -> None:
    expired = {**a_key(amount=1000).record({}), "expiresAt": clock.epoch_seconds()}
    assert a_key(amount=1000).stored_answer(expired) is None
    assert a_key(amount=2000).stored_answer(expired) is None
