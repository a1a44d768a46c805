"""A causal LM and a bank small enough for tests, with random weights and real shapes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from assistant.anchors.bank import Bank, Factors, load_bank, save_bank
from assistant.anchors.texts import POLES
from assistant.engine.base_model import BaseModel
from assistant.style import Attribute

FORMALITY = Attribute("formality", "casual", "formal")
SENTIMENT = Attribute("sentiment", "negative", "positive")
ATTRIBUTES = (FORMALITY, SENTIMENT)
NAMES = ("formality", "sentiment")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer() -> Any:
    """Return a byte-level tokenizer with ChatML control tokens: every byte is a token."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<|im_start|>": 0, "<|im_end|>": 1, **{letter: i + 2 for i, letter in enumerate(alphabet)}}
    raw = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|im_end|>", additional_special_tokens=["<|im_start|>"]
    )
    fast.chat_template = TEMPLATE
    return fast


def base(seed: int = 0, dtype: torch.dtype = torch.float32) -> BaseModel:
    """Return a two-layer Llama over bytes."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=258,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=256,
        eos_token_id=1,
        bos_token_id=0,
        pad_token_id=1,
        tie_word_embeddings=True,
        initializer_range=0.2,
    )
    return BaseModel("tiny", LlamaForCausalLM(config).to(dtype).eval(), tokenizer())


def targets(model: Any) -> list[str]:
    """Return the names of all linear layers but the output's."""
    return [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and name != "lm_head"]


def write_model(folder: Path) -> Path:
    """Write the tiny model as `--model` takes it."""
    made = base()
    made.model.save_pretrained(folder)
    made.tokenizer.save_pretrained(folder)
    return folder


def write_data(folder: Path, attributes: Sequence[Attribute], splits: Sequence[str]) -> Path:
    """Write texts as `--data` takes them: a prompt per entry of `splits`, replies that name their pole."""
    (folder / "texts").mkdir(parents=True)
    tables = [f'[[attribute]]\nname = "{each.name}"\nlow = "{each.low}"\nhigh = "{each.high}"\n' for each in attributes]
    (folder / "attributes.toml").write_text("".join(tables))
    rows = [
        {"id": f"p{i}", "split": split, "kind": "fact", "topic": "tests", "prompt": f"question {i}"}
        for i, split in enumerate(splits)
    ]
    (folder / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for each in attributes:
        pairs = [{"id": row["id"], **{pole: f"{getattr(each, pole)} {row['id']}" for pole in POLES}} for row in rows]
        (folder / "texts" / f"{each.name}.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    return folder


def write_bank(
    folder: Path,
    model: Any,
    rank: int = 3,
    attributes: tuple[Attribute, ...] = ATTRIBUTES,
    size: float = 0.2,
    shared: bool = False,
) -> Bank:
    """Write a bank of random anchors for `model` and load it again; with `shared`, two poles have the same A."""
    generator = torch.Generator().manual_seed(7)
    count = 2 * len(attributes)
    factors = {}
    for name in targets(model):
        out, into = model.get_submodule(name).weight.shape
        a = torch.randn(count, rank, into, generator=generator) * size
        factors[name] = Factors(
            a[::2].repeat_interleave(2, 0) if shared else a,
            torch.randn(count, out, rank, generator=generator) * size,
        )
    save_bank(folder, model="tiny", attributes=attributes, factors=factors, training={})
    return load_bank(folder)
