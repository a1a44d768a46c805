"""How composition grows with rank, attributes and model size, on random weights: the cost does not depend on values."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import torch

from assistant.anchors.bank import Factors, save_bank
from assistant.engine.arithmetic import Arithmetic
from assistant.engine.base_model import BaseModel, load_base
from assistant.engine.engine import Engine
from assistant.engine.sampling import Sampling
from assistant.evaluation.speed.compose import Changes
from assistant.evaluation.speed.profiles import STORY
from assistant.evaluation.speed.timing import medians, now, rounds, surroundings
from assistant.style import Attribute

Say = Callable[[str], None]
TOKENS = 12
"""Tokens whose median time stands beside the compositions."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Dimensions of a Llama model."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    key_value_heads: int


@dataclass(frozen=True, slots=True)
class Point:
    """One place on a curve."""

    curve: str
    """What varies: "rank", "attributes" or "parameters"."""
    shape: Shape
    rank: int = 8
    attributes: int = 5


SMALL = Shape(576, 1536, 30, 9, 3)
"""SmolLM2-135M."""
SHAPES = (SMALL, Shape(960, 2560, 32, 15, 5), Shape(1280, 5120, 28, 20, 4), Shape(1536, 8960, 32, 24, 4))
"""135M, 360M (as SmolLM2 has them), 0.7B and 1.6B."""
POINTS = (
    *(Point("rank", SMALL, rank=rank) for rank in (4, 8, 16, 32)),
    *(Point("attributes", SMALL, attributes=count) for count in (5, 10, 20, 40)),
    *(Point("parameters", shape) for shape in SHAPES),
)


def run(
    arithmetic: str, repeats: int, points: tuple[Point, ...] = POINTS, say: Say = lambda _: None
) -> Iterator[dict[str, Any]]:
    """Measure each point on the CPU; yield what was found so far after each, so that hours of work can be kept.

    Args:
        arithmetic: the engine's; see `Engine.load`.
        repeats: counted rounds per point.
        points: where to measure.
        say: told in a few words how far it is.

    Yields:
        "points": per point its curve, rank, attributes and parameters, and medians in milliseconds of a full
        composition, a change of one attribute until the engine can speak, what is then left for the background,
        and a token; with the machine.

    Raises:
        CarrierError: the embedded model, whose tokenizer is used, is missing.
    """
    around = surroundings()
    tokenizer = load_base(None, torch.device("cpu"), torch.float32).tokenizer
    found = []
    for number, point in enumerate(points):
        say(f"{point.curve}: point {number + 1} of {len(points)}")
        found.append(_measure(point, tokenizer, arithmetic, repeats))
        gc.collect()  # a model is several GB
        yield {"points": list(found), "arithmetic": arithmetic, "repeats": repeats, **around}


def _measure(point: Point, tokenizer: Any, arithmetic: str, repeats: int) -> dict[str, Any]:
    model = random_model(point.shape, len(tokenizer))
    names = tuple(f"attribute{i}" for i in range(point.attributes))
    with tempfile.TemporaryDirectory() as folder:
        bank = Path(folder) / "bank"
        save_bank(
            bank,
            model="random",
            attributes=[Attribute(name, f"low_{name}", f"high_{name}") for name in names],
            factors=dict(_factors(model, point)),
            training={},
        )
        engine = Engine(BaseModel("random", model, tokenizer), bank, Arithmetic(arithmetic))
    changes = Changes(engine, names)
    runs = rounds(
        {
            "full_ms": changes.full_ms,
            "one_attribute_ms": changes.one_attribute_ms,
            "fold_ms": changes.fold_ms,
            "token_ms": lambda: _token_ms(engine),
        },
        repeats,
    )
    return {
        "curve": point.curve,
        "rank": point.rank,
        "attributes": point.attributes,
        "parameters": sum(value.numel() for value in model.parameters()),
        **medians(runs),
    }


def _token_ms(engine: Engine) -> float:
    """Return the median time of a token after the first, in milliseconds."""
    stamps = [now() for _ in engine.tokens(engine.encode(STORY), Sampling(max_tokens=TOKENS, seed=1))]
    return 1000 * median(after - before for before, after in pairwise(stamps))


def random_model(shape: Shape, vocabulary: int) -> Any:
    """Return a Llama with small random weights, in fp32."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config).eval()


def _factors(model: Any, point: Point) -> Iterator[tuple[str, Factors]]:
    """Yield random factors for all linear layers but the output's, A shared by the poles."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Linear) and name != "lm_head":
            out, into = module.weight.shape
            a = torch.randn(point.attributes, point.rank, into) * 0.01
            b = torch.randn(2 * point.attributes, out, point.rank) * 0.01
            yield name, Factors(a.repeat_interleave(2, 0), b)


def table(results: dict[str, Any]) -> list[str]:
    """Return a Markdown table."""
    lines = [
        "| varied | rank | attributes | parameters | full | one attribute | rest in the background | a token |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for point in results["points"]:
        lines.append(
            f"| {point['curve']} | {point['rank']} | {point['attributes']} | {point['parameters'] / 1e6:,.0f}M | "
            f"{point['full_ms']:.0f} ms | {point['one_attribute_ms']:.1f} ms | {point['fold_ms']:.0f} ms | "
            f"{point['token_ms']:.1f} ms |"
        )
    return lines
