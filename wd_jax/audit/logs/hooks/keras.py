"""A log of norms from Keras' fit, whichever backend it runs on.

``model.fit(..., callbacks=[WeightLog("weights.csv", every=10)])`` writes the norm, size and turn of each trainable
variable, and the optimiser's rate and decay, at the steps that `every` divides; a file of the same columns is gone on
with. Norms and cosines are summed in float64. A record brings all weights to the CPU, which holds a copy of them until
the next: on a GPU make one every ten steps or more. Keras does not show gradients to a callback: their columns are
missing.
"""

import functools
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from wd_jax.audit.logs.hooks.csv_log import CsvLog

if TYPE_CHECKING:
    WeightLog: Any


def __getattr__(name: str) -> Any:
    """Make the callback on first use: it is a class of Keras, which takes seconds to load."""
    if name == "WeightLog":
        return _callback()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _callback() -> type:
    """Make the class."""
    import keras

    class WeightLog(keras.callbacks.Callback):
        """Write a log of norms during fit.

        Parameters
        ----------
        path : str or path
            CSV file; one of the same columns is gone on with.
        every : int
            Records are made at steps that it divides.
        """

        def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
            super().__init__()
            self.every, self.log = every, CsvLog(path)
            self.before: dict[str, np.ndarray] = {}

        def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
            """Write one record, at the steps asked for; steps are the optimiser's own count."""
            optimizer = getattr(
                self.model.optimizer, "inner_optimizer", self.model.optimizer
            )  # of a LossScaleOptimizer
            step = int(optimizer.iterations)
            if step and not step % self.every:
                row, self.before = _row(self.model, optimizer, step, self.before)
                self.log.write(row)

    return WeightLog


def _row(
    model: Any, optimizer: Any, step: int, before: dict[str, np.ndarray]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Give one record, and the weights for the next."""
    import keras

    decay = optimizer.weight_decay or 0.0
    row: dict[str, Any] = {"step": step, "lr": _rate(optimizer, step), "weight_decay": float(decay)}
    now = {}
    for weight in model.trainable_variables:
        name = weight.path
        now[name] = np.array(keras.ops.convert_to_numpy(keras.ops.cast(weight, _wide(weight.dtype)))).ravel()
        row |= _record(name, now[name], before.get(name)) | {f"weight_axes/{name}": len(weight.shape)}
        if decay and not _decays(optimizer, weight):
            row[f"weight_decay/{name}"] = 0.0
    return row, now


def _rate(optimizer: Any, step: int) -> float:
    """Give the rate of the step that was just made; the optimiser already shows that of the next."""
    import keras

    rate = getattr(optimizer, "_learning_rate", None)
    schedule = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
    return float(rate(step - 1) if schedule else optimizer.learning_rate)


def _wide(dtype: str) -> str:
    """Name the type in which a variable is read: one that NumPy has, and that holds it exactly."""
    return "float64" if dtype == "float64" else "float32"


def _record(name: str, values: np.ndarray, before: np.ndarray | None) -> dict[str, float | int | None]:
    """Give the columns of one variable."""
    wide = values.astype(np.float64)
    norm = float(np.sqrt(wide @ wide))
    cosine = None
    if before is not None:
        then = before.astype(np.float64)
        both = norm * float(np.sqrt(then @ then))
        cosine = max(-1.0, min(1.0, float(wide @ then) / both)) if both > 0 else None
    return {f"weight_norm/{name}": norm, f"weight_size/{name}": len(values), f"weight_cosine/{name}": cosine}


def _decays(optimizer: Any, weight: Any) -> bool:
    """Tell whether Keras decays a variable, as `exclude_from_weight_decay` left it."""
    asks = getattr(optimizer, "_use_weight_decay", None)
    return True if asks is None else bool(asks(weight))
