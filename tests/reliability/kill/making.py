"""Killing what makes large files: the model's conversion and the training of a bank."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.reliability.kill.book import NOTHING, verify
from tests.reliability.kill.calling import Timed, strike
from tests.reliability.kill.outcome import Outcome
from tests.reliability.kill.place import Place
from tests.reliability.kill.reading import Seen
from tests.reliability.kill.terminal import DEADLINE, TooLong

RECIPE = ("--rank", "2", "--epochs", "3")


class Convert:
    """The chat's first start with the real model, which is converted then. The cache is the place's own."""

    name = "converting"
    scripted = False

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it while the model is made ready, then let it come to its end."""
        from assistant.engine import embedded

        outcome = Outcome(self.name)
        cache = place.folder / "cache"
        place.environment["ASSISTANT_CACHE"] = str(cache)
        shutil.rmtree(cache, ignore_errors=True)
        models = cache / "models"
        target = models / embedded.folder().name
        near = rng.random() < 0.7
        outcome.moment = strike(place, rng, [], 12.0 if near else 25.0, target.with_suffix(".lock") if near else None)
        outcome.require(not target.exists() or embedded.is_sound(target), "the cache is there and not whole")
        verify(place, outcome, NOTHING, Seen())
        try:
            place.start()
            place.terminal.shows("● ready", 5 * DEADLINE)
            outcome.again = True
        except TooLong as error:
            outcome.wrong(str(error))
        place.terminal.kill()
        outcome.require(embedded.is_sound(target), "the next start did not convert the model")
        left = sorted(each.name for each in models.iterdir() if each not in (target, target.with_suffix(".lock")))
        outcome.require(not left, f"left in the cache: {left}")
        return outcome


class Train(Timed):
    """`assistant train` with a tiny model: what resumes gives the bank of an undisturbed run, to the bit."""

    name = "training"
    scripted = False

    def run(self, place: Place, number: int, rng: random.Random) -> Outcome:
        """Kill it once or twice, then let it come to its end."""
        outcome = Outcome(self.name)
        model, data, whole = (place.folder / name for name in ("model", "data", "undisturbed"))
        arguments = ["train", "--model", str(model), "--data", str(data), *RECIPE, "--resume", "--out"]
        if not model.exists():
            from tests import tiny

            tiny.write_model(model)
            tiny.write_data(data, tiny.ATTRIBUTES, ["anchors"] * 24 + ["validation"] * 4)
        taken = self.took("train", lambda: self._undisturbed(place, arguments, whole))
        out = place.folder / "out" / "bank"
        shutil.rmtree(out.parent, ignore_errors=True)
        moments = []
        for _ in range(rng.choice((1, 1, 2))):
            near = rng.random() < 0.7
            sign = out / ".work" if near else None
            moments.append(strike(place, rng, [*arguments, str(out)], taken / 3 if near else taken, sign))
        outcome.moment = "; ".join(moments)
        done = place.call(*arguments, str(out))
        outcome.again = done.code == 0
        outcome.require(outcome.again, f"not resumed: {done.err[-300:]}")
        outcome.sound = outcome.again and weights(out) == weights(whole)
        outcome.require(outcome.sound, "the bank is another than that of an undisturbed run")
        left = sorted(each.name for each in [*out.parent.iterdir(), *out.glob(".*")] if each != out)
        outcome.require(not left, f"left behind: {left}")
        return outcome

    def _undisturbed(self, place: Place, arguments: list[str], whole: Path) -> None:
        shutil.rmtree(whole, ignore_errors=True)
        done = place.call(*arguments, str(whole))
        if done.code != 0:
            raise AssertionError(done.err)


def weights(bank: Path) -> dict[str, bytes]:
    """Return the files of a bank but its card, which tells how long the training took."""
    return {path.name: path.read_bytes() for path in bank.iterdir() if path.suffix == ".safetensors"}
