"""scikit-learn's linear models by stochastic gradient descent, on rows chosen so that the gradient is the one given."""

import copy
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from wd_jax.audit.black_box import Grads, Params

_SCORE, _TARGET = -2.0, 1.0
"""Where every loss has a slope that is not zero; at the negatives of both the slope is the negative."""


class Linear:
    r"""One estimator for each weight matrix, and for each entry of a bias: a step is one row, or `rows` of them.

    The gradient of the loss is s x for a row x where the score p and the target y have the slope
    :math:`s = \ell'(p, y)`. The score is put where the slope is known, by way of the intercept, and the row is
    x = g / s: so the weights meet the gradient g. An entry of a bias is the intercept of a row of its own, weighted
    with g / s.
    """

    def __init__(
        self,
        factory: Any,
        options: Mapping[str, Any],
        rows: int,
        weight: float | None,
        lr: float,
        weight_decay: float | None,
        dtype: str,
    ) -> None:
        decay = {} if weight_decay is None else {"alpha": weight_decay}
        self._settings = {**options, **decay, "eta0": lr}
        kept = factory().get_params(deep=False)
        self._defaults = {name: kept[name] for name in ("learning_rate", "eta0", "alpha")}
        self._factory, self._rows, self._weight, self._dtype = factory, rows, weight, dtype
        self._classifier = "Classifier" in factory.__name__
        self._estimators: dict[str, Any] = {}
        self._shown: Params = {}

    def init(self, params: Params) -> None:
        """Begin anew at these parameters."""
        self._estimators = {name: self._begin(w) for name, w in params.items()}
        self._shapes = {name: w.shape for name, w in params.items()}
        self._shown = self._read()

    def step(self, params: Params, grads: Grads) -> Params:
        """Take one step and give the new parameters."""
        for name, estimator in self._estimators.items():
            gradient = grads[name]
            if gradient is None:
                raise ValueError(f"sklearn: {name} without a gradient: an estimator always makes one")
            if not np.array_equal(params[name], self._shown[name], equal_nan=True):
                estimator = self._set(estimator, params[name])
            if len(self._shapes[name]) == 2:
                self._weights(estimator, np.ravel(gradient).astype(self._dtype))
            else:
                self._estimators[name] = self._biases(estimator, np.asarray(gradient, self._dtype))
        self._shown = self._read()
        return {name: w.copy() for name, w in self._shown.items()}

    def set_lr(self, lr: float) -> None:
        """Set `eta0`."""
        for estimator in self._estimators.values():
            for each in [each for _, each in estimator] if isinstance(estimator, list) else [estimator]:
                each.set_params(eta0=lr)

    def _begin(self, w: np.ndarray) -> Any:
        self._slope = _slope(self._factory, self._settings)
        if w.ndim == 1:
            return [(w == b, self._made(np.zeros(1, self._dtype), b)) for b in np.unique(w)]
        return self._made(np.ravel(w).astype(self._dtype), 0.0)

    def _made(self, weights: np.ndarray, intercept: float) -> Any:
        """Make an estimator that has met no row: the one that makes it hold weights is undone."""
        estimator = self._factory(**{**self._settings, "learning_rate": "constant", "eta0": 1e-30, "alpha": 0.0})
        self._fit(estimator, np.zeros((1, len(weights)), self._dtype), _TARGET)
        estimator.set_params(**{**self._defaults, **self._settings})
        estimator.t_ = 1.0
        for average in ("_average_coef", "_average_intercept"):
            if estimator.average:
                getattr(estimator, average)[...] = 0
        _held(estimator, "coef")[...] = weights
        _held(estimator, "intercept")[...] = intercept
        estimator.coef_ = weights.reshape(estimator.coef_.shape).copy()
        estimator.intercept_ = np.full_like(estimator.intercept_, intercept)
        return estimator

    def _set(self, estimator: Any, w: np.ndarray) -> Any:
        if not isinstance(estimator, list):
            _held(estimator, "coef")[...] = np.ravel(w)
            return estimator
        single = _split(estimator, np.arange(len(w)))
        for own, each in single:
            _held(each, "intercept")[...] = w[own][0]
        return single

    def _weights(self, estimator: Any, gradient: np.ndarray) -> None:
        row = gradient / self._slope
        score = float(np.ravel(_held(estimator, "coef")).astype(float) @ row.astype(float))
        _held(estimator, "intercept")[...] = _SCORE - score
        self._fit(estimator, row[None, :], _TARGET)

    def _biases(self, estimators: list[Any], gradient: np.ndarray) -> list[Any]:
        split = _split(estimators, gradient)
        for own, estimator in split:
            slope = float(gradient[own][0])
            side = 1.0 if slope * self._slope >= 0 else -1.0
            intercept, coef = _held(estimator, "intercept"), _held(estimator, "coef")
            coef[...] = side * _SCORE - float(intercept[0])
            weight = max(abs(slope / self._slope), 1e-30)
            self._fit(estimator, np.ones((1, 1), self._dtype), side * _TARGET, weight)
        return split

    def _fit(self, estimator: Any, row: np.ndarray, target: float, weight: float | None = None) -> None:
        given: dict[str, Any] = {"classes": (-1, 1)} if self._classifier else {}
        weight = weight if self._weight is None else self._weight * (weight or 1.0)
        if weight is not None:
            given["sample_weight"] = np.full(self._rows, weight)
        y = int(target) if self._classifier else target
        import sklearn

        quick = sklearn.config_context(assume_finite=True, skip_parameter_validation=True)
        with warnings.catch_warnings(), quick:
            warnings.simplefilter("ignore")
            estimator.partial_fit(np.repeat(row, self._rows, 0), np.full(self._rows, y), **given)

    def _read(self) -> Params:
        found = {}
        for name, estimator in self._estimators.items():
            if isinstance(estimator, list):
                found[name] = np.sum([own * each.intercept_[0] for own, each in estimator], axis=0).astype(np.float32)
            else:
                found[name] = np.array(estimator.coef_, np.float32).reshape(self._shapes[name])
        return found


def _held(estimator: Any, what: str) -> np.ndarray:
    """Give the weights that are stepped: beside averaging, those behind the average."""
    return getattr(estimator, f"_standard_{what}" if estimator.average else f"{what}_")


def _split(estimators: list[Any], by: np.ndarray) -> list[Any]:
    """Let entries of a bias share an estimator only where they are given the same; each is (its entries, estimator)."""
    split = []
    for own, estimator in estimators:
        values = np.unique(by[own])
        copies = [estimator, *(copy.deepcopy(estimator) for _ in values[1:])]
        split += [(own & (by == value), each) for value, each in zip(values, copies, strict=True)]
    return split


def _slope(factory: Any, settings: Mapping[str, Any]) -> float:
    """Ask the estimator itself: the slope is what a row of one takes from a weight at a rate of 1 without decay."""
    kept = {name: settings[name] for name in ("loss", "epsilon") if name in settings}
    estimator = factory(**kept, learning_rate="constant", eta0=1.0, alpha=0.0)
    classes = {"classes": (-1, 1)} if "Classifier" in factory.__name__ else {}
    one, target = np.ones((1, 1)), np.array([int(_TARGET)])
    estimator.partial_fit(one, target, **classes)
    estimator.coef_[...], estimator.intercept_[...] = 0.0, _SCORE
    estimator.partial_fit(one, target)
    return -float(np.ravel(estimator.coef_)[0])
