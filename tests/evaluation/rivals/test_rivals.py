"""The rivals' formulas, held against whole forward passes of models that wear the anchors for real."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from assistant.anchors.bank import Bank
from assistant.engine.base_model import BaseModel
from assistant.engine.composer import Composer
from assistant.engine.forward import TransformersForward
from assistant.engine.llama import LlamaForward
from assistant.engine.prompting import PromptEncoder
from assistant.engine.sampling import Sampling
from assistant.evaluation.rivals.arithmetic import ExpertArithmetic, PromptedArithmetic
from assistant.evaluation.rivals.decoder import SteppedDecoder
from assistant.evaluation.rivals.dexperts import DExperts
from assistant.evaluation.rivals.generate import Generate
from assistant.evaluation.rivals.mixture import Mixture
from assistant.evaluation.rivals.peft_ways import Peft
from assistant.style import Profile, coefficients
from tests import tiny

MESSAGES = [{"role": "user", "content": "How are you?"}]
REPLY = [40, 41, 42, 43]
BOTH = Profile({"formality": 0.9, "sentiment": 0.2}, {"formality": 0.5, "sentiment": 0.5})
ONE = Profile({"formality": 1.0, "sentiment": 0.5}, {"formality": 1.0, "sentiment": 0.0})
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return tiny.base()


@pytest.fixture(scope="module")
def bank(base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return tiny.write_bank(tmp_path_factory.mktemp("bank") / "bank", base.model)


def ids(base: BaseModel, messages: Sequence[dict[str, str]] = MESSAGES) -> list[int]:
    return PromptEncoder(base.tokenizer).encode(messages)


@torch.inference_mode()
def whole(model: torch.nn.Module, tokens: Sequence[int]) -> torch.Tensor:
    """Logits after `tokens`, with no cache and no batch."""
    found: torch.Tensor = model(torch.tensor([list(tokens)])).logits[0, -1]
    return found


def with_anchors(bank: Bank, k: Sequence[float]) -> torch.nn.Module:
    model: torch.nn.Module = tiny.base().model
    Composer(model, bank).set(np.asarray(k, dtype=np.float64))
    return model


def last(decoder: SteppedDecoder, profile: Profile, at_once: bool = False) -> torch.Tensor:
    growing = decoder.begin(MESSAGES, profile)
    if at_once:
        return growing.feed(REPLY)
    found = growing.feed([])
    for token in REPLY:
        found = growing.feed([token])
    return found


def test_dexperts_adds_what_expert_and_anti_expert_differ_by(base: BaseModel, bank: Bank) -> None:
    tokens = ids(base) + REPLY
    expected = whole(base.model, tokens)
    for i, strength in enumerate((0.4, -0.3)):  # α of the two attributes: (2αᵢ − 1) / 2
        poles = [with_anchors(bank, np.eye(4)[2 * i + pole]) for pole in (0, 1)]
        expected = expected + strength * (whole(poles[1], tokens) - whole(poles[0], tokens))
    found = last(DExperts(base, bank), BOTH)
    torch.testing.assert_close(found, expected, **CLOSE)
    assert (found - whole(base.model, tokens)).abs().max() > 0.5


def test_arithmetic_is_the_weighted_mean_of_log_probabilities(base: BaseModel, bank: Bank) -> None:
    tokens = ids(base) + REPLY
    parts = [whole(base.model, tokens)]
    parts += [whole(with_anchors(bank, np.eye(4)[j]), tokens) for j in (1, 2)]  # formal and negative
    logs = [part.log_softmax(-1) for part in parts]
    expected = (logs[0] + 0.8 * logs[1] + 0.6 * logs[2]) / 2.4
    found = last(ExpertArithmetic(base, bank), BOTH)
    torch.testing.assert_close(found.softmax(-1), expected.softmax(-1), **CLOSE)


def test_prompted_arithmetic_mixes_prompts_of_different_length(base: BaseModel, bank: Bank) -> None:
    decoder = PromptedArithmetic(base, tiny.ATTRIBUTES)
    prompts = [ids(base)]
    for attribute, high in ((tiny.FORMALITY, True), (tiny.SENTIMENT, False)):
        prompts.append(ids(base, [{"role": "system", "content": decoder.system_prompt(attribute, high)}, *MESSAGES]))
    assert len({len(prompt) for prompt in prompts}) == 3
    z = torch.stack([whole(base.model, prompt + REPLY) for prompt in prompts])
    expected = (z[0] + 0.8 * z[1] + 0.6 * z[2]) / 2.4
    torch.testing.assert_close(last(decoder, BOTH), expected, **CLOSE)


def test_unmerged_peft_is_the_composed_model(base: BaseModel, bank: Bank) -> None:
    expected = whole(with_anchors(bank, coefficients(BOTH, tiny.NAMES)), ids(base) + REPLY)
    torch.testing.assert_close(last(Peft(tiny.base(), bank), BOTH), expected, **CLOSE)


def test_peft_merges_the_same_sum_each_time_and_takes_it_out(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    peft = Peft(tiny.base(), bank)
    name = bank.card.target_modules[0]
    seen = []
    unmerge = peft.peft.unmerge_adapter

    def look_then_unmerge() -> None:
        seen.append(peft.peft.base_model.model.get_submodule(name).base_layer.weight.detach().clone())
        unmerge()

    monkeypatch.setattr(peft.peft, "unmerge_adapter", look_then_unmerge)
    for k in ((1.0, 0.0, 0.0, 0.0), (0.2, -0.4, 0.3, 0.0)):
        peft.merge_and_unmerge(k)
        torch.testing.assert_close(seen[-1], with_anchors(bank, k).get_submodule(name).weight.detach(), **CLOSE)
    peft.tidy()
    back = peft.peft.base_model.model.get_submodule(name).base_layer.weight
    torch.testing.assert_close(back, tiny.base().model.get_submodule(name).weight, **CLOSE)


@pytest.mark.parametrize("kind", [DExperts, ExpertArithmetic, PromptedArithmetic])
def test_our_own_forward_computes_the_same_rivals(base: BaseModel, bank: Bank, kind: type) -> None:
    what = tiny.ATTRIBUTES if kind is PromptedArithmetic else bank
    own = kind(base, what, LlamaForward(base.model))
    torch.testing.assert_close(last(own, BOTH), last(kind(base, what), BOTH), **CLOSE)


@pytest.mark.parametrize("kind", [DExperts, ExpertArithmetic, PromptedArithmetic])
def test_strength_zero_is_the_base_and_the_cache_changes_nothing(base: BaseModel, bank: Bank, kind: type) -> None:
    decoder = kind(base, tiny.ATTRIBUTES if kind is PromptedArithmetic else bank)
    torch.testing.assert_close(
        last(decoder, BOTH.with_options(strength=0.0)), whole(base.model, ids(base) + REPLY), **CLOSE
    )
    torch.testing.assert_close(last(decoder, BOTH), last(decoder, BOTH, at_once=True), **CLOSE)
    clean = whole(base.model, ids(base) + REPLY)
    assert torch.equal(whole(tiny.base().model, ids(base) + REPLY), clean)  # no hook is left behind


def test_every_decoder_yields_tokens_until_a_stop(base: BaseModel, bank: Bank) -> None:
    settings = Sampling(temperature=0, max_tokens=5, repetition_penalty=1.0)
    greedy = list(DExperts(base, bank).stream(MESSAGES, BOTH.with_options(strength=0.0), settings, frozenset()))
    assert len(greedy) == 5
    assert list(Generate(base).stream(MESSAGES, BOTH, settings, frozenset())) == greedy
    stop = frozenset({greedy[-1]})
    expected = greedy[: greedy.index(greedy[-1])]
    assert list(DExperts(base, bank).stream(MESSAGES, ONE.with_options(strength=0.0), settings, stop)) == expected
    assert list(Generate(base).stream(MESSAGES, ONE, settings, stop)) == expected


def test_a_mixture_refuses_anchors_before_plain_rows(base: BaseModel, bank: Bank) -> None:
    with pytest.raises(ValueError, match="rows with an anchor last"):
        Mixture(base, TransformersForward(base.model), [([1], 0), ([1], None)], [1.0, 1.0], bank)
