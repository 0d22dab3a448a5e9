"""What `wd_jax.predict` warns of: a decay that rounding loses, a schedule decays away, or the run's end cuts short."""

import math

import numpy as np

from wd_jax import precision
from wd_jax.predictions import kept
from wd_jax.predictions.course import Course
from wd_jax.predictions.language import PYTHON, Language
from wd_jax.predictions.setting import DIVIDED, Setting

FORGOTTEN = 0.05
"""Share of the start, e^-3 at a run of three timescales, above which the start is not forgotten."""
REACHED = 0.01
"""Share of the distance from rest above which it is not reached."""
DECAYED_AWAY = 0.9
"""Mean rate over the largest one below which a schedule is said to take decay away."""
LOST_SHARE = 0.01
"""Share of a run's decay that rounding may lose without a word."""
THUMB = "the rule of thumb is from about 1 epoch to the run (Wang and Aitchison, arXiv 2405.13698 [abstract read])"

TOKENS = (
    "; of language models the best share of the run falls as tokens per parameter to the -0.527 (Bergsma and others, "
    "arXiv 2505.13738 [second-hand])"
)
"""Of a run that is counted in tokens; its prefactor is not in what was read."""


def of(setting: Setting, course: Course | None, decays: np.ndarray | float, language: Language = PYTHON) -> list[str]:
    """Say what does not go as one may think, at most a line about each thing.

    Parameters
    ----------
    setting : Setting
        What was asked.
    course : Course or None
        What the decay does over the run, if there is one.
    decays : float or array
        Decay of each step with the momentum there is, one number if all are the same.
    language : Language
        In which arguments are named.

    Examples
    --------
    >>> from wd_jax.predictions import course
    >>> short = Setting(eta=3e-4, weight_decay=0.01, optimiser="adamw", steps=1000)
    >>> [line.split(":")[0] for line in of(short, course.of(short), 3e-6)]
    ['not finished', 'timescale']
    """
    # Where gradients carry the decay their noise dithers the rounding.
    said = [] if setting.optimiser in DIVIDED else _precision(setting, decays)
    if course is None or setting.coefficient == 0:
        return said
    total = course.total_steps
    share = course.timescale_steps / total
    largest = float(np.max(decays))
    mean = course.per_step_decay_mean / largest if largest else 1.0
    if setting.scheduled and mean < DECAYED_AWAY:
        said.append(
            f"schedule: decay falls with it: the run decays as {mean * total:.6g} of its {total} steps at the largest "
            f"rate would, and leaves {course.retained:.3g} of the start where a constant rate leaves "
            f"{course.retained_at_constant_rate:.3g}"
        )
    distance = course.retained**2
    if abs(course.retained) > FORGOTTEN or distance > REACHED:
        said.append(
            f"not finished: at the end {course.retained:.3g} of the start is left, and {distance:.3g} of the distance "
            "of the mean square from its size at rest"
        )
    if share > 1:
        more = TOKENS if setting.tokens is not None else ""
        said.append(
            f"timescale: {share:.3g} of the run, longer than the run itself: {THUMB}{more}: raise the decay, or train "
            "longer"
        )
    each = setting.steps_per_epoch
    if each is not None and total > each and course.timescale_steps < each:
        said.append(
            f"timescale: {course.timescale_steps / each:.3g} epochs, shorter than one: {THUMB}: lower the decay"
        )
    return said


def lost(decays: np.ndarray | float, dtype: str) -> dict[precision.Word, float]:
    """Share a run's decay out among what a dtype does to it, for weights without gradient and ``w - epsilon*w``.

    Examples
    --------
    >>> lost(np.array([1e-5, 1e-8, 0.0]), "float32")["kept"] > 0.99
    True
    """
    each = np.atleast_1d(np.asarray(decays, np.float64))
    each = each[each > 0]
    if not each.size:
        return {"kept": 1.0}
    spaces = 2.0 ** precision.BITS[dtype] * each
    bounds = (math.nextafter(precision.LOST, math.inf), precision.STUCK, precision.DOUBTFUL)
    words: tuple[precision.Word, ...] = ("lost", "stops", "wrong rate", "kept")
    place = np.searchsorted(bounds, spaces, side="right")
    whole = each.sum()
    return {word: float(each[place == k].sum() / whole) for k, word in enumerate(words)}


def _precision(setting: Setting, decays: np.ndarray | float) -> list[str]:
    """Warn of what the dtype loses; float32 where none was said."""
    dtype = setting.dtype or "float32"
    largest = float(np.max(decays))
    if not setting.dtype and not setting.scheduled:
        return list(kept.warnings(kept.kept(largest), largest)) if largest else []
    shares = lost(decays, dtype)
    off = {word: share for word, share in shares.items() if word != "kept" and share > LOST_SHARE}
    if not off or not largest:
        return []
    remedy = kept.remedy(largest, dtype, "subtract") or kept.remedy(_weakest(decays, dtype), dtype, "subtract")
    needed = precision.LOST / 2.0 ** precision.BITS[dtype]
    if shares.get("lost", 0.0) > 1 - LOST_SHARE:
        return [
            f"{dtype}: no weight without gradient moves at all: a decay of {largest:.3g} per step is lost in rounding, "
            f"as any up to {needed:.3g} is: {remedy}"
        ]
    listed = ", ".join(f"{share:.3g} of it {WORDS[word]}" for word, share in off.items())
    return [f"{dtype}: of the decay over the run weights without gradient lose by rounding: {listed}: {remedy}"]


WORDS = {
    "lost": "where no weight moves",
    "stops": "where weights stop one after the other",
    "wrong rate": "where the rate is wrong",
}


def _weakest(decays: np.ndarray | float, dtype: str) -> float:
    """Give the largest decay per step that the dtype does not keep."""
    each = np.atleast_1d(np.asarray(decays, np.float64))
    off = each[(each > 0) & (2.0 ** precision.BITS[dtype] * each < precision.DOUBTFUL)]
    return float(off.max()) if off.size else 0.0
