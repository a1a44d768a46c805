from __future__ import annotations

import pytest

from assistant.style import Attribute, AttributeSpecError

TONE = {"name": "tone", "low": "dull", "high": "bright"}
RULE = "of an attribute must be 2 to 32 lower-case letters, digits or underscores"


def test_an_attribute_is_read_from_a_table_and_written_back() -> None:
    table = {**TONE, "about": "How it shines.", "low_words": ["grey", "flat"], "high_words": ["sunny"]}
    tone = Attribute.from_mapping({**table, "high_words": ["Sunny"]})
    assert tone == Attribute("tone", "dull", "bright", "How it shines.", ("grey", "flat"), ("sunny",))
    assert tone.as_dict() == table
    assert [tone.direction(word) for word in ("dull", "flat", "bright", "sunny")] == [-1, -1, 1, 1]


def test_what_is_said_about_it_and_other_words_may_be_missing() -> None:
    tone = Attribute.from_mapping(TONE)
    assert tone == Attribute("tone", "dull", "bright")
    assert tone.as_dict() == {**TONE, "about": ""}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": None}, "an attribute needs the text 'name'"),
        ({"high": 3}, "an attribute needs the text 'high'"),
        ({"about": 3}, "an attribute needs the text 'about'"),
        ({"name": "x"}, f"the name 'x' {RULE}"),
        ({"low": "Dull"}, f"the low pole 'Dull' {RULE}"),
        ({"high": "so bright"}, f"the high pole 'so bright' {RULE}"),
        ({"high": "dull"}, "the two poles of tone have the same name, 'dull'"),
        ({"low_words": "grey"}, "an attribute's 'low_words' must be a list of words"),
        ({"high_words": [1]}, "an attribute's 'high_words' must be a list of words"),
        ({"high_words": [" "]}, "an attribute's 'high_words' must be a list of words"),
    ],
)
def test_attributes_that_are_none(change: dict[str, object], says: str) -> None:
    with pytest.raises(AttributeSpecError) as caught:
        Attribute.from_mapping({**TONE, **change})
    assert str(caught.value) == says


@pytest.mark.parametrize("missing", list(TONE))
def test_a_name_and_two_poles_are_needed(missing: str) -> None:
    with pytest.raises(AttributeSpecError, match=f"^an attribute needs the text '{missing}'$"):
        Attribute.from_mapping({key: value for key, value in TONE.items() if key != missing})
