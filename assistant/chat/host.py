"""Keeps the model off the interface's thread: loads it, composes profiles and generates, one thing at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from assistant.errors import AssistantError
from assistant.style import Profile

if TYPE_CHECKING:
    from assistant.engine.sampling import Sampling

_log = logging.getLogger(__name__)
Messages = Sequence[Mapping[str, str]]


class VoiceEngine(Protocol):
    """What the host needs of an engine; `assistant.engine.engine.Engine` is the real one."""

    name: str

    def compose(self, profile: Profile) -> bool:
        """Compose the profile into the weights."""

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        """Yield the reply in pieces."""


class Phase(StrEnum):
    """What the host is doing."""

    IDLE = "idle"
    """Not started."""
    LOADING = "loading"
    COMPOSING = "composing"
    READY = "ready"
    WRITING = "writing"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HostState:
    """The phase, with a few words about it."""

    phase: Phase
    detail: str = ""


class ModelHost:
    """Owns the engine. Everything that touches the model happens under one lock."""

    def __init__(self, load: Callable[[Callable[[str], None]], VoiceEngine]) -> None:
        """Prepare, without loading anything.

        Args:
            load: makes the engine; runs in the background and is given a function to say in words what it does.
        """
        self._load = load
        self._engine: VoiceEngine | None = None
        self._failure: AssistantError | None = None
        self._model_lock = threading.Lock()
        self._changed = threading.Condition()
        self._wanted: Profile | None = None
        self._composed: Profile | None = None
        self._closing = False
        self._listeners: list[Callable[[HostState], None]] = []
        self._thread: threading.Thread | None = None
        self.state = HostState(Phase.IDLE)

    def subscribe(self, listener: Callable[[HostState], None]) -> None:
        """Have `listener` called at each change of state, from whichever thread makes it."""
        self._listeners.append(listener)

    @property
    def model(self) -> str:
        """Name of the model, empty until it is loaded."""
        return "" if self._engine is None else self._engine.name

    def start(self) -> None:
        """Begin loading in the background; further calls do nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="model-host", daemon=True)
            self._thread.start()

    def want(self, profile: Profile) -> None:
        """Compose `profile` as soon as the model is free; a newer wish replaces an older one."""
        with self._changed:
            self._wanted = profile
            self._changed.notify_all()

    def stream(
        self,
        messages: Messages,
        profile: Profile,
        settings: Sampling,
        stop: threading.Event,
        began: Callable[[], None] = lambda: None,
    ) -> Iterator[str]:
        """Yield the reply in the profile's voice until it ends or `stop` is set; waits for the model if need be.

        `began` is called when the model is there and composed, right before it starts to work.

        Raises:
            AssistantError: the model could not be loaded or fails.
        """
        self.start()
        with self._changed:
            while self._engine is None and self._failure is None:
                if stop.is_set() or self._closing:
                    return
                self._changed.wait(0.1)
        if self._failure is not None:
            raise self._failure
        engine = self._engine
        assert engine is not None
        with self._model_lock:
            if stop.is_set():
                return
            engine.compose(profile)
            self._say(Phase.WRITING)
            began()
            try:
                for piece in engine.stream(messages, settings):
                    yield piece
                    if stop.is_set():
                        return
            finally:
                self._say(Phase.READY)

    def close(self) -> None:
        """Let the background thread end."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            engine = self._load(lambda words: self._say(Phase.LOADING, words))
        except AssistantError as error:
            self._fail(error)
            return
        except Exception as error:  # noqa: BLE001 - told to the person; this thread has nobody above it to raise to
            _log.exception("loading the model failed")
            what = f"{type(error).__name__}: {error}"
            self._fail(AssistantError(f"the model could not be loaded ({what}); the log file has the details"))
            return
        with self._changed:
            self._engine = engine
            self._changed.notify_all()
        self._say(Phase.READY)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._wanted not in (None, self._composed))
                if self._closing:
                    return
            with self._model_lock:
                wanted = self._wanted
                assert wanted is not None
                self._say(Phase.COMPOSING)
                try:
                    engine.compose(wanted)
                except AssistantError as error:
                    _log.warning("composing failed: %s", error)  # the reply that needs it will raise it to the person
                self._composed = wanted
                self._say(Phase.READY)

    def _fail(self, error: AssistantError) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()
        self._say(Phase.FAILED, str(error))

    def _say(self, phase: Phase, detail: str = "") -> None:
        self.state = HostState(phase, detail)
        for listener in self._listeners:
            listener(self.state)
