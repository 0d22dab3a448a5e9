"""The multi-layer perceptron of scikit-learn, with the gradient of its loss on the data replaced by a given one."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from wd_jax.audit.black_box import Grads, Params


class Perceptron:
    """An estimator that steps as in `partial_fit`, on gradients that are given.

    `_compute_loss_grad`, which adds the decay to the data's gradient, is the estimator's own: it is called with data
    whose gradient is zero, and what is asked for is added to what it gives.
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
        if options.get("solver") == "lbfgs":
            raise ValueError("sklearn: solver=lbfgs takes no steps that could be driven: use sgd or adam")
        decay = {} if weight_decay is None else {"alpha": weight_decay}
        self._settings = {**options, **decay, "learning_rate_init": lr, "batch_size": rows}
        self._factory, self._rows, self._weight, self._dtype = factory, rows, weight, dtype
        self._shown: Params = {}

    def init(self, params: Params) -> None:
        """Begin anew: a network with as many layers as there are weight matrices, or biases."""
        self._matrices = [name for name, w in params.items() if w.ndim == 2]
        self._vectors = [name for name, w in params.items() if w.ndim == 1]
        layers = max(len(self._matrices), len(self._vectors))
        self._estimator = _driven(self._factory)(**{**self._settings, "hidden_layer_sizes": (1,) * (layers - 1)})
        one = np.ones((1, 1), self._dtype)
        coefs = [params[name].astype(self._dtype) for name in self._matrices]
        intercepts = [params[name].astype(self._dtype) for name in self._vectors]
        coefs += [one.copy() for _ in range(layers - len(coefs))]
        intercepts += [one[0].copy() for _ in range(layers - len(intercepts))]
        self._estimator.start = coefs, intercepts
        self._shown = self._read()

    def step(self, params: Params, grads: Grads) -> Params:
        """Take one step of `partial_fit` and give the new parameters."""
        absent = next((name for name, gradient in grads.items() if gradient is None), None)
        if absent is not None:
            raise ValueError(f"sklearn: {absent} without a gradient: an estimator always makes one")
        for name, w in self._held().items():
            if not np.array_equal(params[name], self._shown[name], equal_nan=True):
                w[...] = params[name]
        self._estimator.given = [grads[name] for name in self._matrices], [grads[name] for name in self._vectors]
        self._fit()
        self._shown = self._read()
        return {name: w.copy() for name, w in self._shown.items()}

    def set_lr(self, lr: float) -> None:
        """Set the rate of the optimiser inside: `set_params(learning_rate_init=...)` does nothing once it exists."""
        self._estimator.learning_rate_init = lr
        optimiser = getattr(self._estimator, "_optimizer", None)
        if optimiser is not None:
            optimiser.learning_rate_init = optimiser.learning_rate = lr

    def _fit(self) -> None:
        classifier = "Classifier" in self._factory.__name__
        x = np.zeros((self._rows, 1), self._dtype)
        y = np.zeros(self._rows, int if classifier else self._dtype)
        given: dict[str, Any] = {"classes": (0, 1)} if classifier else {}
        if self._weight is not None:
            given["sample_weight"] = np.full(self._rows, self._weight, self._dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._estimator.partial_fit(x, y, **given)

    def _held(self) -> Params:
        coefs, intercepts = self._estimator.held()
        return dict(zip(self._matrices, coefs, strict=False)) | dict(zip(self._vectors, intercepts, strict=False))

    def _read(self) -> Params:
        return {name: np.array(w, np.float32) for name, w in self._held().items()}


def _driven(factory: Any) -> Any:
    """Make the class that begins at `start` and whose data have the gradient `given`: matrices, then vectors."""

    class Driven(factory):
        start: tuple[list[Any], list[Any]]
        given: tuple[list[Any], list[Any]]

        def held(self) -> tuple[list[Any], list[Any]]:
            return (self.coefs_, self.intercepts_) if hasattr(self, "coefs_") else self.start

        def _initialize(self, *given: Any) -> None:
            super()._initialize(*given)
            self.coefs_, self.intercepts_ = self.start

        def _backprop(self, *call: Any) -> tuple[float, list[Any], list[Any]]:
            rows, weights, coef_grads, intercept_grads = len(call[0]), call[2], call[5], call[6]
            summed = rows if weights is None else weights.sum()
            for layer, w in enumerate(self.coefs_):
                inputs, errors = (np.zeros((rows, size), w.dtype) for size in w.shape)
                self._compute_loss_grad(layer, summed, {layer: inputs}, {layer: errors}, coef_grads, intercept_grads)
                intercept_grads[layer] = np.zeros_like(self.intercepts_[layer])
            for into, extra in zip((coef_grads, intercept_grads), self.given, strict=True):
                for layer, gradient in enumerate(extra):
                    into[layer] = into[layer] + np.asarray(gradient, into[layer].dtype)
            return 0.0, coef_grads, intercept_grads

    Driven.__name__ = factory.__name__
    return Driven
