"""No reply says what another says in nearly the same words, and no prompt of one split comes again in another.

Measured by the cosine of MiniLM embeddings. The two poles of one prompt say the same thing in two manners: their
median cosine is 0.67 to 0.80, and for 95% of them it is below 0.83 to 0.92. Replies of one pole to different prompts
have a median of 0.1 and reach 0.7 in one of ten thousand pairs. So 0.9 is where a reply to another question is as
close as a paraphrase can be. Prompts are shorter and vary more: two that ask the same begin at 0.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant import locations
from assistant.anchors.texts import POLES, Pole, read_texts

pytestmark = pytest.mark.model
TEXTS = read_texts(locations.data())
ATTRIBUTES = [attribute.name for attribute in TEXTS.attributes]
REPLIES, PROMPTS = 0.9, 0.8
TWICE_ASKED = {("F005", "G019"), ("F032", "G009")}
"""Prompts of the scorers' split that ask the same thing; each stands for one prompt there and leaks into nothing."""
ACROSS = {("C017", "G007")}
"""A children's party, in the anchors' split and in the scorers'; the held-out split is clean."""


@cache
def encode(texts: tuple[str, ...]) -> NDArray[np.float64]:
    from assistant.scoring.embedder import Embedder

    return Embedder().encode(texts)


def close(texts: tuple[str, ...], least: float) -> Iterator[tuple[str, str, float]]:
    """Yield the ids of prompts whose texts, given one per prompt, are closer than `least`."""
    matrix = encode(texts)
    cosine = np.triu(matrix @ matrix.T, 1)
    for first, second in zip(*np.nonzero(cosine > least), strict=True):
        yield TEXTS.prompts[first].id, TEXTS.prompts[second].id, float(cosine[first, second])


@pytest.mark.parametrize(("attribute", "pole"), [(a, p) for a in ATTRIBUTES for p in POLES])
def test_replies_to_different_prompts_differ(attribute: str, pole: Pole) -> None:
    replies = tuple(TEXTS.replies[attribute][prompt.id][pole] for prompt in TEXTS.prompts)
    found = [pair for pair in close(replies, REPLIES) if pair[:2] not in TWICE_ASKED]
    assert not found


def test_no_prompt_is_asked_again_in_another_split() -> None:
    use = {prompt.id: prompt.split.replace("validation", "anchors") for prompt in TEXTS.prompts}
    pairs = close(tuple(prompt.prompt for prompt in TEXTS.prompts), PROMPTS)
    again = {(first, second) for first, second, _ in pairs if use[first] != use[second]}
    assert again <= ACROSS
    assert not [pair for pair in again if "heldout" in {use[each] for each in pair}]
