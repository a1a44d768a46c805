"""Keeps the model off the interface's thread: loads it, composes profiles and generates, one thing at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from assistant import allocator
from assistant.chat.host_state import STOPPED, HostState, Phase, watched
from assistant.errors import AssistantError, Stopped
from assistant.progress import Watch
from assistant.style import Profile

if TYPE_CHECKING:
    from assistant.engine.room import Room
    from assistant.engine.sampling import Sampling

__all__ = ["HostState", "Messages", "ModelHost", "Phase", "VoiceEngine"]
_log = logging.getLogger(__name__)
Messages = Sequence[Mapping[str, str]]
_PATIENCE = 5.0
"""Seconds for the background thread to end; a layer or a few tokens take a fraction of one."""


class VoiceEngine(Protocol):
    """What the host needs of an engine; `assistant.engine.engine.Engine` is the real one."""

    name: str

    def compose(self, profile: Profile, cancelled: Callable[[], bool] = ...) -> bool:
        """Compose the profile; once `cancelled` is true, leave it for another composition."""

    def fold(self, cancelled: Callable[[], bool] = ...) -> bool:
        """Do what composing left for an idle moment; return whether nothing is left."""

    def prefill(self, messages: Messages, cancelled: Callable[[], bool] = ..., reserve: int = ...) -> bool:
        """Read a conversation ahead of its next message and a reply of at most `reserve` tokens; say whether all is."""

    def room(self, messages: Messages, reserve: int = ...) -> Room:
        """Return how a conversation fits into the context with a reply of at most `reserve` tokens."""

    def stream(self, messages: Messages, settings: Sampling) -> Iterator[str]:
        """Yield the reply in pieces."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the model should be ready for: a voice, and a conversation that will be continued in it."""

    profile: Profile
    conversation: Messages
    reserve: int
    """Tokens of the next reply at the most; 0 reads nothing."""


class ModelHost:
    """Owns the engine. Everything that touches the model happens under one lock.

    A wish is worked on in the background, and given up between two layers or a few tokens when a newer one comes or
    somebody asks for a reply: nobody ever waits for more than one such piece of it.
    """

    def __init__(self, load: Callable[[Watch], VoiceEngine], ahead: bool = True) -> None:
        """Prepare, without loading anything.

        Args:
            load: makes the engine; runs in the background and is given somebody to tell how it goes, who may end it.
            ahead: whether to compose and read ahead; without it, each reply does what it needs, as suits whoever asks
                again at once.
        """
        self._ahead = ahead
        self._load = load
        self._engine: VoiceEngine | None = None
        self._failure: AssistantError | None = None
        self._model_lock = threading.Lock()
        self._changed = threading.Condition()
        self._wanted: _Wish | None = None
        self._done: _Wish | None = None
        self._voice: Profile | None = None
        """The profile that is composed with nothing left to do."""
        self._waiting = 0
        """Replies that are asked for and have not ended."""
        self._closing = False
        self._given_up = threading.Event()
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
        """Begin loading in the background; further calls do nothing, unless its preparation was cancelled."""
        with self._changed:
            if self._thread is None and not self._closing:
                self._given_up.clear()
                self._thread = threading.Thread(target=self._run, name="model-host", daemon=True)
                self._thread.start()

    def start_again(self) -> bool:
        """Begin loading anew where that failed or was cancelled; return whether it was."""
        with self._changed:
            if self.state.phase not in (Phase.FAILED, Phase.STOPPED):
                return False
            self._failure = self._thread = None
        self.start()
        return True

    def cancel(self) -> bool:
        """End the first preparation of the model; return whether there was one that can be ended."""
        if self.state.progress is None:
            return False
        self._given_up.set()
        return True

    def want(self, profile: Profile, conversation: Messages = (), reserve: int = 0) -> None:
        """Compose `profile` as soon as the model is free, and read ahead; a newer wish replaces an older one.

        Args:
            profile: the voice of the next reply.
            conversation: what was said so far; read under the new weights, so that the next reply begins at once.
            reserve: tokens of the next reply at the most; 0 reads nothing.
        """
        if not self._ahead:
            return
        with self._changed:
            self._wanted = _Wish(profile, conversation, reserve)
            self._changed.notify_all()

    def stream(
        self,
        messages: Messages,
        profile: Profile,
        settings: Sampling,
        stop: threading.Event,
        began: Callable[[], None] = lambda: None,
        fits: Callable[[Room], None] = lambda _: None,
    ) -> Iterator[str]:
        """Yield the reply in the profile's voice until it ends or `stop` is set; waits for the model if need be.

        `began` is called when the model is there and composed, right before it starts to work; `fits` then says
        how the conversation fits into its context.

        Raises:
            AssistantError: the model could not be loaded or fails.
        """
        with self._changed:
            self._waiting += 1  # what runs in the background gives up, and nothing new begins
            if self._wanted is not None:
                self._wanted = replace(self._wanted, reserve=0)  # the conversation to be read is about to grow
        try:
            self.start()
            engine = self._loaded(stop)
            if engine is None:
                return
            with self._model_lock:
                if stop.is_set():
                    return
                if engine.compose(profile):
                    self._voice = None
                self._say(Phase.WRITING)
                began()
                try:
                    fits(engine.room(messages, settings.max_tokens))
                    for piece in engine.stream(messages, settings):
                        yield piece
                        if stop.is_set():
                            return
                finally:
                    self._say(Phase.READY)
        finally:
            with self._changed:
                self._waiting -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """End the background thread, at the latest after the layer or the few tokens that it is at."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        preparing = self.cancel()
        thread = self._thread
        if thread is not None and (preparing or self._engine is not None):  # other loading ends with us
            thread.join(_PATIENCE)

    def _loaded(self, stop: threading.Event) -> VoiceEngine | None:
        """Return the engine once it is there, None if `stop` is set before.

        Raises:
            AssistantError: it could not be loaded.
        """
        with self._changed:
            while self._engine is None and self._failure is None:
                if stop.is_set() or self._closing:
                    return None
                if self._thread is None:
                    raise Stopped(STOPPED)
                self._changed.wait(0.1)
        if self._failure is not None:
            raise self._failure
        return self._engine

    def _run(self) -> None:
        try:
            engine = self._load(watched(self._tell, self._given_up.is_set))
        except Stopped:
            with self._changed:
                self._thread = None
                self._changed.notify_all()
                self._say(Phase.STOPPED)
            return
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
        if self._wanted is None:
            self._say(Phase.READY)
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or (not self._waiting and self._wanted not in (None, self._done))
                )
                if self._closing:
                    return
                wish = self._wanted
            assert wish is not None
            with self._model_lock:
                if self._fulfil(engine, wish):
                    self._done = wish
                self._say(Phase.READY)
            allocator.give_back()

    def _fulfil(self, engine: VoiceEngine, wish: _Wish) -> bool:
        """Compose, fold and read ahead, unless a newer wish or a reply comes between; return whether all was done."""

        def cancelled() -> bool:
            return self._closing or self._waiting > 0 or self._wanted is not wish

        try:
            if wish.profile != self._voice:
                self._say(Phase.COMPOSING)
                self._voice = None
                engine.compose(wish.profile, cancelled)
                if cancelled() or not engine.fold(cancelled):
                    return False
                self._voice = wish.profile
            if wish.reserve:
                self._say(Phase.READING)
                return engine.prefill(wish.conversation, cancelled, wish.reserve)
        except AssistantError as error:
            _log.warning("composing failed", exc_info=error)  # the reply that needs it will raise it to the person
        except Exception:  # noqa: BLE001 - logged; the reply that needs it will raise it to the person
            _log.exception("composing failed")
        return True

    def _fail(self, error: AssistantError) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()
        self._say(Phase.FAILED, str(error))

    def _say(self, phase: Phase, detail: str = "") -> None:
        self._tell(HostState(phase, detail))

    def _tell(self, state: HostState) -> None:
        self.state = state
        for listener in self._listeners:
            listener(state)
