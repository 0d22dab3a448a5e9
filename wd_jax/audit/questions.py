"""The questions of an audit, each a few runs of the optimiser, and the numbers that its answers are told by."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from wd_jax.audit import stimuli
from wd_jax.audit.black_box import BlackBox, Params
from wd_jax.audit.stimuli import Gradient, Stimulus, drive

LATE = (20, 50, 100)
"""Steps of the long run at which the weight is noted, besides each of the first ten."""
STEPS_IN_LOW_PRECISION = 50


class UnaskedError(Exception):
    """A question that cannot be put to this optimiser: one line."""


@dataclass(frozen=True)
class Asking:
    """One optimiser, and the rate and decay at which it is asked.

    Attributes
    ----------
    box : BlackBox
        The optimiser.
    lr, weight_decay : float
        Of the standard stimulus.
    """

    box: BlackBox
    lr: float = 0.1
    weight_decay: float = 0.01

    def run(self, steps: int = 10, params: Params | None = None, **settings: object) -> list[Params]:
        """Drive it from the standard parameters, unless others are given, beside zero gradients."""
        given = {"lr": self.lr, "weight_decay": self.weight_decay, **settings}
        if self.box.facts.get("fixed") and (given["lr"], given["weight_decay"]) != (self.lr, self.weight_decay):
            raise UnaskedError("not asked: the rate and the decay are the optimiser's own and cannot be changed")
        return drive(self.box, Stimulus(params=params or stimuli.ones(self.box), steps=steps, **given))  # type: ignore[arg-type]

    @property
    def beside(self) -> tuple[float, float]:
        """Rate and decay beside gradients: a small rate, so that the weights stay near 1, and a large decay."""
        return self.lr / 100, self.weight_decay * 10


Answer = dict[str, float | None]
Question = Callable[[Asking], Answer]


def alone(ask: Asking) -> Answer:
    """Ask what decay does where every gradient is zero: the standard stimulus, for a hundred steps."""
    late = () if ask.box.facts.get("slow") else LATE
    path = ask.run(max((10, *late)))
    steps = (*range(1, 11), *late)
    found: Answer = {f"matrix_after_{k}": _mean(path[k]["matrix"]) for k in steps}
    found |= {f"bias_after_{k}": _mean(path[k]["bias"]) if "bias" in path[k] else None for k in (1, 10)}
    return found


def without(ask: Asking) -> Answer:
    """Ask what is left to happen at a weight decay of zero."""
    path = ask.run(weight_decay=0.0)
    return {f"matrix_after_{k}_without_decay": _mean(path[k]["matrix"]) for k in (1, 10)}


def by_default(ask: Asking) -> Answer:
    """Ask what the library's own default does, where nothing is said of decay."""
    if ask.box.library == "own" and ask.box.default_weight_decay is None:
        return {"matrix_after_10_by_default": None}
    return {"matrix_after_10_by_default": _mean(ask.run(weight_decay=None)[-1]["matrix"])}


def twice_the_decay(ask: Asking) -> Answer:
    """Ask whether twice the decay takes twice as much."""
    path = ask.run(weight_decay=2 * ask.weight_decay)
    return {f"matrix_after_{k}_decay_doubled": _mean(path[k]["matrix"]) for k in (1, 10)}


def half_the_rate(ask: Asking) -> Answer:
    """Ask whether half the learning rate, from the beginning, takes half as much."""
    path = ask.run(lr=ask.lr / 2)
    return {f"matrix_after_{k}_lr_halved": _mean(path[k]["matrix"]) for k in (1, 10)}


def schedule(ask: Asking) -> Answer:
    """Ask whether decay follows a learning rate that is halved, or set to zero, after five steps."""
    if not stimuli.may_schedule(ask.box):
        return {"matrix_after_10_lr_halved_at_5": None, "matrix_after_10_lr_zero_at_5": None}
    return {
        "matrix_after_10_lr_halved_at_5": _mean(ask.run(rates={5: ask.lr / 2})[-1]["matrix"]),
        "matrix_after_10_lr_zero_at_5": _mean(ask.run(rates={5: 0.0})[-1]["matrix"]),
    }


def sizes(ask: Asking) -> Answer:
    """Ask whether the share that is lost depends on the size of the weights."""
    found: Answer = {}
    for size in (0.01, 100.0):
        path = [_mean(each["matrix"]) for each in ask.run(params=stimuli.ones(ask.box, value=size))]
        found |= {f"factor_after_{k}_from_{size:g}": path[k] / path[0] for k in (1, 10)}
    return found


def mixed(ask: Asking) -> Answer:
    """Ask whether small and large weights of one tensor lose the same share: half are 1, half 2."""
    start = stimuli.ones(ask.box)
    start["matrix"][:, 2:] = 2
    end = ask.run(1, params=start)[-1]["matrix"]
    return {"factor_of_1_beside_2": _mean(end[:, :2]), "factor_of_2_beside_1": _mean(end[:, 2:]) / 2}


def roles(ask: Asking) -> Answer:
    """Ask which kinds of parameters decay, all of them held at once."""
    every = ("matrix", "vector", "norm", "embedding", "bias")
    end = ask.run(params=stimuli.ones(ask.box, every))[-1]
    return {f"{role}_after_10_of_all": _mean(end[role]) if role in end else None for role in every}


def missing_gradient(ask: Asking) -> Answer:
    """Ask whether a parameter decays that is given no gradient (None) for three steps."""
    return {"matrix_after_3_missing_gradient": _mean(ask.run(3, gradient=stimuli.missing("matrix"))[-1]["matrix"])}


def skipped_step(ask: Asking) -> Answer:
    """Ask whether a step decays in which no parameter has a gradient."""
    nothing = stimuli.missing(*stimuli.ones(ask.box))
    return {"matrix_after_3_all_gradients_missing": _mean(ask.run(3, gradient=nothing)[-1]["matrix"])}


def accumulation(ask: Asking) -> Answer:
    """Ask how much is lost where a gradient of four micro-batches, four times as large, comes once in a step."""
    return {"decay_at_step_1_beside_accumulated_gradients": _beside(ask, _random(ask), 1, scale=4.0)[0]}


def beside_random_gradients(ask: Asking) -> Answer:
    """Ask which share of a decoupled decay is seen beside gradients from N(0, 1)."""
    steps = 10 if ask.box.facts.get("slow") else 100
    shares, spread, against = _shares(ask, _random(ask), steps)
    found: Answer = {
        "decay_at_step_1_beside_random_gradients": shares[0],
        "decay_at_step_1_beside_random_gradients_spread": spread,
        "decay_after_10_beside_random_gradients": shares[9],
        "decay_after_100_beside_random_gradients": shares[99] if steps == 100 else None,
        "decay_after_100_against_decoupled": against if steps == 100 else None,
    }
    return found


def beside_scaled_gradients(ask: Asking) -> Answer:
    """Ask whether that share depends on the size of the gradients."""
    found: Answer = {}
    for word, scale in (("small", 0.01), ("large", 100.0)):
        shares = _beside(ask, _random(ask), 10, scale=scale)
        found[f"decay_at_step_1_beside_{word}_gradients"] = shares[0]
        found[f"decay_after_10_beside_{word}_gradients"] = shares[9]
    return found


def beside_constant_gradients(ask: Asking) -> Answer:
    """Ask for that share beside gradients that are all 1, and all -1: one helps the decay, one opposes it."""
    found: Answer = {}
    for word, value in (("constant", 1.0), ("opposed", -1.0)):
        shares = _beside(ask, partial(stimuli.constant, value), 10, small=True)
        found[f"decay_at_step_1_beside_{word}_gradients"] = shares[0]
        found[f"decay_after_10_beside_{word}_gradients"] = shares[9]
    return found


def low_precision(ask: Asking) -> Answer:
    """Ask what fifty steps take from weights from 1 to 31/16, all exact in each precision."""
    found: Answer = {}
    for dtype in ("float32", "bfloat16", "float16"):
        if dtype in ask.box.dtypes:
            start = stimuli.ones(ask.box)
            start["matrix"] = (1 + np.arange(16) / 16).reshape(4, 4).astype(np.float32)
            path = ask.run(STEPS_IN_LOW_PRECISION, params=start, dtype=dtype)
            found[f"loss_after_50_in_{dtype}"] = 1 - _mean(path[-1]["matrix"].astype(float) / start["matrix"])
            found[f"matrix_after_50_in_{dtype}"] = float(path[-1]["matrix"][0, 0])
    return found


def low_precision_beside_gradients(ask: Asking) -> Answer:
    """Ask what fifty steps take beside gradients from N(0, 1), in float32 and bfloat16: a step may carry decay over."""
    if "bfloat16" not in ask.box.dtypes or ask.box.facts.get("slow"):
        return {}
    lr, decay = ask.lr / 10, ask.weight_decay * 10
    found: Answer = {}
    for dtype in ("float32", "bfloat16"):
        ends = []
        for wd in (decay, 0.0):
            start = {"matrix": np.ones(stimuli.RANDOM_SHAPE, np.float32)}
            how = {"gradient": _random(ask)(), "dtype": dtype, "lr": lr, "weight_decay": wd}
            ends.append(_mean(ask.run(STEPS_IN_LOW_PRECISION, start, **how)[-1]["matrix"]))
        found[f"loss_after_50_in_{dtype}_beside_random_gradients"] = ends[1] - ends[0]
    return found


def again(ask: Asking) -> Answer:
    """Ask the first question again: an optimiser that was made anew answers the same."""
    return {"matrix_after_10_again": _mean(ask.run()[-1]["matrix"])}


QUESTIONS: tuple[Question, ...] = (
    alone,
    without,
    by_default,
    twice_the_decay,
    half_the_rate,
    schedule,
    sizes,
    mixed,
    roles,
    missing_gradient,
    skipped_step,
    beside_random_gradients,
    beside_scaled_gradients,
    beside_constant_gradients,
    accumulation,
    low_precision,
    low_precision_beside_gradients,
    again,
)

LEFT_OUT_WHERE_SLOW: tuple[Question, ...] = (
    roles,
    beside_scaled_gradients,
    beside_constant_gradients,
    accumulation,
    low_precision,
    low_precision_beside_gradients,
)


def _mean(array: np.ndarray) -> float:
    return float(np.mean(array, dtype=np.float64))


def _random(ask: Asking) -> Callable[..., Gradient]:
    """Give the stream of random gradients with which the library's stored measurements were made."""
    return partial(stimuli.random, stream=ask.box.facts.get("stream", "numpy"))


def _beside(
    ask: Asking, gradients: Callable[..., Gradient], steps: int, small: bool = False, **how: float
) -> list[float]:
    return _shares(ask, gradients, steps, small, **how)[0]


def _shares(
    ask: Asking, gradients: Callable[..., Gradient], steps: int, small: bool = False, **how: float
) -> tuple[list[float], float, float]:
    r"""Run with and without decay beside the same gradients.

    The share after k steps is the mean over entries of

    .. math:: (u_k - w_k) \Big/ \sum_{t<k} \eta \, wd \, w_t

    with w the weights that decay and u those that do not: 1 for a decoupled decay, exactly. Also its standard
    deviation over entries at step 1, and the last mean(u - w) over 1 - (1 - eta wd)^k.
    """
    lr, decay = ask.beside
    random_shape = (8, 10) if ask.box.facts.get("slow") else stimuli.RANDOM_SHAPE
    start = stimuli.ones(ask.box) if small else {"matrix": np.ones(random_shape, np.float32)}
    runs = []
    for wd in (decay, 0.0):
        path = ask.run(steps, start, gradient=gradients(**how), lr=lr, weight_decay=wd)
        runs.append([each["matrix"].astype(float) for each in path])
    with np.errstate(all="ignore"):
        nominal = lr * decay * np.cumsum(runs[0][:-1], axis=0)
        lost = np.array(runs[1][1:]) - np.array(runs[0][1:])
        ratio = lost / nominal
        against = _mean(lost[-1]) / -np.expm1(steps * np.log1p(-lr * decay))
    return [_mean(each) for each in ratio], float(ratio[0].std()), float(against)
