"""Known ways to decay, as optimisers in float64 NumPy: asked the same questions, they say what each way predicts."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wd_jax.audit.black_box import Grads, Params


class Step:
    """What one step of a rule may look at.

    Attributes
    ----------
    w, g : array
        The weights and their gradient.
    lr, lr0, wd : float
        Rate of this step, rate of the first, and the decay.
    k : int
        Steps made before this one.
    memory : dict
        Of this tensor, empty at first.
    """

    def __init__(self, w: Any, g: Any, lr: float, lr0: float, wd: float, k: int, memory: dict[str, Any]) -> None:
        self.w, self.g, self.lr, self.lr0, self.wd, self.k, self.memory = w, g, lr, lr0, wd, k, memory


Rule = Callable[[Step], Any]
"""Gives the new weights of one tensor."""


class Ruled:
    """An optimiser that follows a rule, tensor by tensor."""

    def __init__(self, rule: Rule, lr: float, weight_decay: float) -> None:
        self.rule, self.lr, self.lr0, self.wd = rule, lr, lr, weight_decay

    def init(self, params: Params) -> None:
        """Begin anew."""
        self.weights = {name: w.astype(float) for name, w in params.items()}
        self.memory: dict[str, dict[str, Any]] = {name: {} for name in params}
        self.k = 0

    def set_lr(self, lr: float) -> None:
        """Change the rate."""
        self.lr = lr

    def step(self, params: Params, grads: Grads) -> Params:
        """Take one step; a missing gradient leaves the tensor alone."""
        for name, g in grads.items():
            if g is not None:
                at = Step(self.weights[name], g.astype(float), self.lr, self.lr0, self.wd, self.k, self.memory[name])
                with np.errstate(all="ignore"):  # a law that is only tried may run away
                    self.weights[name] = self.rule(at)
        self.k += 1
        with np.errstate(over="ignore"):
            return {name: self.memory[name].get("shown", w).astype(np.float32) for name, w in self.weights.items()}


def decoupled(times: float = 1.0) -> Rule:
    """Take ``times*lr*wd`` of the weight."""
    return lambda s: s.w - s.lr * s.g - times * s.lr * s.wd * s.w


def implicit(absolute: bool = False) -> Rule:
    """Divide by ``1 + lr*wd``; absolute by ``1 + wd*lr/lr0``."""
    return lambda s: (s.w - s.lr * s.g) / (1 + s.wd * (s.lr / s.lr0 if absolute and s.lr0 else s.lr))


def ramp(steps: int) -> Rule:
    """Warm up by itself: rate and decay grow over the first steps."""
    return lambda s: s.w - min(1.0, (s.k + 1) / steps) * s.lr * (s.g + s.wd * s.w)


def falling(power: float) -> Rule:
    """Divide the decay by a power of the number of the step."""
    return lambda s: s.w - s.lr * s.g - s.lr * s.wd / (s.k + 1) ** power * s.w


def every(steps: int) -> Rule:
    """Decay in every so many-th step only."""
    return lambda s: s.w - s.lr * s.g - ((s.k + 1) % steps == 0) * s.lr * s.wd * s.w


def late(steps: int = 1) -> Rule:
    """Take nothing in the first steps."""
    return lambda s: s.w - s.lr * s.g - (s.k >= steps) * s.lr * s.wd * s.w


def squared(late: bool = False) -> Rule:
    """Take ``lr^2*wd/lr0``, late nothing in the first step."""
    return lambda s: s.w - s.lr * s.g - (s.k >= late) * s.lr * (s.lr / s.lr0 if s.lr0 else 0.0) * s.wd * s.w


def squared_rate() -> Rule:
    """Take ``lr^2*wd``."""
    return lambda s: s.w - s.lr * s.g - s.lr**2 * s.wd * s.w


def constant(share: float) -> Rule:
    """Take ``share*wd``, whatever the rate."""
    return lambda s: s.w - s.lr * s.g - share * s.wd * s.w


def relative(times: float = 1.0) -> Rule:
    """Take ``times*wd*lr/lr0``."""
    return lambda s: s.w - s.lr * s.g - times * s.wd * (s.lr / s.lr0 if s.lr0 else 0.0) * s.w


def l1() -> Rule:
    """Take ``lr*wd`` off the size."""
    return lambda s: s.w - s.lr * s.g - s.lr * s.wd * np.sign(s.w)


def elastic(l1: float) -> Rule:
    """Take ``lr*wd`` of the weight for one part, and off its size for the rest."""
    return lambda s: s.w - s.lr * s.g - s.lr * s.wd * ((1 - l1) * s.w + l1 * np.sign(s.w))


def by_rms(times: float = 1.0, rate: float | None = None) -> Rule:
    """Take ``times*lr*wd*rms(w)`` of the weight; `rate` stands for lr where the step chooses its own."""
    return lambda s: s.w - s.lr * s.g - times * (s.lr if rate is None else rate) * s.wd * np.sqrt(np.mean(s.w**2)) * s.w


def by_norm(times: float = 1.0) -> Rule:
    """Take ``times*lr*wd*|w|`` of the weight."""
    return lambda s: s.w - s.lr * s.g - times * s.lr * s.wd * np.linalg.norm(s.w) * s.w


def trust_ratio(coefficient: float = 1.0, momentum: float = 0.0, rate_inside: bool = False) -> Rule:
    """Scale gradient and decay together to ``coefficient*|w|``, then sum them in a velocity, the rate in it or not."""

    def step(s: Step) -> Any:
        u = s.g + s.wd * s.w
        norms = np.linalg.norm(s.w), np.linalg.norm(u)
        ratio = coefficient * norms[0] / norms[1] if norms[0] > 0 and norms[1] > 0 else 1.0
        v = s.memory["v"] = momentum * s.memory.get("v", 0.0) + (s.lr if rate_inside else 1.0) * ratio * u
        return s.w - (1.0 if rate_inside else s.lr) * v

    return step


def momentum(mu: float, form: str = "velocity") -> Rule:
    """Sum gradient and decay in a velocity.

    `form` is "velocity" (v = mu v + u, w -= lr v), "displacement" (the rate inside the velocity), "nesterov",
    "nesterov displacement", "twice nesterov" (chainer's), "dampened" (after the first step u counts 1 - mu) or
    "average" (u counts 1 - mu always).
    """

    def step(s: Step) -> Any:
        u, v = s.g + s.wd * s.w, s.memory.get("v", 0.0)
        inside = s.lr if "displacement" in form or form == "twice nesterov" else 1.0
        outside = 1.0 if inside is s.lr else s.lr
        damp = 1 - mu if form == "average" or (form == "dampened" and s.k > 0) else 1.0
        v = s.memory["v"] = mu * v + damp * inside * u
        if form.startswith("nesterov"):
            return s.w - outside * (inside * u + mu * v)
        if form == "twice nesterov":
            return s.w - (1 + mu) * s.lr * u - mu**2 * v
        return s.w - outside * v

    return step


def schedule_free(beta: float, shown: str) -> Rule:
    """Decay z at y = (1 - beta) z + beta x, with x the average of z; show x or y."""

    def step(s: Step) -> Any:
        x, z = s.memory.get("x", s.w), s.memory.get("z", s.w)
        y = (1 - beta) * z + beta * x
        z = s.memory["z"] = z - s.lr * (s.g + s.wd * y)
        x = s.memory["x"] = x + (z - x) / (s.k + 1)
        s.memory["shown"] = x if shown == "x" else (1 - beta) * z + beta * x
        return s.w

    return step


def ema(beta: float) -> Rule:
    """Show the exponential average of decoupled weights."""

    def step(s: Step) -> Any:
        before = s.memory.get("shown", s.w)
        w = s.w - s.lr * s.g - s.lr * s.wd * s.w
        s.memory["shown"] = beta * before + (1 - beta) * w
        return w

    return step


def lookahead(inner: int, share: float, first_is_free: bool = False, absolute: bool = False) -> Rule:
    """Let slow weights go `share` of the way to decoupled ones every `inner` steps.

    Where the first is free, the slow weights begin at the first such step; an absolute decay is ``wd*lr/lr0``.
    """

    def step(s: Step) -> Any:
        slow = s.memory.setdefault("slow", s.w)
        w = s.w - s.lr * s.g - (s.lr / s.lr0 if absolute and s.lr0 else s.lr) * s.wd * s.w
        if (s.k + 1) % inner == 0:
            first = first_is_free and s.k + 1 == inner
            w = s.memory["slow"] = w if first else slow + share * (w - slow)
        return w

    return step


def growing(times: float, rated: bool) -> Rule:
    """Add ``times*wd`` of the weight, or ``times*lr*wd``."""
    return lambda s: s.w - s.lr * s.g + times * s.wd * (s.lr if rated else 1.0) * s.w


def nothing() -> Rule:
    """Decay nothing."""
    return lambda s: s.w - s.lr * s.g
