"""The fast arithmetic is faithful on the real model, and a change of voice costs little."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from assistant import locations
from assistant.anchors.bank import load_bank
from assistant.anchors.texts import POLES, read_texts
from assistant.engine import int8
from assistant.engine.base_model import load_base
from assistant.engine.engine import Engine
from assistant.engine.sampling import Sampling
from assistant.style import Profile

pytestmark = pytest.mark.skipif(not int8.available(), reason="this processor has no int8 products")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(locations.default_bank(), device="cpu")


@pytest.fixture(scope="module")
def exact() -> Engine:
    return Engine(load_base(None, torch.device("cpu")), locations.default_bank(), "fp32")


def seconds(act: Callable[[], object]) -> float:
    began = time.thread_time()
    act()
    return time.thread_time() - began


def test_int8_is_faithful_on_held_out_replies_in_their_voices(engine: Engine, exact: Engine) -> None:
    assert engine.arithmetic == "int8"
    names, texts = load_bank(locations.default_bank()).card.names, read_texts(locations.data())
    total, count, replies = 0.0, 0, 0
    for name in names:
        for pole, alpha in zip(POLES, (0.0, 1.0), strict=True):
            profile = Profile.neutral(names).with_alpha({name: alpha})
            engine.compose(profile)
            engine.fold()
            exact.compose(profile)
            for prompt, reply in texts.pairs(name, pole, "heldout")[:2]:
                ids, body = engine.encode(prompt.messages()), engine._encoder.text(reply)[:40]
                ours = torch.stack([engine.logits(ids + body[:end]) for end in range(len(body))]).log_softmax(-1)
                with torch.no_grad():
                    logits = exact._model(torch.tensor([ids + body[:-1]])).logits[0, -len(body) :]
                theirs = logits.log_softmax(-1)
                total += float((theirs.exp() * (theirs - ours)).sum())
                count += len(body)
                replies += 1
    assert replies >= 20
    assert total / count <= 0.01


def test_a_change_of_one_attribute_takes_less_than_two_tokens(engine: Engine) -> None:
    k = np.zeros(10)
    engine.composer.set(k)
    engine.fold()
    ids = engine.encode([{"role": "user", "content": "Tell me about the sea."}])
    list(engine.tokens(ids, Sampling(max_tokens=2, seed=1)))
    changes, tokens = [], []
    for number in range(1, 8):
        other = k.copy()
        other[2:4] = -number / 10, number / 10
        changes.append(seconds(lambda other=other: engine.composer.set(other)))
        engine.composer.set(k)
        reply = engine.tokens(ids, Sampling(max_tokens=9, seed=1))
        next(reply)
        tokens.append(seconds(lambda reply=reply: list(reply)) / 8)
    assert statistics.median(changes) < 2 * statistics.median(tokens)


def test_the_first_token_after_a_change_comes_as_if_nothing_had_changed(engine: Engine) -> None:
    """The background's work done, the next reply has as much to compute as with an unchanged profile."""
    names = load_bank(locations.default_bank()).card.names
    past = [
        {"role": "user", "content": "Tell me about the sea. " * 40},
        {"role": "assistant", "content": "It is wide and deep. " * 40},
    ]
    firsts: dict[bool, list[float]] = {True: [], False: []}
    engine.compose(Profile.neutral(names))
    engine.fold()
    engine.prefill(past)
    for number in range(6):
        change = number % 2 == 1
        if change:
            engine.compose(Profile.neutral(names).with_alpha({"formality": 0.6 + number / 20}))
            engine.fold()
        engine.prefill(past)
        ids = engine.encode([*past, {"role": "user", "content": f"And number {number}?"}])
        reply = engine.tokens(ids, Sampling(max_tokens=6, seed=1))
        firsts[change].append(seconds(lambda reply=reply: next(reply)))
        rest = seconds(lambda reply=reply: list(reply)) / 5
    assert min(firsts[True]) < min(firsts[False]) + 1.5 * rest
    assert min(firsts[True]) < 20 * rest  # the history alone would take far longer
