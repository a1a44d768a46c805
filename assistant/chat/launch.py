"""Making the real engine for a workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.chat.host import ModelHost
from assistant.chat.workspace import Workspace

if TYPE_CHECKING:
    from assistant.engine.engine import Engine


def load_engine(
    workspace: Workspace,
    model: str | None = None,
    device: str | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Engine:
    """Load the base model with the workspace's bank; slow, imports torch.

    Raises:
        AssistantError: the model or the bank cannot be loaded.
    """
    from assistant.engine.base_model import quieten

    quieten()
    from assistant.engine.engine import Engine

    return Engine.load(workspace.bank, model, device, say=say)


def make_host(workspace: Workspace, model: str | None = None, device: str | None = None) -> ModelHost:
    """Return a host that will load the engine when it is started."""
    return ModelHost(lambda say: load_engine(workspace, model, device, say))
