"""Control vectors (representation engineering, arXiv 2310.01405), as repeng puts them on: added to the residual stream.

The vector of a layer is the difference of the means of its output over the tokens of the two poles' replies,
v = h̄⁺ − h̄⁻ ("difference of means"). It is added with a coefficient to the output of each layer in the middle third.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from assistant.engine.forward import Forward
from assistant.engine.llama import LlamaForward

_ROWS = 16
Vectors = Mapping[int, torch.Tensor]
"""v of shape (width,) per layer number."""
Example = tuple[Sequence[int], Sequence[int]]
"""Token ids of a prompt, and of a reply to it."""


def middle(layers: int) -> list[int]:
    """Return the numbers of the middle third of the layers."""
    return list(range(layers // 3, max(layers // 3 + 1, 2 * layers // 3)))


@torch.inference_mode()
def mean_states(model: Any, examples: Sequence[Example], layers: Sequence[int], pad: int) -> dict[int, torch.Tensor]:
    """Return the mean over all reply tokens of each layer's output, shape (width,).

    Args:
        model: a causal LM of transformers.
        examples: prompts with replies.
        layers: numbers of layers, none of them the last.
        pad: any valid token id; what it stands for is masked out.
    """
    sums: dict[int, torch.Tensor] = {}
    count = 0
    for start in range(0, len(examples), _ROWS):
        rows = examples[start : start + _ROWS]
        longest = max(len(prompt) + len(reply) for prompt, reply in rows)
        ids = [[*prompt, *reply, *[pad] * (longest - len(prompt) - len(reply))] for prompt, reply in rows]
        mask = [[int(i < len(prompt) + len(reply)) for i in range(longest)] for prompt, reply in rows]
        place = model.device
        states = model.get_decoder()(
            torch.tensor(ids, device=place), attention_mask=torch.tensor(mask, device=place), output_hidden_states=True
        ).hidden_states
        for layer in layers:
            for row, (prompt, reply) in enumerate(rows):
                total = states[layer + 1][row, len(prompt) : len(prompt) + len(reply)].float().sum(0)
                sums[layer] = sums[layer] + total if layer in sums else total
        count += sum(len(reply) for _, reply in rows)
    return {layer: total / max(1, count) for layer, total in sums.items()}


def difference_of_means(
    model: Any, low: Sequence[Example], high: Sequence[Example], layers: Sequence[int], pad: int
) -> dict[int, torch.Tensor]:
    """Return h̄⁺ − h̄⁻ per layer; see `mean_states`."""
    below, above = (mean_states(model, side, layers, pad) for side in (low, high))
    return {layer: above[layer] - below[layer] for layer in layers}


class _Shifted:
    """The last product of a layer of our own forward, and a constant: the layer adds both to the stream."""

    def __init__(self, product: Any, shift: torch.Tensor) -> None:
        self._product, self._shift = product, shift

    def many(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self._product.many(x)
        return y + self._shift


@contextmanager
def steered(forward: Forward, model: Any, vectors: Vectors, coefficient: float) -> Iterator[None]:
    """Add coefficient · v to the output of each layer that has a vector, for passes of many rows in the context.

    Args:
        forward: what computes the passes.
        model: the causal LM behind it.
        vectors: of layers.
        coefficient: negative leads to the low pole.
    """
    with ExitStack() as stack:
        for number, vector in vectors.items():
            shift = coefficient * vector
            if isinstance(forward, LlamaForward):
                layer = forward.layers[number]
                stack.callback(setattr, layer, "down", layer.down)
                layer.down = _Shifted(layer.down, shift)  # type: ignore[assignment]
            else:
                stack.callback(model.get_decoder().layers[number].register_forward_hook(_hook(shift)).remove)
        yield


def _hook(shift: torch.Tensor) -> Callable[[Any, Any, Any], Any]:
    def add(module: Any, inputs: Any, output: Any) -> Any:
        if isinstance(output, tuple):
            return (output[0] + shift.to(output[0]), *output[1:])
        return output + shift.to(output)

    return add
