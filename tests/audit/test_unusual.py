"""Optimisers that nobody publishes, each a few lines: what their decay is called, and what is not claimed of it."""

import numpy as np
import pytest

import wd_jax as wd


class Own:
    """Plain SGD with a decay of its own: ``taken(w)`` is what a step takes off."""

    def __init__(self, lr=0.1, weight_decay=0.01):
        self.lr, self.lr0, self.wd = lr, lr, weight_decay

    def init(self, params):
        self.k, self.state = 0, {}
        self.start = {name: w.copy() for name, w in params.items()}

    def set_lr(self, lr):
        self.lr = lr

    def step(self, params, grads):
        self.k += 1
        zero = {name: np.zeros_like(w) for name, w in params.items()}
        return {
            name: self.one(name, w, zero[name] if grads[name] is None else grads[name]) for name, w in params.items()
        }

    def one(self, name, w, g):
        return w - self.lr * g - self.taken(name, w)


def own(taken):
    """Make a class of what a step takes off."""
    return type("Taken", (Own,), {"taken": taken})


def clipped(d, most):
    """Scale an array to a norm of `most` where it is more."""
    norm = np.linalg.norm(d)
    return d * most / norm if norm > most else d


class Average(Own):
    """It shows an exponential average."""

    def one(self, name, w, g):
        raw = self.state.get(name, w)
        self.state[name] = raw * (1 - self.lr * self.wd) - self.lr * g
        return 0.9 * w + 0.1 * self.state[name]


class WarmsUp(Own):
    """It multiplies its rate itself."""

    def one(self, name, w, g):
        lr = self.lr * min(1, self.k / 5)
        return w * (1 - lr * self.wd) - lr * g


UNUSUAL = {
    "rate squared": (own(lambda s, n, w: s.lr**2 * s.wd * w), "decoupled", ("with the square of the rate",)),
    "every third": (
        own(lambda s, n, w: (s.k % 3 == 0) * s.lr * s.wd * w),
        "decoupled",
        ("none at the first step", "every few steps"),
    ),
    "warms up": (WarmsUp, "decoupled", ("warming up by itself",)),
    "falls": (own(lambda s, n, w: s.lr * s.wd / np.sqrt(s.k) * w), "decoupled", ("falling by itself",)),
    "average": (Average, "averaged", ("exponential average",)),
    "norm": (own(lambda s, n, w: s.lr * s.wd * np.linalg.norm(w) * w), "scaled", ("by the norm",)),
    "elastic": (
        own(lambda s, n, w: s.lr * s.wd * (0.7 * w + 0.3 * np.sign(w))),
        "decoupled",
        ("with an L1 part",),
    ),
    "cube": (own(lambda s, n, w: s.lr * s.wd * w**3), "scaled", ()),
    "clipped by entry": (own(lambda s, n, w: s.lr * np.clip(s.wd * w, -0.02, 0.02)), "scaled", ()),
    "clipped by norm": (own(lambda s, n, w: s.lr * clipped(s.wd * w, 0.01)), "scaled", ()),
    "large tensors": (own(lambda s, n, w: (w.size > 100) * s.lr * s.wd * w), "decoupled", ("by the tensor's shape",)),
    "to the start": (own(lambda s, n, w: s.lr * s.wd * (w - s.start[n])), "none", ("toward the start",)),
    "dice": (
        own(lambda s, n, w: s.lr * s.wd * np.random.default_rng().random() * w),
        "unknown",
        ("differs when asked again",),
    ),
    "implicit and absolute": (own(lambda s, n, w: w - w / (1 + s.wd * s.lr / s.lr0)), "absolute", None),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_it_is_called(name):
    made, kind, qualifiers = UNUSUAL[name]
    found = wd.audit(made).fingerprint
    assert found.kind == kind
    assert qualifiers is None or found.qualifiers == qualifiers


def test_the_root_of_the_decay_is_not_taken_for_a_second_moment():
    found = wd.audit(own(lambda s, n, w: s.lr * np.sqrt(s.wd) * w)).fingerprint
    assert "through the second moment" not in found.qualifiers


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (lambda s, n, w, g: w.astype(complex), "step made complex128 of 'matrix': real numbers are wanted"),
        (lambda s, n, w, g: w.astype(str), "real numbers are wanted"),
        (lambda s, n, w, g: exec("raise SystemExit(3)"), "SystemExit: 3"),
    ],
)
def test_what_is_refused_is_one_line(one, line):
    found = wd.audit(type("Bad", (Own,), {"one": one}))
    assert found.kind == "unknown"
    assert all(line in said and "\n" not in said for said in found.responses.failures.values())


def test_an_update_in_place_that_gives_nothing_back_is_told_to():
    class InPlace(Own):
        def step(self, params, grads):
            for w in params.values():
                w *= 0.999

    assert "step gave a NoneType, not the parameters by name: return them" in " ".join(repr(wd.audit(InPlace)).split())
