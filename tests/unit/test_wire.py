"""JSON on the wire: numbers stay exact both ways."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.wire import RepeatedNameError, read_json, write_json
from tests.unit.properties import few_examples

EXACT = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@pytest.mark.parametrize("text", ["12.50", "0.1", "0.00", "-0.05", "1000000.00", "12345678901234567890.123456789"])
def test_a_number_with_places_keeps_its_digits_both_ways(text: str) -> None:
    assert read_json(text) == Decimal(text)
    assert write_json(read_json(text)) == text


def test_a_whole_number_stays_an_int() -> None:
    value = read_json("12")
    assert (value, type(value)) == (12, int)


def test_an_exponent_makes_an_exact_decimal() -> None:
    value = read_json("1e2")
    assert (value, type(value)) == (Decimal(100), Decimal)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        ('é\n"', '"\\u00e9\\n\\""'),
        ([1, "a", None], '[1,"a",null]'),
        ((1, 2), "[1,2]"),
        ({"a": {"b": [Decimal("0.10")]}}, '{"a":{"b":[0.10]}}'),
        ({}, "{}"),
        ([], "[]"),
    ],
)
def test_values_have_one_compact_form(value: object, text: str) -> None:
    assert write_json(value) == text


@pytest.mark.parametrize(
    "value",
    [
        12.5,
        [12.5],
        {"amount": 12.5},
        float("nan"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        b"bytes",
        {1, 2},
        {1: "key"},
        {None: "key"},
        object,
    ],
    ids=repr,
)
def test_what_has_no_exact_form_is_not_written(value: object) -> None:
    with pytest.raises(TypeError):
        write_json(value)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        '{"amount": NaN}',
        "",
        "   ",
        "{",
        "{'a': 1}",
        '{"a": 1,}',
        "[1] [2]",
        "01",
        "1.",
        ".5",
        "+1",
        "0x10",
        '"a\nb"',
        b"\xff\xfe\xfd",
        b'{"a": "\xff"}',
        "1" * 5000,
    ],
    ids=lambda text: repr(text[:16]),
)
def test_what_is_not_json_is_not_read(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@pytest.mark.parametrize("text", ["1e99999999999999999999", '{"amount": 1e-99999999999999999999}'])
def test_an_exponent_too_large_to_hold_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@pytest.mark.parametrize("nesting", ["[", '{"a":'])
def test_text_nested_too_deeply_is_not_read(nesting: str) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json(nesting * 100_000)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"amount": 1, "amount": 500}', "amount"),
        ('{"amount": 1, "amount": 1}', "amount"),
        (r'{"am\u006funt": 1, "amount": 500}', "amount"),
        (r'{"\u0061\u006d\u006f\u0075\u006e\u0074": 1, "a": 2, "amount": 500}', "amount"),
        ('{"everywhere": false, "everywhere": true}', "everywhere"),
        ('{"a": {"b": [{"c": 1, "d": 2, "c": 3}]}}', "c"),
        ('[{}, {"a": {}, "a": []}]', "a"),
        ('{"": 1, "": 2}', ""),
        ('{"b": 1, "a": 1, "a": 2, "b": 2}', "a"),
        (b'{"na\xc3\xafve": 1, "na\\u00efve": 2}', r"na\u00efve"),
        (r'{"\ud800": 1, "\ud800": 2}', r"\ud800"),
        ('{"<\\"\\n>": 1, "<\\"\\n>": 2}', r"<\"\n>"),
        (f'{{"{"x" * 1000}": 1, "{"x" * 1000}": 2}}', "x" * 64),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_name_twice_in_one_object_is_not_read_and_is_told(text: str | bytes, name: str) -> None:
    with pytest.raises(RepeatedNameError) as refused:
        read_json(text)
    assert str(refused.value) == f'the name "{name}" occurs twice in one object'


@pytest.mark.parametrize(
    "text", ['{"a": {"a": 1}, "b": {"a": 1}}', '[{"a": 1}, {"a": 1}]', '{"a": 1, "A": 2}', '{"a": "a", "b": "a"}']
)
def test_a_name_in_two_objects_and_another_spelling_are_no_repeats(text: str) -> None:
    assert read_json(text) == json.loads(text)


def test_many_names_are_compared_in_no_time() -> None:
    text = "{" + ",".join(f'"{number}":0' for number in range(8000)) + ',"7999":0}'
    with pytest.raises(RepeatedNameError, match="7999"):
        read_json(text)


def test_bytes_are_read_as_text_is() -> None:
    assert read_json('{"naïve": 1.50}'.encode()) == {"naïve": Decimal("1.50")}


@few_examples
@given(EXACT)
def test_what_was_written_reads_as_it_was(value: object) -> None:
    text = write_json(value)
    assert json.loads(text, parse_float=Decimal) == value
    assert read_json(text) == value
    assert write_json(read_json(text)) == text
