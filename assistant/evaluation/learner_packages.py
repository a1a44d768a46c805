"""Black-box optimisers from packages of the optional extra `bench`."""

from __future__ import annotations

import logging
import warnings

import numpy as np
from numpy.typing import NDArray

from assistant.errors import AssistantError
from assistant.preference.simulation import REACH

Array = NDArray[np.float64]
N = 5


class MissingPackage(AssistantError):
    """A baseline's package is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"the baseline needs the package {package}: pip install 'assistant[bench]'")


class CmaEs:
    """CMA-ES of the `cmaes` package."""

    def __init__(self, rng: np.random.Generator, width: float = 0.4, population: int = 8) -> None:
        try:
            from cmaes import CMA
        except ImportError as error:
            raise MissingPackage("cmaes") from error
        bounds = np.array([[-REACH, REACH]] * N)
        seed = int(rng.integers(2**31))
        self._cma = CMA(mean=np.zeros(N), sigma=width, bounds=bounds, population_size=population, seed=seed)
        self._batch: list[tuple[Array, float]] = []

    def ask(self) -> Array:
        """See `Search`."""
        return np.asarray(self._cma.ask(), dtype=np.float64)

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        self._batch.append((tried, -value))
        if len(self._batch) == self._cma.population_size:
            self._cma.tell(self._batch)
            self._batch = []


class Tpe:
    """Tree-structured Parzen estimator of optuna."""

    def __init__(self, rng: np.random.Generator, startup: int = 10, multivariate: bool = True) -> None:
        try:
            import optuna
        except ImportError as error:
            raise MissingPackage("optuna") from error
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            n_startup_trials=startup, multivariate=multivariate, seed=int(rng.integers(2**31))
        )
        self._study = optuna.create_study(direction="maximize", sampler=sampler)
        self._space = {f"c{i}": optuna.distributions.FloatDistribution(-REACH, REACH) for i in range(N)}
        self._study.enqueue_trial({f"c{i}": 0.0 for i in range(N)})

    def ask(self) -> Array:
        """See `Search`."""
        self._trial = self._study.ask(self._space)
        return np.array([self._trial.params[f"c{i}"] for i in range(N)])

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        self._study.tell(self._trial, value)


class NgOpt:
    """NGOpt of nevergrad."""

    def __init__(self, rng: np.random.Generator, width: float = 0.4, budget: int = 80) -> None:
        try:
            import nevergrad
        except ImportError as error:
            raise MissingPackage("nevergrad") from error
        logging.getLogger("nevergrad").setLevel(logging.ERROR)
        space = nevergrad.p.Array(init=np.zeros(N)).set_mutation(sigma=width).set_bounds(-REACH, REACH)
        space.random_state.seed(int(rng.integers(2**31)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._optimiser = nevergrad.optimizers.NGOpt(parametrization=space, budget=budget, num_workers=1)

    def ask(self) -> Array:
        """See `Search`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._candidate = self._optimiser.ask()
        return np.asarray(self._candidate.value, dtype=np.float64)

    def tell(self, tried: Array, value: float) -> None:
        """See `Search`."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._optimiser.tell(self._candidate, -value)
