"""The state of one anchor's training between epochs, so that an interrupted training goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from assistant.errors import BadInput

_STATE = "state.json"


def read(work: Path, fingerprint: str) -> dict[str, Any]:
    """Return the state kept in `work`, or a fresh one.

    Raises:
        BadInput: the folder holds the state of another training, or a damaged one.
    """
    path = work / _STATE
    if not path.exists():
        return {
            "fingerprint": fingerprint,
            "epoch": 0,
            "done": False,
            "losses": [],
            "last": None,
            "best": None,
            "stale": 0,
        }
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        known = state["fingerprint"]
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path} is damaged ({error}): remove its folder to train this anchor anew") from error
    if known != fingerprint:
        raise BadInput(f"{work} holds a training with other texts, model or settings: remove it to start anew")
    return state


def close_epoch(
    work: Path,
    state: dict[str, Any],
    parameters: Mapping[str, torch.Tensor],
    optimiser: torch.optim.Optimizer,
    losses: Mapping[str, float],
    epochs: int,
    patience: int,
) -> None:
    """Save weights, optimiser and progress; the state file, written last, decides which files count.

    Args:
        work: folder of the state.
        state: as `read` returned it; updated.
        parameters: by name, as the optimiser knows them.
        optimiser: AdamW.
        losses: of the epoch; "validation" decides which epoch is best.
        epochs: after so many training is done.
        patience: or after so many without a better validation loss.
    """
    state["epoch"] += 1
    better = not state["losses"] or losses["validation"] < min(entry["validation"] for entry in state["losses"])
    state["losses"].append({name: round(value, 5) for name, value in losses.items()})
    state["stale"] = 0 if better else state["stale"] + 1
    state["done"] = state["epoch"] >= epochs or state["stale"] >= patience
    state["last"] = f"last-{state['epoch']}.safetensors"
    weights = {name: value.detach().contiguous() for name, value in parameters.items()}
    if better:
        state["best"] = f"best-{state['epoch']}.safetensors"
        save_file(weights, work / state["best"])
    moments: dict[str, torch.Tensor] = {}
    for name, value in parameters.items():
        kept = optimiser.state[value]
        moments |= {f"{key}/{name}": kept[key].contiguous() for key in ("exp_avg", "exp_avg_sq", "step")}
    save_file({**{f"weight/{name}": value for name, value in weights.items()}, **moments}, work / state["last"])
    partial = work / f".{_STATE}"
    partial.write_text(json.dumps(state), encoding="utf-8")
    os.replace(partial, work / _STATE)
    for path in work.glob("*.safetensors"):
        if path.name not in (state["last"], state["best"]):
            path.unlink()


def restore(path: Path, parameters: Mapping[str, torch.Tensor], optimiser: torch.optim.Optimizer) -> None:
    """Load weights and optimiser as `close_epoch` saved them."""
    saved = load_file(path)
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(saved[f"weight/{name}"])
            optimiser.state[value] = {key: saved[f"{key}/{name}"] for key in ("step", "exp_avg", "exp_avg_sq")}
