"""Our own forward for Llama architectures on the CPU: one token costs the reading of the weights and little more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch.nn import functional

from assistant.engine.cache import Cache
from assistant.engine.forward import shared
from assistant.engine.int8 import FloatLinear

_CHUNK = 128
"""Tokens of a prompt that are computed together; more would only take more memory."""


class Linear(Protocol):
    """A product with stacked weights; see `FloatLinear` and `Int8Linear`."""

    def one(self, x: torch.Tensor, scale: float, into: torch.Tensor | None = None) -> torch.Tensor:
        """Return scale · W x for one token, good until the next call, or add it to `into`."""

    def many(self, x: torch.Tensor) -> torch.Tensor:
        """Return W x for many tokens."""


def interleaving(rows: int, size: int) -> torch.Tensor:
    """Return the order of rows of query or key weights that puts rotary pairs side by side, for heads of `size`."""
    return torch.arange(rows).view(-1, 2, size // 2).transpose(1, 2).reshape(-1)


@dataclass
class Layer:
    """Products and norms of one decoder layer."""

    qkv: Linear
    out: Linear
    gate_up: Linear
    down: Linear
    before_attention: torch.Tensor
    before_mlp: torch.Tensor


GROUPS = {
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "out": ("self_attn.o_proj",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
}
"""Modules of a layer that share their input, per product."""


def understood(model: Any) -> bool:
    """Return whether this forward computes what the model's own would."""
    config = model.config
    if getattr(config, "model_type", "") != "llama" or getattr(config, "hidden_act", "") != "silu":
        return False
    rope = getattr(config, "rope_parameters", None) or {}
    plain = rope.get("rope_type", "default") in ("default", "linear", "llama3")
    biases = getattr(config, "attention_bias", False) or getattr(config, "mlp_bias", False)
    return plain and not biases and model.device.type == "cpu"


class LlamaForward:
    """Computes logits with the model's weights, through linear products that can be exchanged.

    Rotary pairs are multiplied as complex numbers, so the cached keys have their pairs side by side where transformers
    has them half a head apart; queries have the same order, and their products are the same.
    """

    def __init__(self, model: Any) -> None:
        """Read the model's shapes; products are the modules' own until they are exchanged.

        Args:
            model: a transformers Llama on the CPU for which `understood` is true.
        """
        config, decoder = model.config, model.get_decoder()
        self._heads = config.num_attention_heads
        self._kv_heads = config.num_key_value_heads
        self.size: int = getattr(config, "head_dim", None) or config.hidden_size // self._heads
        """Of one head."""
        self._width, self._inner = config.hidden_size, config.intermediate_size
        self._eps = config.rms_norm_eps
        self._embedding = decoder.embed_tokens.weight
        self._norm = decoder.norm.weight.float()
        self.layers = [
            Layer(
                **{kind: FloatLinear([layer.get_submodule(name) for name in names]) for kind, names in GROUPS.items()},
                before_attention=layer.input_layernorm.weight.float(),
                before_mlp=layer.post_attention_layernorm.weight.float(),
            )
            for layer in decoder.layers
        ]
        self.head: Linear = FloatLinear([model.get_output_embeddings()])
        rotary = decoder.rotary_emb
        self._frequencies = rotary.inv_freq.float()
        self._rotary_scale = float(getattr(rotary, "attention_scaling", 1.0))
        self._turns = torch.empty(0, self.size // 2, dtype=torch.complex64)
        self.interleaved = False
        """Whether the `qkv` products return queries and keys with the two numbers of a rotary pair side by side."""

    def cache(self, rows: int = 1) -> Cache:
        """Return an empty cache for `rows` sequences."""
        return Cache(len(self.layers), rows, self._kv_heads, self.size)

    def extend(self, cache: Cache, ids: Sequence[int]) -> torch.Tensor:
        """Add tokens to a cache of one row; return the logits after the last, shape (vocabulary,)."""
        return self._one(cache, ids[0]) if len(ids) == 1 else self._many(cache, ids)

    def _many(self, cache: Cache, ids: Sequence[int]) -> torch.Tensor:
        logits = None
        for start in range(0, len(ids), _CHUNK):
            chunk = torch.tensor([ids[start : start + _CHUNK]])
            logits = self.block(cache, chunk, last=1)
        assert logits is not None
        return logits[0, 0]

    def crop(self, cache: Cache, length: int) -> Cache:
        """Return the cache with its first `length` tokens alone."""
        cache.crop(length)
        return cache

    def read(self, prompts: Sequence[Sequence[int]], pad: int) -> tuple[Cache, torch.Tensor]:
        """Read prompts one by one, what all begin with once, so that no padding is computed; see `Forward.read`."""
        whole, one = self.cache(len(prompts)), self.cache()
        longest, known = max(map(len, prompts)), shared(prompts)
        whole.reserve(longest)
        if known:
            self._many(one, prompts[0][:known])
        found = []
        for row, ids in enumerate(prompts):
            one.crop(known)
            found.append(self._many(one, ids[known:]))
            whole.put(row, one, longest - len(ids))
        whole.length = longest
        return whole, torch.stack(found)

    def rows(self, cache: Cache, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Add tokens to each row; see `assistant.engine.forward.Forward.rows`."""
        return self.block(cache, ids, mask, positions, last=1)[:, 0]

    @torch.inference_mode()
    def block(
        self,
        cache: Cache,
        ids: torch.Tensor,
        mask: torch.Tensor | None = None,
        positions: torch.Tensor | None = None,
        last: int | None = None,
    ) -> torch.Tensor:
        """Add the same number of tokens to each row of the cache and return logits of shape (rows, tokens, vocabulary).

        Args:
            cache: of as many rows; the new tokens are added to it.
            ids: shape (rows, tokens).
            mask: shape (rows, tokens held and new), false where a token is padding; None where none is.
            positions: of the new tokens, shape (rows, tokens); counted on from the cache's length when None.
            last: compute the logits of so many last tokens of each row alone: shape (rows, last, vocabulary).
        """
        rows, count = ids.shape
        held, total = cache.length, cache.length + count
        cache.reserve(total)
        self._reach(total)
        turns = self._turns[held:total] if positions is None else self._turns[positions]
        turns = turns.unsqueeze(-2)  # the same for every head
        visible = torch.ones(count, total, dtype=torch.bool).tril(held)
        if mask is not None:  # padding sees itself, so that its rows stay finite
            visible = (visible & mask[:, None].bool()) | torch.eye(count, total, dtype=torch.bool).roll(held, 1)
            visible = visible[:, None]
        x = functional.embedding(ids.flatten(), self._embedding).float()
        shape, split = (rows, count, -1, self.size), [self._heads, self._kv_heads, self._kv_heads]
        for layer, memory in zip(self.layers, cache.layers, strict=True):
            y = layer.qkv.many(self._normed(x, layer.before_attention)).view(shape)
            q, k, v = torch.split(y, split, dim=2)
            memory[0, :, :, held:total] = self._turned(k, turns).transpose(1, 2)
            memory[1, :, :, held:total] = v.transpose(1, 2)
            attended = functional.scaled_dot_product_attention(
                self._turned(q, turns).transpose(1, 2),
                memory[0, :, :, :total],
                memory[1, :, :, :total],
                attn_mask=visible,
                enable_gqa=self._heads != self._kv_heads,
            )
            x += layer.out.many(attended.transpose(1, 2).reshape(rows * count, -1))
            y = layer.gate_up.many(self._normed(x, layer.before_mlp))
            x += layer.down.many(functional.silu(y[:, : self._inner]).mul_(y[:, self._inner :]))
        cache.length = total
        x = x.view(rows, count, -1)[:, -(last or count) :]
        return self.head.many(self._normed(x.reshape(-1, self._width), self._norm)).view(*x.shape[:2], -1)

    @torch.inference_mode()
    def _one(self, cache: Cache, token: int) -> torch.Tensor:
        """Add one token to a cache of one row; return the logits after it, shape (vocabulary,)."""
        held = cache.length
        cache.reserve(held + 1)
        self._reach(held + 1)
        turn = self._turns[held]
        queries, keys, size = self._heads * self.size, self._kv_heads * self.size, self.size
        grouped = (1, self._kv_heads, self._heads // self._kv_heads, size)
        new = (2, 1, self._kv_heads, size)
        x = self._embedding[token : token + 1].to(torch.float32, copy=True)
        for layer, memory in zip(self.layers, cache.layers, strict=True):
            y = layer.qkv.one(x * layer.before_attention, self._root(x))[0]
            turned = y.narrow(0, 0, queries + keys)
            if self.interleaved:
                torch.view_as_complex(turned.view(-1, size // 2, 2)).mul_(turn)
            else:
                turned.copy_(torch.view_as_real(self._pairs(turned.view(-1, size)) * turn).view(-1))
            memory.select(3, held).copy_(y.narrow(0, queries, 2 * keys).view(new))
            known = memory.narrow(3, 0, held + 1)
            attended = functional.scaled_dot_product_attention(
                y.narrow(0, 0, queries).view(grouped), known.select(0, 0), known.select(0, 1)
            )
            layer.out.one(attended.view(1, queries), 1.0, into=x)
            y = layer.gate_up.one(x * layer.before_mlp, self._root(x))
            gate, up = y[:, : self._inner], y[:, self._inner :]
            layer.down.one(functional.silu(gate).mul_(up), 1.0, into=x)
        cache.length = held + 1
        return self.head.one(x * self._norm, self._root(x))[0].clone()

    def _root(self, x: torch.Tensor) -> float:
        """Return 1 / the root mean square of one token's activations, shape (1, width)."""
        flat = x[0]
        return float((torch.dot(flat, flat).item() / self._width + self._eps) ** -0.5)

    def _normed(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return functional.rms_norm(x, (self._width,), weight, self._eps)

    def _pairs(self, x: torch.Tensor) -> torch.Tensor:
        """Return the rotary pairs of heads of shape (…, size) as complex numbers of shape (…, size / 2)."""
        if self.interleaved:
            return torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
        halves = x.reshape(*x.shape[:-1], 2, -1)
        return torch.complex(halves[..., 0, :], halves[..., 1, :])

    def _turned(self, x: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
        """Return heads of shape (rows, tokens, heads, size) turned by their positions, pairs side by side."""
        return torch.view_as_real(self._pairs(x) * turns).flatten(-2)

    def _reach(self, length: int) -> None:
        """Have the turns of the first `length` positions."""
        if length > len(self._turns):
            angles = torch.outer(torch.arange(2 * length, dtype=torch.float32), self._frequencies)
            self._turns = torch.polar(torch.full_like(angles, self._rotary_scale), angles)
