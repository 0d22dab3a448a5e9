"""What else the numbers say, each a sentence: what is exempt, whether a schedule decays, what low precision loses."""

import math
from dataclasses import dataclass
from typing import Any

from wd_jax.audit.evidence import EXACT, tolerance
from wd_jax.audit.responses import Responses

ROLES = ("matrix", "vector", "norm", "embedding", "bias")


@dataclass(frozen=True)
class Trait:
    """One sentence and the numbers that it rests on.

    Attributes
    ----------
    about : str
        "exempt", "schedule", "zero rate", "size of the decay", "size of the weights", "missing gradient",
        "skipped step", "accumulation", "default", "bfloat16", "bfloat16 beside gradients" or "float16".
    says : str
        The sentence.
    numbers : tuple of str
        Names of the numbers, as in the record.
    """

    about: str
    says: str
    numbers: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"about": self.about, "says": self.says, "numbers": list(self.numbers)}


def traits(answered: Responses) -> tuple[Trait, ...]:
    """Say all that the numbers allow.

    Parameters
    ----------
    answered : Responses
        What was measured; a trait whose numbers are missing is left out.
    """
    found = (
        _exempt(answered),
        _schedule(answered),
        _zero_rate(answered),
        _twice(answered),
        _sizes(answered),
        _absent(answered, "missing gradient", "matrix_after_3_missing_gradient", "a parameter whose gradient is None"),
        _absent(answered, "skipped step", "matrix_after_3_all_gradients_missing", "a step without any gradient"),
        _accumulation(answered),
        _default(answered),
        _precision(answered, "bfloat16"),
        _precision(answered, "bfloat16", "_beside_random_gradients"),
        _precision(answered, "float16"),
    )
    return tuple(each for each in found if each is not None)


def same(name: str, one: float, other: float) -> bool:
    """Say whether two answers differ by rounding at most."""
    return abs(one - other) <= tolerance(name, other)


def _get(answered: Responses, *names: str) -> list[float] | None:
    values = [answered.get(name) for name in names]
    if any(value is None or not math.isfinite(value) for value in values):
        return None
    return [float(value) for value in values if value is not None]


def _exempt(answered: Responses) -> Trait | None:
    left = {role: answered.get(f"{role}_after_10_of_all") for role in ROLES}
    left = {role: value for role, value in left.items() if value is not None and math.isfinite(value)}
    if len(left) < 2 or "matrix" not in left or left["matrix"] == 1:
        return None
    names = tuple(f"{role}_after_10_of_all" for role in left)
    others = [role for role in left if role != "matrix"]
    exempt = [role for role in others if abs(left[role] - 1) <= EXACT]
    different = [
        f"{role} keeps {left[role]:.7g}, the matrix {left['matrix']:.7g}"
        for role in others
        if role not in exempt and not same("after_10", left[role], left["matrix"])
    ]
    if not exempt and not different:
        return Trait("exempt", f"nothing is exempt: {_and(others)} decay as the matrix does", names)
    says = [f"{_and(exempt)} {'are' if len(exempt) > 1 else 'is'} exempt"] if exempt else []
    return Trait("exempt", "; ".join([*says, *different]), names)


def _schedule(answered: Responses) -> Trait | None:
    name = "matrix_after_10_lr_halved_at_5"
    values = _get(answered, name, "matrix_after_10", "matrix_after_5")
    if values is None or values[1] == 1:
        return None
    halved, full, middle = values
    names = (name, "matrix_after_10", "matrix_after_5")
    if same(name, halved, full):
        return Trait("schedule", "a learning rate that is halved on the way changes nothing: decay ignores it", names)
    if min(halved, full, middle) <= 0:
        return Trait("schedule", f"with the learning rate halved after five of ten steps {halved:.7g} is left", names)
    share = math.log(halved / middle) / math.log(full / middle) if full != middle else math.nan
    says = f"decay follows the learning rate: halved, it takes {share:.3g} times what it takes at the full rate"
    return Trait("schedule", says, names)


def _zero_rate(answered: Responses) -> Trait | None:
    names = ("matrix_after_10_lr_zero_at_5", "matrix_after_5", "matrix_after_10")
    values = _get(answered, *names)
    if values is None or values[2] == 1:
        return None
    if same(names[0], values[0], values[1]):
        return Trait("zero rate", "at a learning rate of 0 nothing decays", names[:2])
    return Trait(
        "zero rate", f"at a learning rate of 0 it goes on: {values[1]:.7g} becomes {values[0]:.7g} in five steps", names
    )


def _twice(answered: Responses) -> Trait | None:
    names = ("matrix_after_10_decay_doubled", "matrix_after_10", "matrix_after_10_without_decay")
    values = _get(answered, *names)
    if values is None or values[1] == values[2]:
        return None
    twice = (values[0] - values[2]) / (values[1] - values[2])
    if abs(twice - 1) < 0.05:
        return Trait("size of the decay", "twice the weight decay takes no more: its size does not matter", names)
    return Trait("size of the decay", f"twice the weight decay takes {twice:.3g} times as much in ten steps", names)


def _sizes(answered: Responses) -> Trait | None:
    names = ("factor_after_10_from_0.01", "matrix_after_10", "factor_after_10_from_100")
    values = _get(answered, *names)
    if values is None or values[1] == 1:
        return None
    if all(abs(value - values[1]) <= 3 * tolerance("after_10", 1.0) for value in values):
        return Trait("size of the weights", "weights of 0.01, 1 and 100 keep the same share", names)
    says = "the share that is kept depends on the weights: {:.4g} of 0.01, {:.4g} of 1, {:.4g} of 100 after ten steps"
    return Trait("size of the weights", says.format(*values), names)


def _absent(answered: Responses, about: str, name: str, what: str) -> Trait | None:
    values = _get(answered, name, "matrix_after_3")
    if values is None or values[1] == 1:
        return None
    if abs(values[0] - 1) <= EXACT:
        return Trait(about, f"{what} decays nothing, though a zero gradient does", (name, "matrix_after_3"))
    if same(name, values[0], values[1]):
        return Trait(about, f"{what} decays all the same", (name, "matrix_after_3"))
    return Trait(
        about, f"{what} leaves {values[0]:.7g}, three zero gradients {values[1]:.7g}", (name, "matrix_after_3")
    )


def _accumulation(answered: Responses) -> Trait | None:
    names = ("decay_at_step_1_beside_accumulated_gradients", "decay_at_step_1_beside_random_gradients")
    values = _get(answered, *names)
    if values is None or not any(values):
        return None
    if abs(values[0] - values[1]) <= 0.01 * abs(values[1]) + 2e-3:
        says = "a gradient summed over four micro-batches decays once, as one gradient does"
    else:
        says = (
            f"beside a gradient summed over four micro-batches the decay is {values[0]:.3g} times a decoupled one, "
            f"beside that of one {values[1]:.3g} times"
        )
    return Trait("accumulation", says, names)


def _default(answered: Responses) -> Trait | None:
    names = ("matrix_after_10_by_default", "matrix_after_10_without_decay")
    values = _get(answered, *names)
    if values is None:
        return None
    said = "" if answered.default_weight_decay is None else f" (weight_decay = {answered.default_weight_decay:g})"
    if abs(values[0] - values[1]) <= EXACT:
        return Trait("default", f"where nothing is said it does not decay{said}", names)
    return Trait("default", f"where nothing is said it decays{said}: {values[0]:.7g} is left after ten steps", names)


def _precision(answered: Responses, dtype: str, beside: str = "") -> Trait | None:
    names = (f"loss_after_50_in_{dtype}{beside}", f"loss_after_50_in_float32{beside}")
    about = f"{dtype} beside gradients" if beside else dtype
    given = answered.get(names[0])
    if given is not None and math.isnan(given):
        return Trait(about, f"{dtype} gives NaN within fifty steps{beside.replace('_', ' ')}", names[:1])
    values = _get(answered, *names)
    if values is None or abs(values[1]) < 1e-6:
        return None
    low, full = values
    numbers = f"fifty steps{beside.replace('_', ' ')} take {low:.2%} instead of {full:.2%}"
    if abs(low) < 1e-9:
        return Trait(about, f"{dtype} loses the decay altogether: {numbers}", names)
    if abs(low - full) <= 0.02 * abs(full):
        return Trait(about, f"{dtype} keeps it: {numbers}", names)
    return Trait(about, f"{dtype} changes it: {numbers}", names)


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
