"""`assistant bench decode`: tokens per second of the composed model, beside the alternatives on the same base."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assistant.anchors.bank import Bank, load_bank
from assistant.anchors.texts import Texts
from assistant.engine import carrier
from assistant.engine.arithmetic import Arithmetic
from assistant.engine.base_model import EMBEDDED, BaseModel, load_base
from assistant.engine.engine import Engine
from assistant.engine.int8_composer import Int8Composer
from assistant.engine.llama import LlamaForward
from assistant.evaluation.rivals import llama_cpp
from assistant.evaluation.rivals.arithmetic import PromptedArithmetic
from assistant.evaluation.rivals.decoder import Decoder
from assistant.evaluation.rivals.dexperts import DExperts
from assistant.evaluation.rivals.generate import Generate
from assistant.evaluation.rivals.peft_ways import Peft
from assistant.evaluation.sampling import base_profile
from assistant.evaluation.speed import fidelity, first_token
from assistant.evaluation.speed.ours import Ours
from assistant.evaluation.speed.profiles import all_moved, one_moved
from assistant.evaluation.speed.rates import rate
from assistant.evaluation.speed.timing import Report, best, medians, rounds, surroundings
from assistant.style import Profile

Say = Callable[[str], None]
SAME = "_int8"
"""Marks rivals that are computed by our own forward with int8 weights, rather than by transformers in fp32."""


def run(
    bank_folder: Path,
    reference: str | None,
    arithmetic: str,
    texts: Texts,
    repeats: int,
    tokens: int = 32,
    kl_replies: int = 4,
    lengths: tuple[int, ...] = first_token.LENGTHS,
    say: Say = lambda _: None,
) -> dict[str, Any]:
    """Measure decoding on the CPU.

    Args:
        bank_folder: the bank.
        reference: base model as `load_base` takes it.
        arithmetic: the engine's; see `Engine.load`.
        texts: with held-out replies of the bank's attributes, for the fidelity.
        repeats: counted rounds.
        tokens: timed tokens per decoder and round.
        kl_replies: replies per pole for the fidelity.
        lengths: tokens of history for the first token; those that the model's context cannot hold are left out.
        say: told in a few words how far it is.

    Returns:
        Medians of tokens per second by decoder, None where something is not installed, with "notes" that say why; the
        first token's milliseconds; the fidelity (see `fidelity.measure`); the single runs, and the machine.

    Raises:
        BankError: the bank is damaged or made for another model.
        ModelError: the model cannot be loaded.
    """
    cpu = torch.device("cpu")
    bank = load_bank(bank_folder)
    names = bank.card.names
    say("loading")
    around = surroundings()
    engine = Engine.load(bank_folder, reference, "cpu", arithmetic=arithmetic)
    plain = load_base(reference, cpu, torch.float32)
    one, every = one_moved(names), all_moved(names)
    ours, dexperts, arithmetics = Ours(engine), DExperts(plain, bank), PromptedArithmetic(plain, bank.card.attributes)
    contenders: dict[str, tuple[Decoder, Profile]] = {
        "ours": (ours, every),
        "ours_plain_base": (ours, base_profile(names)),
        "generate": (Generate(plain), every),
        "peft_unmerged": (Peft(load_base(reference, cpu, torch.float32), bank), every),
        "dexperts_1": (dexperts, one),
        "dexperts_5": (dexperts, every),
        "arithmetic_1": (arithmetics, one),
        "arithmetic_5": (arithmetics, every),
    }
    notes: dict[str, str] = {}
    server = _llama_cpp(plain, reference, notes)
    if server is not None:
        contenders["llama_cpp"] = (server, every)
    if engine.arithmetic is Arithmetic.INT8:
        forward = _packed(plain, bank)
        experts, prompts = DExperts(plain, bank, forward), PromptedArithmetic(plain, bank.card.attributes, forward)
        contenders |= {
            f"dexperts_1{SAME}": (experts, one),
            f"dexperts_5{SAME}": (experts, every),
            f"arithmetic_1{SAME}": (prompts, one),
            f"arithmetic_5{SAME}": (prompts, every),
        }
    runs = rounds(
        {name: partial(rate, *each, tokens) for name, each in contenders.items()},
        repeats,
        _saying(say, "tokens per second"),
    )
    del contenders, server
    rates: dict[str, float | None] = {"llama_cpp": None, **medians(runs)}
    fitting = tuple(length for length in lengths if length + 256 <= engine.context)
    first, first_runs = first_token.measure(engine, names, repeats, _saying(say, "first token"), fitting)
    judge = fidelity.Reference(bank, reference)
    faithful = fidelity.measure(engine, judge, texts, kl_replies, _saying(say, "fidelity, reply"))
    return {
        "tokens_per_second": rates,
        "best_tokens_per_second": best(runs),
        "first_token_ms": first,
        **faithful,
        "token_ms": round(1000 / (rates["ours"] or 1.0), 2),
        "arithmetic": str(engine.arithmetic),
        "attributes": len(names),
        "notes": notes,
        "runs": {"tokens_per_second": runs, "first_token_ms": first_runs},
        **around,
    }


def _packed(base: BaseModel, bank: Bank) -> LlamaForward:
    """Return our own int8 forward of the plain base, for rivals in the same arithmetic as ours."""
    forward = LlamaForward(base.model)
    Int8Composer(base.model, bank, forward).set(np.zeros(2 * len(bank.card.attributes)))
    return forward


def _saying(say: Say, what: str) -> Report:
    return lambda done, total: say(f"{what}: {done} of {total}")


def _llama_cpp(base: BaseModel, reference: str | None, notes: dict[str, str]) -> llama_cpp.LlamaCpp | None:
    """Return llama.cpp on the embedded model's file; None, with a note, where there is no wheel or no file."""
    if reference not in (None, EMBEDDED):
        notes["llama_cpp"] = "serves the embedded model's file only"
        return None
    if not llama_cpp.installed():
        notes["llama_cpp"] = "not installed: pip install 'assistant[llama-cpp]'"
        return None
    path = carrier.find()
    if path is None:
        notes["llama_cpp"] = "the embedded model's GGUF file is not on this machine: run `assistant fetch`"
        return None
    return llama_cpp.LlamaCpp(base, path, torch.get_num_threads())


def table(results: dict[str, Any]) -> list[str]:
    """Return lines for people."""
    rates = results["tokens_per_second"]
    top = results["best_tokens_per_second"]
    lines = [f"{'':18} tokens/s   best round   ours is faster by"]
    for name, value in rates.items():
        if value is None:
            lines.append(f"{name:18} {'–':>8}   {results['notes'].get(name, '')}")
        else:
            lines.append(f"{name:18} {value:8.1f}   {top[name]:10.1f}   {rates['ours'] / value:.2f}")
    for tokens, case in results["first_token_ms"].items():
        lines.append(
            f"first token after {tokens} tokens: {case['unchanged']:.0f} ms unchanged, {case['prefilled']:.0f} ms "
            f"after a change of profile, {case['waited']:.0f} ms without prefill"
        )
    lines.append(
        f"KL to fp32 {results['kl_nats']:.5f} nats per token, top token agrees {results['top1_agreement']:.1%}"
    )
    lines.append(
        f"{results['arithmetic']}, medians of {len(results['runs']['tokens_per_second']['ours'])}, "
        f"{results['threads']} threads; {results['machine']}"
    )
    return lines
