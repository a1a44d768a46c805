from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.anchors.card import BankError
from assistant.engine.composer import INCREMENTS, Composer
from assistant.style import Compose, Profile, coefficients
from tests import tiny


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def peft_cat_merge(model: Any, bank: Any, k: np.ndarray[Any, Any]) -> dict[str, torch.Tensor]:
    """Return the target weights after PEFT's exact combination of the anchors with coefficients k, merged."""
    from peft import LoraConfig, get_peft_model

    rank = bank.card.rank
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=list(bank.factors))
    peft = get_peft_model(model, config, adapter_name="anchor0")
    for j in range(1, len(k)):
        peft.add_adapter(f"anchor{j}", config)
    for name, factor in bank.factors.items():
        layer = peft.get_submodule(f"base_model.model.{name}")
        for j in range(len(k)):
            layer.lora_A[f"anchor{j}"].weight.data = factor.a[j].float()
            layer.lora_B[f"anchor{j}"].weight.data = factor.b[j].float()
    peft.add_weighted_adapter([f"anchor{j}" for j in range(len(k))], list(k), "mix", combination_type="cat")
    peft.set_adapter("mix")
    merged = peft.merge_and_unload()
    return {f"{name}.weight": merged.get_submodule(name).weight.detach().clone() for name in bank.factors}


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("compose", list(Compose))
def test_equals_pefts_cat_merge(tmp_path: Path, compose: Compose, shared: bool) -> None:
    model = tiny.base().model
    bank = tiny.write_bank(tmp_path / "bank", model, shared=shared)
    assert all(factor.shared is shared for factor in bank.factors.values())
    profile = replace(
        Profile({"formality": 0.9, "sentiment": 0.3}, {"formality": 0.7, "sentiment": 0.3}),
        compose=compose,
        strength=0.8,
    )
    composer = Composer(model, bank)
    assert composer.compose(profile)
    ours = weights(model)
    expected = peft_cat_merge(tiny.base().model, bank, coefficients(profile, tiny.NAMES))
    for name, value in expected.items():
        torch.testing.assert_close(ours[name], value, rtol=1e-5, atol=1e-6)
        assert not torch.equal(ours[name], tiny.base().model.state_dict()[name])


def test_a_shared_a_is_stored_once(tmp_path: Path) -> None:
    model = tiny.base().model
    for shared in (False, True):
        tiny.write_bank(tmp_path / str(shared), model, shared=shared)
    own, both = ((tmp_path / name / "anchors.safetensors").stat().st_size for name in ("False", "True"))
    assert both < 0.85 * own


def test_centred_at_one_half_is_the_base_model_to_the_bit(tmp_path: Path) -> None:
    model = tiny.base().model
    composer = Composer(model, tiny.write_bank(tmp_path / "bank", model))
    before = weights(model)
    composer.compose(replace(Profile.neutral(tiny.NAMES), compose=Compose.FULL))
    assert any(not torch.equal(before[name], value) for name, value in weights(model).items())
    composer.compose(replace(Profile.neutral(tiny.NAMES), compose=Compose.CENTRED))
    for name, value in weights(model).items():
        assert torch.equal(before[name], value), name


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_thousand_profiles_leave_no_drift(tmp_path: Path, dtype: torch.dtype) -> None:
    model = tiny.base(dtype=dtype).model
    composer = Composer(model, tiny.write_bank(tmp_path / "bank", model))
    neutral = Profile.neutral(tiny.NAMES)
    composer.compose(neutral)
    first = weights(model)
    rng = np.random.default_rng(3)
    for _ in range(1000):
        share = float(rng.uniform())
        profile = Profile(
            dict(zip(tiny.NAMES, rng.uniform(-2, 3, 2), strict=True)),
            {"formality": share, "sentiment": 1 - share},
            float(rng.uniform(0, 2)),
            rng.choice(np.array(list(Compose))),
        )
        composer.compose(profile)
    composer.compose(neutral)
    for name, value in weights(model).items():
        assert torch.equal(first[name], value), name


def moved(composer: Composer, rng: np.random.Generator, k: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Change one attribute's coefficients."""
    j = int(rng.integers(2))
    k = k.copy()
    k[2 * j : 2 * j + 2] = rng.uniform(-1, 1, 2)
    composer.set(k)
    return k


def test_steps_stay_within_the_bound_of_a_full_composition(tmp_path: Path) -> None:
    model, other = tiny.base().model, tiny.base().model
    bank = tiny.write_bank(tmp_path / "bank", model, shared=True)
    stepped, rng, k = Composer(model, bank), np.random.default_rng(1), np.array([0.4, -0.2, 0.1, 0.3])
    stepped.set(k)
    assert stepped.increments == 0
    largest, counts = 0.0, []
    for _ in range(INCREMENTS + 2):
        k = moved(stepped, rng, k)
        counts.append(stepped.increments)
        full = Composer(other, bank)
        full.set(k)
        largest = max(largest, *(float(model.get_submodule(name).weight.data.abs().max()) for name in bank.factors))
        for name in bank.factors:
            ours, exact = (each.get_submodule(name).weight.data for each in (model, other))
            assert float((ours - exact).abs().max()) <= stepped.bound * largest
            if not stepped.increments:
                assert torch.equal(ours, exact)
        full.set(0 * k)
    assert counts == [*range(1, INCREMENTS + 1), 0, 1]


def test_bf16_weights_are_always_composed_in_full(tmp_path: Path) -> None:
    model = tiny.base(dtype=torch.bfloat16).model
    composer = Composer(model, tiny.write_bank(tmp_path / "bank", model))
    composer.set(np.array([0.4, -0.2, 0.1, 0.3]))
    moved(composer, np.random.default_rng(1), np.array([0.4, -0.2, 0.1, 0.3]))
    assert composer.increments == 0


@pytest.mark.parametrize("shared", [False, True])
def test_composing_allocates_nothing(tmp_path: Path, shared: bool) -> None:
    model = tiny.base().model
    composer = Composer(model, tiny.write_bank(tmp_path / "bank", model, rank=8, shared=shared))
    smallest = min(model.get_submodule(name).weight.nbytes for name in tiny.targets(model))
    k = np.array([0.4, -0.2, 0.1, 0.3])
    composer.set(k)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        composer.set(-k)  # in full
        moved(composer, np.random.default_rng(1), -k)  # a step
    assert composer.increments == 1
    assert max(event.self_cpu_memory_usage for event in profile.events()) < smallest / 4


def test_a_cancelled_composition_has_a_key_that_equals_no_other(tmp_path: Path) -> None:
    model = tiny.base().model
    composer = Composer(model, tiny.write_bank(tmp_path / "bank", model))
    k, asked = np.array([0.4, -0.2, 0.1, 0.3]), itertools.count()
    composer.set(k)
    want = weights(model)
    composer.set(-k, lambda: next(asked) >= 3)
    assert composer.key != composer.key
    composer.set(k)
    for name, value in weights(model).items():
        assert torch.equal(want[name], value), name


def test_the_key_tells_weights_apart(tmp_path: Path) -> None:
    model = tiny.base().model
    composer = Composer(model, tiny.write_bank(tmp_path / "bank", model))
    neutral = Profile.neutral(tiny.NAMES)
    composer.compose(neutral)
    key = composer.key
    assert not composer.compose(neutral)
    assert composer.compose(neutral.with_alpha({"formality": 0.6}))
    assert composer.key != key
    composer.compose(neutral)
    assert composer.key == key


def test_a_bank_for_another_model_is_refused(tmp_path: Path) -> None:
    bank = tiny.write_bank(tmp_path / "bank", tiny.base().model)
    other = torch.nn.ModuleDict({"model": torch.nn.Linear(3, 3)})
    with pytest.raises(BankError, match="another model"):
        Composer(other, bank)


alphas = st.floats(allow_nan=False, allow_infinity=False, width=64)


@settings(max_examples=200)
@given(
    alpha=st.tuples(alphas, alphas),
    share=st.floats(0, 1),
    strength=st.floats(0, 10),
    compose=st.sampled_from(list(Compose)),
)
def test_coefficients_are_the_formulas_of_the_design(
    alpha: tuple[float, float], share: float, strength: float, compose: Compose
) -> None:
    alpha = (max(-1e6, min(1e6, alpha[0])), max(-1e6, min(1e6, alpha[1])))
    lam = (share, 1 - share)
    profile = Profile(
        dict(zip(tiny.NAMES, alpha, strict=True)), dict(zip(tiny.NAMES, lam, strict=True)), strength, compose
    )
    k = coefficients(profile, tiny.NAMES)
    rng = np.random.default_rng(0)
    low, high = rng.normal(size=(2, 2)), rng.normal(size=(2, 2))  # two attributes, "weights" of two numbers
    mean, direction = (high + low) / 2, (high - low) / 2
    ours = sum(k[2 * i] * low[i] + k[2 * i + 1] * high[i] for i in range(2))
    if compose is Compose.PAPER:
        expected = sum(lam[i] * (alpha[i] * high[i] + (1 - alpha[i]) * low[i]) for i in range(2))
    else:
        expected = strength * sum(lam[i] / max(lam) * (2 * alpha[i] - 1) * direction[i] for i in range(2))
        if compose is Compose.FULL:
            expected = expected + sum(lam[i] * mean[i] for i in range(2))
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-8)


def test_full_with_one_attribute_is_the_paper() -> None:
    profile = Profile({"formality": 0.83}, {"formality": 1.0}, compose=Compose.FULL)
    paper = coefficients(replace(profile, compose=Compose.PAPER), ["formality"])
    np.testing.assert_allclose(coefficients(profile, ["formality"]), paper, atol=1e-12)
