"""Trainings in NumPy, of layers on which gradients of a known kind act, logged as our hooks log."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from wd_jax.audit.logs.log import TrainingLog

INVARIANT = ("free", "pinned")
"""Kinds of gradient of layers whose scale the cost ignores."""
KINDS = (*INVARIANT, "noise", "curved", "outward")


@dataclass(frozen=True, kw_only=True)
class Training:
    """What is trained.

    Attributes
    ----------
    rule : str
        "sgd", "momentum", "sgdw", "adamw", "lion", or "adam_l2", whose decay is in the gradient.
    lr, decay : float
        What was asked for.
    width, layers : int
        Weights of a layer, and how many layers there are, each with gradients of its own.
    steps, every : int
        Of the training, and between records.
    kind : str
        Of the gradient: noise at right angles to the weights ("free"), with a pull to a direction ("pinned"); noise
        ("noise"), with a pull to 0 ("curved"), or with one that makes weights grow ("outward"), as a last layer has.
    schedule : callable
        Share of the run -> factor of the rate.
    really : dict
        Decay of each layer by number, where it is not the one asked for.
    start : float
        Standard deviation of the first weights.
    rounded : bool
        Whether weights are rounded to bfloat16 after decay and after the step.
    """

    rule: str
    lr: float
    decay: float
    width: int = 400
    layers: int = 4
    steps: int = 2000
    every: int = 10
    kind: str = "free"
    schedule: Callable[[float], float] = lambda share: 1.0
    really: dict | None = None
    start: float = 0.3
    seed: int = 0
    rounded: bool = False
    momentum: float = 0.9

    def but(self, **changed: object) -> "Training":
        """The same with other values."""
        return replace(self, **changed)  # pyrefly: ignore

    def log(self, **left_out: bool) -> TrainingLog:
        """Train, and give the log, without the columns that are named as False."""
        rng = np.random.default_rng(self.seed)
        w = rng.normal(size=(self.layers, self.width)) * self.start
        if self.rounded:
            w = bfloat16(w)
        target = rng.normal(size=w.shape)
        target /= np.linalg.norm(target, axis=1, keepdims=True)
        decay = np.full((self.layers, 1), self.decay)
        for layer, value in (self.really or {}).items():
            decay[layer] = value
        state = (np.zeros_like(w), np.zeros_like(w))
        rows, before = [], None
        gradient = np.full_like(w, np.nan)
        for step in range(self.steps + 1):
            rate = self.lr * self.schedule(step / self.steps)
            if step % self.every == 0:
                norms = np.linalg.norm(w, axis=1)
                cosines = np.full(self.layers, np.nan)
                if before is not None:
                    cosines = (w * before).sum(axis=1) / norms / np.linalg.norm(before, axis=1)
                rows.append((step, rate, norms, cosines, np.linalg.norm(gradient, axis=1)))
                before = w.copy()
            gradient = self._gradient(w, target, rng)
            w, state = self._step(w, gradient, rate, decay, state, step)
        return self._logged(rows, left_out)

    def _gradient(self, w: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        noise = rng.normal(size=w.shape)
        norm = np.linalg.norm(w, axis=1, keepdims=True)
        if self.kind in INVARIANT:
            pull = noise - (3.0 * np.sqrt(self.width) * target if self.kind == "pinned" else 0.0)
            return (pull - (pull * w).sum(axis=1, keepdims=True) / norm**2 * w) / norm
        if self.kind == "curved":
            return noise + 0.3 * w
        if self.kind == "outward":
            return 0.3 * noise - 2.0 * w / norm / (0.2 + norm / np.sqrt(self.width))
        return noise

    def _step(
        self, w: np.ndarray, g: np.ndarray, rate: float, decay: np.ndarray, state: tuple, step: int
    ) -> tuple[np.ndarray, tuple]:
        m, v = state
        if self.rule in ("sgd", "momentum"):
            m = (self.momentum * m if self.rule == "momentum" else 0.0) + g + decay * w
            return w - rate * m, (m, v)
        if self.rule == "sgdw":
            m = self.momentum * m + g
            return (1 - rate * decay) * w - rate * m, (m, v)
        if self.rule == "lion":
            return (1 - rate * decay) * w - rate * np.sign(0.9 * m + 0.1 * g), (0.99 * m + 0.01 * g, v)
        if self.rule == "adam_l2":
            g, decay = g + decay * w, 0.0 * decay
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        update = m / (1 - 0.9 ** (step + 1)) / (np.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-8)
        held = (1 - rate * decay) * w
        if self.rounded:
            return bfloat16(bfloat16(held) - rate * update), (m, v)
        return held - rate * update, (m, v)

    def _logged(self, rows: list, left_out: dict) -> TrainingLog:
        time = np.array([row[0] for row in rows], float)
        names = [f"layer{k}.weight" for k in range(self.layers)]
        columns = [np.array([row[place] for row in rows]) for place in (2, 3, 4)]
        by_name = [{name: column[:, k] for k, name in enumerate(names)} for column in columns]

        def kept(name: str, found: object, without: object) -> object:
            return found if left_out.get(name, True) else without

        return TrainingLog(
            "a training", "NumPy", time, "step", by_name[0],
            sizes=kept("sizes", dict.fromkeys(names, self.width), {}),  # pyrefly: ignore
            cosines=kept("cosines", by_name[1], {}),  # pyrefly: ignore
            gradients=kept("gradients", by_name[2], {}),  # pyrefly: ignore
            lr=kept("lr", np.array([row[1] for row in rows]), None),  # pyrefly: ignore
        )  # fmt: skip


def bfloat16(values: np.ndarray) -> np.ndarray:
    """Round to nearest, ties to even."""
    bits = values.astype(np.float32).view(np.uint32).astype(np.uint64)
    rounded = (bits + 0x7FFF + ((bits >> np.uint64(16)) & np.uint64(1))) & np.uint64(0xFFFF0000)
    return rounded.astype(np.uint32).view(np.float32).astype(np.float64)


SAID = {
    "sgd": "torch:SGD",
    "momentum": "torch:SGD(momentum=.9)",
    "sgdw": "timm:sgdw(momentum=.9)",
    "adamw": "torch:AdamW",
    "lion": "optax:lion",
}
"""How a user names them."""
CLEAN = {
    "sgd": Training(rule="sgd", lr=0.1, decay=0.03),
    "momentum": Training(rule="momentum", lr=0.02, decay=0.015),
    "sgdw": Training(rule="sgdw", lr=0.02, decay=0.15),
    "adamw": Training(rule="adamw", lr=0.01, decay=0.3),
    "lion": Training(rule="lion", lr=1e-3, decay=3.0),
}
"""Six timescales of decay each."""
