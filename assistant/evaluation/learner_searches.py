"""Black-box optimisers written here: the simple ones, and a Gaussian process with Thompson sampling."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from assistant.preference.simulation import REACH

Array = NDArray[np.float64]
N = 5


class RandomWalk:
    """Stays after a good verdict, takes a random step from there after a bad one."""

    def __init__(self, rng: np.random.Generator, step: float = 0.3) -> None:
        self._rng, self._step, self._at = rng, step, np.zeros(N)

    def ask(self) -> Array:
        """See `Search`."""
        return self._at

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        if value < 0.5:
            self._at = _inside(self._at + self._step * self._rng.standard_normal(N))


class OnePlusOne:
    """(1+1)-ES with the one-fifth rule; of equals the child stays, since a verdict is 0 or 1."""

    def __init__(self, rng: np.random.Generator, step: float = 0.3) -> None:
        self._rng, self._step = rng, step
        self._parent, self._value = np.zeros(N), -1.0

    def ask(self) -> Array:
        """See `Search`."""
        if self._value < 0.0:
            return self._parent
        return _inside(self._parent + self._step * self._rng.standard_normal(N))

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        if self._value < 0.0:
            self._value = value
        elif value >= self._value:
            self._parent, self._value, self._step = tried, value, min(self._step * 1.2, REACH)
        else:
            self._step = max(self._step * 0.955, 0.05)


class Spsa:
    """Simultaneous perturbation stochastic approximation (Spall 1992): a mirrored pair per gradient."""

    def __init__(self, rng: np.random.Generator, gain: float = 0.5, width: float = 0.4, settle: float = 10.0) -> None:
        self._rng, self._gain, self._width, self._settle = rng, gain, width, settle
        self._at, self._round, self._first = np.zeros(N), 0, None
        self._signs = rng.choice([-1.0, 1.0], N)

    _first: float | None

    def ask(self) -> Array:
        """See `Search`."""
        width = self._width / (self._round + 1) ** 0.101
        return _inside(self._at + (width if self._first is None else -width) * self._signs)

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        if self._first is None:
            self._first = value
            return
        gain = self._gain / (self._round + 1 + self._settle) ** 0.602
        self._at = _inside(self._at + gain * (self._first - value) * self._signs)
        self._first, self._round = None, self._round + 1
        self._signs = self._rng.choice([-1.0, 1.0], N)


class CrossEntropy:
    """A normal distribution, drawn to the good of each batch."""

    def __init__(
        self, rng: np.random.Generator, batch: int = 10, smooth: float = 0.5, width: float = 0.5, least: float = 0.1
    ) -> None:
        self._rng, self._batch, self._smooth, self._least = rng, batch, smooth, least
        self._centre, self._width = np.zeros(N), np.full(N, width)
        self._good: list[Array] = []
        self._seen = 0

    def ask(self) -> Array:
        """See `Search`."""
        return _inside(self._centre + self._width * self._rng.standard_normal(N))

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        self._seen += 1
        if value > 0.5:
            self._good.append(tried)
        if self._seen % self._batch == 0 and len(self._good) >= 2:
            good = np.array(self._good)
            self._centre += self._smooth * (good.mean(axis=0) - self._centre)
            self._width += self._smooth * (np.maximum(good.std(axis=0), self._least) - self._width)
            self._good = []


class NelderMead:
    """The simplex method, each vertex judged `repeats` times."""

    def __init__(self, rng: np.random.Generator, size: float = 0.5, repeats: int = 1) -> None:
        self._size, self._repeats, self._values = size, repeats, list[float]()
        self._steps = self._run()
        self._at = next(self._steps)

    def ask(self) -> Array:
        """See `Search`."""
        return self._at

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        self._values.append(value)
        if len(self._values) == self._repeats:
            mean, self._values = float(np.mean(self._values)), []
            self._at = self._steps.send(mean)

    def _run(self) -> Generator[Array, float, None]:
        points = [np.zeros(N)] + [self._size * row for row in np.eye(N)]
        values = []
        for point in points:
            values.append((yield point))
        while True:
            order = np.argsort(values)[::-1]
            points, values = [points[i] for i in order], [values[i] for i in order]
            centre = np.mean(points[:-1], axis=0)
            mirrored = _inside(2 * centre - points[-1])
            value = yield mirrored
            if value > values[0]:
                further = _inside(3 * centre - 2 * points[-1])
                beyond = yield further
                points[-1], values[-1] = (further, beyond) if beyond > value else (mirrored, value)
            elif value > values[-2]:
                points[-1], values[-1] = mirrored, value
            else:
                inner = 0.5 * (centre + points[-1])
                value = yield inner
                if value > values[-1]:
                    points[-1], values[-1] = inner, value
                else:
                    for i in range(1, len(points)):
                        points[i] = 0.5 * (points[0] + points[i])
                        values[i] = yield points[i]


class DuelingGradient:
    """Dueling bandit gradient descent (Yue and Joachims 2009); a duel is two verdicts, the one good wins."""

    def __init__(self, rng: np.random.Generator, width: float = 0.5, step: float = 0.2) -> None:
        self._rng, self._width, self._step = rng, width, step
        self._at, self._own = np.zeros(N), None
        self._way = self._unit()

    _own: float | None

    def ask(self) -> Array:
        """See `Search`."""
        return self._at if self._own is None else _inside(self._at + self._width * self._way)

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        if self._own is None:
            self._own = value
            return
        if value > self._own:
            self._at = _inside(self._at + self._step * self._way)
        self._own, self._way = None, self._unit()

    def _unit(self) -> Array:
        way = self._rng.standard_normal(N)
        return np.asarray(way / np.linalg.norm(way))


class Process:
    """A Gaussian process over verdicts, Thompson sampling among random candidates and those seen to be good."""

    def __init__(
        self,
        rng: np.random.Generator,
        length: float = 0.8,
        spread: float = 0.4,
        noise: float = 0.45,
        candidates: int = 150,
    ) -> None:
        self._rng, self._length, self._spread, self._noise, self._count = rng, length, spread, noise, candidates
        self._x, self._y = np.zeros((0, N)), np.zeros(0)

    def ask(self) -> Array:
        """See `Search`."""
        if not len(self._y):
            return np.zeros(N)
        good = self._x[self._y > 0] if (self._y > 0).any() else np.zeros((1, N))
        near = good[self._rng.integers(0, len(good), self._count)] + 0.3 * self._rng.standard_normal((self._count, N))
        tried = _inside(np.concatenate([near, self._rng.uniform(-REACH, REACH, (self._count // 3, N))]))
        kernel = self._kernel(self._x, self._x) + self._noise**2 * np.eye(len(self._y))
        across = self._kernel(tried, self._x)
        solved = np.linalg.solve(kernel, np.column_stack([self._y - 0.35, across.T]))
        mean = across @ solved[:, 0]
        covariance = self._kernel(tried, tried) - across @ solved[:, 1:]
        root = np.linalg.cholesky(covariance + 1e-6 * np.eye(len(tried)))
        return np.asarray(tried[int(np.argmax(mean + root @ self._rng.standard_normal(len(tried))))])

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        self._x, self._y = np.concatenate([self._x, tried[None]]), np.append(self._y, value)

    def _kernel(self, a: Array, b: Array) -> Array:
        squared = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
        return np.asarray(self._spread**2 * np.exp(-0.5 * np.maximum(squared, 0.0) / self._length**2))


def _inside(x: Array) -> Array:
    return np.asarray(np.clip(x, -REACH, REACH))
