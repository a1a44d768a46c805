"""The contenders in batch, held against the decoders of one reply at a time, PEFT, and their own formulas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import torch

from assistant.anchors.bank import Bank
from assistant.anchors.texts import read_texts
from assistant.engine.base_model import BaseModel
from assistant.engine.composer import Composer
from assistant.engine.forward import Forward, TransformersForward
from assistant.engine.prompting import PromptEncoder
from assistant.engine.sampling import Sampler, Sampling
from assistant.evaluation.paper.contenders import control, methods
from assistant.evaluation.paper.contenders.batched import Forced, Part, Row, decode
from assistant.evaluation.paper.contenders.stage import Stage
from assistant.evaluation.paper.contenders.updates import direction, forward_of, frobenius, linear_mix, random_direction
from assistant.evaluation.rivals.arithmetic import ExpertArithmetic, PromptedArithmetic
from assistant.evaluation.rivals.decoder import SteppedDecoder
from assistant.evaluation.rivals.dexperts import DExperts
from assistant.evaluation.rivals.peft_ways import Peft
from assistant.style import Profile
from tests import tiny

pytestmark = pytest.mark.slow

CONVERSATIONS = [
    [{"role": "user", "content": text}] for text in ("How are you?", "Hi", "Tell me of the sea and the sky", "Hi")
]
SETTINGS = Sampling(temperature=0, max_tokens=6)
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture(scope="module")
def base() -> BaseModel:
    return tiny.base()


@pytest.fixture(scope="module", params=[False, True], ids=["own A", "shared A"])
def bank(request: pytest.FixtureRequest, base: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return tiny.write_bank(tmp_path_factory.mktemp("bank") / "bank", base.model, shared=request.param)


@pytest.fixture(scope="module")
def stage(bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tiny.write_data(tmp_path_factory.mktemp("data"), tiny.ATTRIBUTES, ["anchors"] * 3 + ["validation"])
    model = tiny.base()
    return Stage(Composer(model.model, bank), model, bank, read_texts(folder), pairs=2)


def batch(stage: Stage, parts: Sequence[Part]) -> list[list[int]]:
    rows = [Row(each, Sampler(SETTINGS), SETTINGS.max_tokens) for each in CONVERSATIONS]
    return decode(parts, rows, stage.encoder, stage.stops, stage.pad)


def single(decoder: SteppedDecoder, profile: Profile, stops: frozenset[int]) -> list[list[int]]:
    return [list(decoder.stream(each, profile, SETTINGS, stops)) for each in CONVERSATIONS]


def sentiment(alpha: float, strength: float) -> Profile:
    lam = {"formality": 0.0, "sentiment": 1.0}
    return Profile({"formality": 0.5, "sentiment": alpha}, lam, strength=strength)


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_the_batch_says_what_the_decoders_of_one_reply_say(
    stage: Stage, base: BaseModel, bank: Bank, alpha: float
) -> None:
    sign = 2 * alpha - 1
    pairs: list[tuple[list[Part], SteppedDecoder, float]] = [
        (methods.dexperts(stage, 1, 0.8 * sign), DExperts(base, bank), 1.6),  # α is half the centred strength
        (methods.arithmetic_experts(stage, 1, 0.6 * sign), ExpertArithmetic(base, bank), 1.5),  # w = f / (1 + f)
        (methods.arithmetic_prompts(stage, 1, 0.6 * sign), PromptedArithmetic(base, tiny.ATTRIBUTES), 1.5),
    ]
    for parts, decoder, strength in pairs:
        assert batch(stage, parts) == single(decoder, sentiment(alpha, strength), stage.stops)


def test_transformers_own_forward_says_the_same(stage: Stage, base: BaseModel) -> None:
    assert batch(stage, [Part(TransformersForward(base.model))]) == batch(stage, [stage.base()])


def test_strength_zero_is_the_base_where_it_is_said_to_be(stage: Stage) -> None:
    plain = batch(stage, [stage.base()])
    for name, method in methods.METHODS.items():
        if not method.own_zero:
            assert batch(stage, method.voice(stage, 0, 0.0)) == plain, name


def test_every_method_moves_the_logits_and_both_ways_apart(stage: Stage) -> None:
    def first(parts: Sequence[Part]) -> torch.Tensor:
        row = Forced([5], lambda _, logs: logs)
        decode(parts, [Row(CONVERSATIONS[0], row, 1)], stage.encoder, stage.stops, stage.pad)
        found: torch.Tensor = row.found[0]
        return found

    plain = first([stage.base()])
    for name, method in methods.METHODS.items():
        strength = method.small[-1]
        up, down = first(method.voice(stage, 0, strength)), first(method.voice(stage, 0, -strength))
        assert (up - plain).abs().max() > 1e-3, name
        assert (up - down).abs().max() > 1e-3, name


def test_a_random_direction_has_the_norm_and_rank_of_the_anchors_in_each_module(bank: Bank) -> None:
    like = direction(bank, 1)
    drawn, other = random_direction(like, 3), random_direction(like, 4)
    for name, (a, b) in like.items():
        half = (bank.factors[name].b[3].float() @ bank.factors[name].a[3].float()) / 2
        half -= (bank.factors[name].b[2].float() @ bank.factors[name].a[2].float()) / 2
        torch.testing.assert_close(b @ a, half, **CLOSE)
        new_a, new_b = drawn[name]
        assert new_a.shape == a.shape
        assert float((new_b @ new_a).norm()) == pytest.approx(float((b @ a).norm()), rel=1e-4)
        assert frobenius(a, b) == pytest.approx(float((b @ a).norm()), rel=1e-4)
        assert not torch.allclose(new_b @ new_a, other[name][1] @ other[name][0])


@pytest.mark.parametrize("weights", [(0.25, 0.75), (-0.5, 1.5)])
def test_the_linear_mix_has_the_weights_that_peft_makes(bank: Bank, weights: tuple[float, float]) -> None:
    peft = Peft(tiny.base(), bank)
    for layer in peft._layers:
        for name in peft.names:
            layer.scaling[name] = 1.0
    peft.peft.base_model.add_weighted_adapter(peft.names[2:4], list(weights), "mix", combination_type="linear")
    mixed = linear_mix(bank, {2: weights[0], 3: weights[1]})
    for name, (a, b) in mixed.items():
        layer = peft.peft.base_model.model.get_submodule(name)
        scale = layer.scaling["mix"]
        theirs = scale * layer.lora_B["mix"].weight.data.float() @ layer.lora_A["mix"].weight.data.float()
        torch.testing.assert_close(b @ a, theirs, **CLOSE)


@pytest.mark.parametrize("wrap", [forward_of, TransformersForward])
def test_a_control_vector_moves_the_stream_by_exactly_itself(base: BaseModel, wrap: Any) -> None:
    forward: Forward = wrap(base.model)
    vector = torch.randn(32, generator=torch.Generator().manual_seed(1))
    ids = PromptEncoder(base.tokenizer).encode(CONVERSATIONS[0])
    plain = _states(base.model, ids)
    mask, places = torch.ones(1, len(ids), dtype=torch.long), torch.arange(len(ids))[None]

    def last() -> torch.Tensor:
        return forward.rows(forward.cache(1), torch.tensor([ids]), mask, places)

    before = last()
    with control.steered(forward, base.model, {0: vector}, 0.0):
        torch.testing.assert_close(last(), before)
    with control.steered(forward, base.model, {0: vector}, -0.5):
        moved = last()
        if isinstance(forward, TransformersForward):
            torch.testing.assert_close(_states(base.model, ids) - plain, (-0.5 * vector).expand(len(ids), -1), **CLOSE)
    with control.steered(TransformersForward(base.model), base.model, {0: vector}, -0.5):
        torch.testing.assert_close(moved[0], _logits(base.model, ids), **CLOSE)
    assert (moved - before).abs().max() > 0.01
    torch.testing.assert_close(last(), before)  # nothing is left behind


@torch.inference_mode()
def _states(model: Any, ids: Sequence[int]) -> torch.Tensor:
    """What the second layer is given, shape (tokens, width)."""
    seen: list[torch.Tensor] = []
    hook = model.get_decoder().layers[1].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0][0]))
    model(torch.tensor([list(ids)]))
    hook.remove()
    return seen[0]


@torch.inference_mode()
def _logits(model: Any, ids: Sequence[int]) -> torch.Tensor:
    found: torch.Tensor = model(torch.tensor([list(ids)])).logits[0, -1]
    return found


def test_the_vector_is_the_difference_of_the_means_over_reply_tokens(base: BaseModel) -> None:
    low, high = [([3, 4], [5, 6, 7]), ([8], [9])], [([3, 4], [10, 11])]
    means = []
    for side in (low, high):
        states = [_states(base.model, [*prompt, *reply])[len(prompt) :] for prompt, reply in side]
        means.append(torch.cat(states).mean(0))
    found = control.difference_of_means(base.model, low, high, [0], 1)
    torch.testing.assert_close(found[0], means[1] - means[0], **CLOSE)


def test_forced_rows_say_their_tokens_beside_free_ones(stage: Stage) -> None:
    alone = batch(stage, [stage.base()])
    seen: list[float] = []
    forced = Forced([7, 1, 9], lambda place, logs: seen.append(float(logs.exp().sum())))
    rows = [Row(CONVERSATIONS[0], Sampler(SETTINGS), 6), Row(CONVERSATIONS[1], forced, 3)]
    assert decode([stage.base()], rows, stage.encoder, stage.stops, stage.pad) == [alone[0], [7, 1, 9]]
    assert seen == pytest.approx([1.0] * 3, abs=1e-4)
