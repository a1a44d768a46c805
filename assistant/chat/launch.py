"""Making the real engine for a workspace."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from assistant.chat.host import ModelHost
from assistant.chat.workspace import BankAlone, Workspace
from assistant.progress import UNWATCHED, Watch

if TYPE_CHECKING:
    from assistant.engine.engine import Engine


def load_engine(
    workspace: Workspace | BankAlone,
    model: str | None = None,
    device: str | None = None,
    watch: Watch = UNWATCHED,
    arithmetic: str | None = None,
) -> Engine:
    """Load the base model with the workspace's bank; slow, imports torch.

    Raises:
        AssistantError: the model or the bank cannot be loaded.
        Stopped: the `watch` cancelled its first conversion.
    """
    from assistant.engine.base_model import LOADING, prepare, quieten

    quieten()
    with LOADING:
        prepare(model, watch)
        import torch

        from assistant.engine.engine import Engine

        if "OMP_NUM_THREADS" not in os.environ:
            torch.set_num_threads(program_threads())
        return Engine.load(workspace.bank, model, device, watch=watch, arithmetic=arithmetic or "auto")


def program_threads() -> int:
    """Return the number of threads of the model's arithmetic: one core is left to the interface.

    Of two cores the model gets one: with both, the int8 products of a 135M model wait for each other longer than they
    compute, and crawl as soon as anything else runs (docs/results/performance.md).
    """
    return max(1, (os.cpu_count() or 1) - 1)


def make_host(
    workspace: Workspace | BankAlone,
    model: str | None = None,
    device: str | None = None,
    arithmetic: str | None = None,
    ahead: bool = True,
) -> ModelHost:
    """Return a host that will load the engine when it is started; see `ModelHost` for `ahead`."""
    return ModelHost(lambda watch: load_engine(workspace, model, device, watch, arithmetic), ahead)
