"""What is trained in a benchmark, and how its work is counted."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from wd_jax.setup import Method

MFLOP_PER_STEP = 0.959
"""Floating-point operations of one member's step on [784, 30, 10] with m = 10, in millions."""
N_IN, N_OUT = 784, 10
ETA = {
    "sgd": 0.1,
    "momentum": 0.01,
    "nesterov": 0.01,
    "sgdw": 0.01,
    "adamw": 0.001,
    "adam_l2": 0.001,
    "lion": 0.001,
    "muon": 0.01,
}
"""Learning rate of each rule, so that members of every one stay finite."""


@dataclass(frozen=True)
class Case:
    """One cell of the table: a network, a batch size, the members, and what is measured while they train.

    Parameters
    ----------
    hidden, m : int
        Units of the hidden layer, and minibatch size in examples.
    cells, seeds : int
        Members: `cells` values of lmbda for each of `seeds` minibatch orders.
    probes : {"budget", "none", "all"}
        The budget alone, nothing, or everything with all splits evaluated every epoch.
    method : {"auto", "blocked", "generic"}
        For the engine.
    n, epochs : int
        Size of the training set, and passes over it in one repeat.
    rule : str
        How members are stepped, as the engine calls it.
    """

    hidden: int = 30
    m: int = 10
    cells: int = 64
    seeds: int = 1
    probes: str = "budget"
    method: Method = "auto"
    n: int = 50_000
    epochs: int = 1
    rule: str = "sgd"

    @property
    def members(self) -> int:
        """Networks trained side by side."""
        return self.cells * self.seeds

    @property
    def steps(self) -> int:
        """Steps of one member in one repeat."""
        return -(-self.n // self.m) * self.epochs

    @property
    def gigaflop(self) -> float:
        """Work of one repeat, counted alike for every subject."""
        per_step = MFLOP_PER_STEP * self.hidden / 30 * self.m / 10
        return per_step * self.steps * self.members / 1e3

    def sized(self, gigaflop: float) -> "Case":
        """Shorten one repeat to about this much work: 10 batches to 5000 examples, as often as it takes.

        Many epochs come in eights, so that the engine's calls of equal length can be long ones.
        """
        per_batch = dataclasses.replace(self, n=self.m, epochs=1).gigaflop
        batches = min(min(self.n, 5000) // self.m, max(10, round(gigaflop / per_batch)))
        n = self.m * max(1, batches)
        once = dataclasses.replace(self, n=n, epochs=1)
        epochs = max(1, round(gigaflop / once.gigaflop))
        return dataclasses.replace(once, epochs=epochs if epochs < 8 else 8 * round(epochs / 8))

    def examples(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw inputs as sparse as handwriting, [count, 784], and one-hot targets, [count, 10], float32."""
        random = np.random.default_rng(0)
        inputs = random.random((count, N_IN), np.float32) * (random.random((count, N_IN), np.float32) < 0.2)
        return inputs, np.eye(N_OUT, dtype=np.float32)[random.integers(0, N_OUT, count)]

    def batches(self) -> np.ndarray:
        """One shared minibatch order, [steps of an epoch, m]; whole batches only."""
        order = np.random.default_rng(1).permutation(self.n).astype(np.int32)
        return order[: self.n // self.m * self.m].reshape(-1, self.m)

    @property
    def lmbdas(self) -> np.ndarray:
        """One value per cell."""
        return np.linspace(1, 5, self.cells)
