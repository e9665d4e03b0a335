"""JSON that is read and written without losing anything, whatever Graph made of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.graph import documents

TEXTS = st.text() | st.sampled_from(["cut off \ud83d", "\udc00 at the start"])  # halves of surrogate pairs
NUMBERS = st.integers() | st.integers(10**18, 10**40) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_pure_ascii_and_says_the_same(value: object) -> None:
    text = documents.written(value)
    assert text.isascii()
    assert repr(json.loads(text)) == repr(value)


@given(VALUES)
def test_what_is_read_is_what_the_standard_library_reads(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, indent=1).encode()):
        assert repr(documents.read(text)) == repr(value)


@given(VALUES)
def test_properties_keep_their_order(value: object) -> None:
    both = {"z": value, "a": value}
    assert list(documents.read(documents.written(both))) == ["z", "a"]


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nonsense", b'{"a": "\xff"}', "[" * 100_000])
def test_what_is_no_json_is_a_value_error(text: bytes | str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each reader has words of its own
        documents.read(text)


def test_other_encodings_are_read_as_well() -> None:
    assert documents.read('{"a": "ü"}'.encode("utf-16")) == {"a": "ü"}
    assert documents.read(b"\xef\xbb\xbf[1]") == [1]
