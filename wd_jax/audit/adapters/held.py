"""The parameters that a library holds for itself, and when they are written back into it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wd_jax.audit.black_box import Grads, Params


class Held:
    """An optimiser of a library that keeps its own parameters: the four moves that differ are handed in.

    Parameters
    ----------
    begin : callable
        ``begin(params)`` makes the library's parameters and its optimiser, and gives a state of any kind.
    advance : callable
        ``advance(state, grads)`` takes one step.
    read : callable
        ``read(state)`` gives the parameters as float32 arrays by name.
    write : callable
        ``write(state, params)`` sets them. It is called only for parameters that are not those last read: an optimiser
        that holds a better copy than it shows (an average, a master in float32) keeps it.
    rate : callable or None
        ``rate(state, lr)`` sets the learning rate.
    """

    def __init__(
        self,
        begin: Callable[[Params], Any],
        advance: Callable[[Any, Grads], None],
        read: Callable[[Any], Params],
        write: Callable[[Any, Params], None],
        rate: Callable[[Any, float], None] | None = None,
    ) -> None:
        self._begin, self._advance, self._read, self._write = begin, advance, read, write
        self._state: Any = None
        self._shown: Params = {}
        if rate is not None:
            self.set_lr = lambda lr: rate(self._state, lr)

    def init(self, params: Params) -> None:
        """Begin anew at these parameters."""
        self._state = self._begin({name: np.array(w, np.float32) for name, w in params.items()})
        self._shown = self._copy()

    def step(self, params: Params, grads: Grads) -> Params:
        """Take one step and give the new parameters."""
        if any(not np.array_equal(params[name], w, equal_nan=True) for name, w in self._shown.items()):
            self._write(self._state, params)
        self._advance(self._state, grads)
        self._shown = self._copy()
        return {name: w.copy() for name, w in self._shown.items()}

    def _copy(self) -> Params:
        return {name: np.array(w, np.float32) for name, w in self._read(self._state).items()}
