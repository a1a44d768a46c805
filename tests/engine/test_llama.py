from __future__ import annotations

from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from assistant.engine.cache import Cache
from assistant.engine.forward import Forward, TransformersForward, padding, positions, shared
from assistant.engine.llama import LlamaForward, understood
from tests import tiny

IDS = [5, 9, 33, 60, 7, 7, 200, 4, 11]


def made(**changes: Any) -> Any:
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(**{**tiny.base().model.config.to_dict(), **changes})).eval()


def expected(model: Any, ids: list[int]) -> torch.Tensor:
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "changes",
    [
        {"tie_word_embeddings": True},
        {"tie_word_embeddings": False},
        {"num_key_value_heads": 4, "head_dim": 16},
        {
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 10000.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            }
        },
    ],
    ids=["tied", "untied", "own heads", "llama3 rope"],
)
def test_equals_transformers_token_by_token_and_at_once(changes: dict[str, Any]) -> None:
    model = made(**changes)
    forward, want = LlamaForward(model), expected(model, IDS)
    torch.testing.assert_close(forward.block(forward.cache(), torch.tensor([IDS]))[0], want, rtol=1e-4, atol=1e-4)
    cache = forward.cache()
    singly = torch.stack([forward.extend(cache, [token]) for token in IDS])
    torch.testing.assert_close(singly, want, rtol=1e-4, atol=1e-4)


def test_bf16_weights_are_close_to_transformers_own_bf16() -> None:
    model = made().to(torch.bfloat16)
    forward = LlamaForward(model)
    ours = forward.extend(forward.cache(), IDS).softmax(-1)
    exact = expected(model.float(), IDS)[-1].softmax(-1)
    assert float((ours - exact).abs().sum()) < 0.05


def test_a_cropped_cache_goes_on_as_a_fresh_one() -> None:
    forward = LlamaForward(made())
    cache = forward.cache()
    forward.extend(cache, IDS)
    forward.crop(cache, 4)
    again = forward.extend(cache, [8, 9])
    torch.testing.assert_close(again, forward.extend(forward.cache(), [*IDS[:4], 8, 9]), rtol=1e-4, atol=1e-4)


def test_a_cache_grows_and_keeps_what_it_holds() -> None:
    model = made()
    forward, ids = LlamaForward(model), [(7 * i) % 250 for i in range(300)]
    cache = forward.cache()
    forward.extend(cache, ids[:250])
    small = cache.bytes
    for token in ids[250:]:
        logits = forward.extend(cache, [token])
    assert cache.bytes == 2 * small
    torch.testing.assert_close(logits, expected(model, ids)[-1], rtol=1e-3, atol=1e-3)


def test_a_cache_that_is_cropped_to_little_gives_its_memory_back() -> None:
    cache = Cache(layers=2, rows=1, heads=3, size=4)
    cache.reserve(5000)
    cache.length = 5000
    large, held = cache.bytes, [layer.normal_()[..., :40, :].clone() for layer in cache.layers]
    cache.crop(4000)
    assert cache.bytes == large
    cache.crop(40)
    assert cache.bytes < large / 10
    for layer, before in zip(cache.layers, held, strict=True):
        assert torch.equal(layer[..., :40, :], before)
    cache.reserve(300)
    assert torch.equal(cache.layers[0][..., :40, :], held[0])


def test_padded_rows_are_as_if_alone() -> None:
    model = made()
    forward, short = LlamaForward(model), IDS[:5]
    pad = len(IDS) - len(short)
    ids = torch.tensor([IDS, [1] * pad + short])
    mask = torch.tensor([[1] * len(IDS), [0] * pad + [1] * len(short)])
    cache, positions = forward.cache(2), (mask.cumsum(1) - 1).clamp(min=0)
    forward.rows(cache, ids, mask, positions)
    mask = torch.cat([mask, mask.new_ones(2, 1)], 1)
    found = forward.rows(cache, torch.tensor([[8], [8]]), mask, positions[:, -1:] + 1)
    for row, prompt in enumerate((IDS, short)):
        torch.testing.assert_close(found[row], expected(model, [*prompt, 8])[-1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", [LlamaForward, TransformersForward])
@pytest.mark.parametrize(
    "prompts",
    [
        [IDS, IDS[:5], [*IDS[:3], 70]],
        [[5], [6, 7], [5, 6, 7, 8]],
        [IDS, IDS],
        [IDS],
        [[5] * 400, [5] * 300 + [6]],
    ],
    ids=["a common beginning", "none", "the same", "one", "long"],
)
def test_prompts_that_are_read_together_go_on_as_if_alone(kind: type[Forward], prompts: list[list[int]]) -> None:
    model = made()
    forward = kind(model)  # type: ignore[call-arg]
    cache, logits = forward.read(prompts, 0)
    mask = padding(prompts)
    last = positions(mask)[:, -1:]
    for row, prompt in enumerate(prompts):
        torch.testing.assert_close(logits[row], expected(model, prompt)[-1], rtol=1e-4, atol=1e-4)
    for count in (1, 2):
        mask = torch.cat([mask, mask.new_ones(len(prompts), 1)], 1)
        logits = forward.rows(cache, torch.full((len(prompts), 1), 8), mask, last + count)
        for row, prompt in enumerate(prompts):
            want = expected(model, prompt + [8] * count)[-1]
            torch.testing.assert_close(logits[row], want, rtol=1e-4, atol=1e-4)


def test_what_prompts_share_leaves_their_last_tokens() -> None:
    assert shared([[1, 2, 3], [1, 2, 4], [1, 2, 3, 9]]) == 2
    assert shared([[1, 2, 3], [1, 2, 3]]) == 2
    assert shared([[1], [1, 2]]) == 0
    assert shared([[1, 5, 5], [2, 5, 5]]) == 0
    assert shared([[7, 8]]) == 1


@pytest.mark.parametrize("changes", [{"attention_bias": True}, {"mlp_bias": True}, {"hidden_act": "gelu"}])
def test_what_is_not_understood_is_left_to_transformers(changes: dict[str, Any]) -> None:
    assert understood(made())
    assert not understood(made(**changes))
