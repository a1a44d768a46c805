from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from assistant.engine import int8
from assistant.engine.composer import Composer
from assistant.engine.engine import Engine
from assistant.engine.int8_composer import Int8Composer
from assistant.engine.llama import LlamaForward
from assistant.engine.sampling import Sampling
from assistant.errors import BadInput
from assistant.style import Profile
from tests import tiny

pytestmark = pytest.mark.skipif(not int8.available(), reason="this processor has no int8 products")
K = np.array([-0.5, 0.5, 0.3, -0.3])
OTHER = np.array([0.5, -0.5, 0.3, -0.3])
IDS = [5, 9, 33, 60, 7, 7, 200, 4, 11]


def packed(weight: torch.Tensor, fine: bool = True) -> int8.Int8Linear:
    linear = int8.Int8Linear(*weight.shape, fine=fine)
    quantised = torch.empty(weight.shape, dtype=torch.int8)
    linear.pack(quantised, int8.quantise(weight.clone(), quantised))
    return linear


def test_products_are_within_the_rounding_of_weights_and_activations() -> None:
    torch.manual_seed(0)
    weight, x = torch.randn(96, 64), torch.randn(5, 64)
    x[:, 3] = 200.0  # an outlier, as models have them
    steps = weight.abs().amax(1) / 127
    rounded = (weight / steps[:, None]).round() * steps[:, None]
    exact = x.double() @ rounded.double().t()
    errors = {}
    for fine in (True, False):
        linear = packed(weight, fine)
        many = linear.many(x)
        for row in range(len(x)):
            torch.testing.assert_close(linear.one(x[row : row + 1], 1.0)[0], many[row], rtol=1e-4, atol=1e-2)
        errors[fine] = float((many - exact).abs().max())
    assert errors[True] < 0.2
    assert errors[False] > 20 * errors[True]


def test_a_side_path_and_a_residual_are_added() -> None:
    torch.manual_seed(0)
    weight, x = torch.randn(48, 64), torch.randn(1, 64)
    a, b = torch.randn(3, 64), torch.randn(3, 48)
    linear = packed(weight)
    plain = linear.many(x)
    linear.beside(a, b)
    want = plain + x @ a.t() @ b
    torch.testing.assert_close(linear.many(x), want, rtol=1e-4, atol=1e-2)
    torch.testing.assert_close(linear.one(x, 0.5), 0.5 * want, rtol=1e-4, atol=1e-2)
    into = torch.ones(1, 48)
    assert linear.one(x, 1.0, into=into) is into
    torch.testing.assert_close(into, want + 1, rtol=1e-4, atol=1e-2)
    linear.beside(None, None)
    torch.testing.assert_close(linear.many(x), plain)


class Pair:
    """The same bank in a tiny model twice: composed in fp32, and with int8 weights."""

    def __init__(self, folder: Path) -> None:
        self.model, reference = tiny.base().model, tiny.base().model
        bank = tiny.write_bank(folder / "bank", self.model, size=0.1, shared=True)
        self.forward, self.exact = LlamaForward(self.model), LlamaForward(reference)
        self.ours, self.theirs = Int8Composer(self.model, bank, self.forward), Composer(reference, bank)

    def kl(self, k: np.ndarray) -> float:  # type: ignore[type-arg]
        self.theirs.set(k)
        ids = torch.tensor([IDS])
        p, q = (f.block(f.cache(), ids)[0].log_softmax(-1) for f in (self.exact, self.forward))
        return float((p.exp() * (p - q)).sum(-1).mean())


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_composed_int8_weights_speak_as_the_composed_fp32_model(pair: Pair) -> None:
    pair.ours.set(K)
    assert pair.ours.folded
    assert pair.kl(K) < 0.002
    assert pair.kl(OTHER) > 0.02  # the bound tells voices apart


def test_a_change_is_there_at_once_and_stays_right_while_it_is_folded(pair: Pair) -> None:
    pair.ours.set(K)
    assert pair.ours.set(OTHER)
    assert not pair.ours.folded
    assert pair.kl(OTHER) < 0.002
    for layers in (1, 3, 2):
        asked = itertools.count()
        assert not pair.ours.fold(lambda asked=asked, layers=layers: next(asked) >= layers)
        assert pair.kl(OTHER) < 0.002
    assert pair.ours.fold()
    assert pair.ours.folded
    assert pair.kl(OTHER) < 0.002


def test_a_change_taken_back_leaves_nothing_to_do(pair: Pair) -> None:
    pair.ours.set(K)
    pair.ours.set(OTHER)
    pair.ours.set(K)
    assert pair.ours.folded
    assert pair.kl(K) < 0.002


def test_the_models_own_weights_are_never_written(pair: Pair) -> None:
    pair.ours.set(K)
    pair.ours.set(OTHER)
    pair.ours.fold()
    for name, value in tiny.base().model.state_dict().items():
        assert torch.equal(pair.model.state_dict()[name], value), name


def test_memory_does_not_grow(pair: Pair) -> None:
    pair.ours.set(K)
    before = pair.ours.extra_bytes
    for k in (OTHER, K, -K, OTHER):
        pair.ours.set(k)
        pair.ours.fold()
    assert pair.ours.extra_bytes == before


def test_a_cancelled_composition_has_a_key_that_equals_no_other(pair: Pair) -> None:
    pair.ours.set(K)
    asked = itertools.count()
    pair.ours.set(OTHER, lambda: next(asked) >= 3)
    assert pair.ours.key != pair.ours.key
    assert not pair.ours.fold()
    pair.ours.set(K)
    assert pair.ours.folded
    assert pair.kl(K) < 0.002


def test_an_engine_takes_int8_by_itself_and_answers_a_batch_as_one_by_one(tmp_path: Path) -> None:
    base = tiny.base()
    tiny.write_bank(tmp_path / "bank", base.model)
    engine = Engine(base, tmp_path / "bank", "auto")
    assert engine.arithmetic == "int8"
    engine.compose(Profile.neutral(tiny.NAMES).with_alpha({"formality": 0.9}))
    settings = Sampling(temperature=0, max_tokens=12, seed=1)
    asks = [[{"role": "user", "content": text}] for text in ("hello there", "x")]
    alone = ["".join(engine.stream(ask, settings)) for ask in asks]
    assert [text for text, _ in engine.batch(asks, [settings] * 2)] == alone
    [(loss, tokens)] = engine.losses(asks[:1], alone[:1])
    assert 0 < loss < 12 * tokens


def test_int8_is_refused_where_it_cannot_be_had(tmp_path: Path) -> None:
    base = tiny.base(dtype=torch.bfloat16)
    tiny.write_bank(tmp_path / "bank", base.model)
    with pytest.raises(BadInput, match="try auto"):
        Engine(base, tmp_path / "bank", "int8")
    assert Engine(base, tmp_path / "bank", "auto").arithmetic == "bf16"
