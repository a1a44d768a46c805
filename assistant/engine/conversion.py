"""Turns the embedded model's GGUF file into a folder that transformers loads, in a process of its own.

`python -m assistant.engine.conversion GGUF FOLDER` prints how far it is as {"done", "total"}, a line each. The weights
are computed here, one tensor at a time, which takes a third of the time of transformers' own way; configuration and
tokenizer are transformers' work.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from assistant.progress import Progress

COSTS = {"header": 2.0, "weights": 3.0, "file": 1.0, "torch": 3.0, "transformers": 2.5, "config": 1.0, "tokenizer": 3.0}
"""Seconds of each stage, on one core; what is told of the progress is their sum."""
CHECK = 1.5
"""Seconds that whoever asked for the conversion then takes to check what was written."""
_PLACES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
_OUTSIDE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
_BLOCK = re.compile(r"blk\.(\d+)\.(\w+)\.weight")


class Reader(gguf.GGUFReader):  # type: ignore[misc]
    """The library's reader over a plain array: slicing a memmap, as it does for each word, takes far longer."""

    @property
    def data(self) -> NDArray[np.uint8]:
        """The file's bytes."""
        return self._bytes

    @data.setter
    def data(self, mapped: NDArray[np.uint8]) -> None:
        self._bytes = np.asarray(mapped)


def place_of(name: str) -> str:
    """Return the name that transformers has for a tensor of a Llama."""
    if name in _OUTSIDE:
        return _OUTSIDE[name]
    found = _BLOCK.fullmatch(name)
    if found is None or found[2] not in _PLACES:
        raise ValueError(f"there is no place for the tensor {name}")
    return f"model.layers.{found[1]}.{_PLACES[found[2]]}.weight"


def unpermuted(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Return the rows of a query or key projection as transformers rotates them: halves, where GGUF has pairs."""
    pairs = weight.reshape(heads, weight.shape[0] // heads // 2, 2, *weight.shape[1:])
    return pairs.swapaxes(1, 2).reshape(weight.shape)


def tensors(reader: Any) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield the tensors of a Llama in fp32, with transformers' names for them."""
    heads = {
        part: int(reader.fields[f"llama.attention.{key}"].contents())
        for part, key in ((".attn_q.", "head_count"), (".attn_k.", "head_count_kv"))
    }
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        for part, count in heads.items():
            if part in tensor.name:
                values = unpermuted(values, count)
        yield place_of(tensor.name), np.array(values, dtype=np.float32)


class Stages:
    """Adds up how far the conversion is."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        self._tell = tell
        self._ended = 0.0

    def within(self, stage: str, share: float) -> None:
        """Tell that a share of a stage is done."""
        self._tell(Progress(round(self._ended + COSTS[stage] * share, 3), sum(COSTS.values()) + CHECK))

    def ended(self, stage: str) -> None:
        """Tell that a stage is done."""
        self.within(stage, 1.0)
        self._ended += COSTS[stage]


def convert(source: Path, folder: Path, tell: Callable[[Progress], None]) -> None:
    """Write what transformers loads into a folder that is there; `tell` is told how far it is."""
    stages = Stages(tell)
    reader = Reader(source)
    stages.ended("header")
    found: dict[str, NDArray[np.float32]] = {}
    for name, values in tensors(reader):
        found[name] = values
        stages.within("weights", len(found) / len(reader.tensors))
    stages.ended("weights")
    save_file(found, folder / "model.safetensors", metadata={"format": "pt"})
    found.clear()
    stages.ended("file")
    import torch

    stages.ended("torch")
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig

    stages.ended("transformers")
    gguf.GGUFReader = lambda _: reader  # transformers would read the header anew for each of the next two
    config = AutoConfig.from_pretrained(source.parent, gguf_file=source.name)
    config.architectures, config.dtype = ["LlamaForCausalLM"], torch.float32
    config.save_pretrained(folder)
    GenerationConfig.from_model_config(config).save_pretrained(folder)
    stages.ended("config")
    AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(folder)
    stages.ended("tokenizer")


def main(source: str, folder: str) -> None:
    """Convert and print the progress."""

    def tell(progress: Progress) -> None:
        print(json.dumps({"done": progress.done, "total": progress.total}), flush=True)

    convert(Path(source), Path(folder), tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
