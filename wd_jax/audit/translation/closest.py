"""Where no value decays alike: what comes closest, each with the law behind it."""

import math
from dataclasses import dataclass

from wd_jax.audit.translation import rest
from wd_jax.audit.translation.side import Side

NO_GRADIENT = "same factor on weights without gradient"
AT_REST = "same size at rest on gradient noise"
BESIDE = "same decay beside gradients much larger than the decay's own part"


@dataclass(frozen=True)
class Closest:
    """One way to be close.

    Attributes
    ----------
    keeps : str
        What is the same.
    value : float or None
        Of the target's decay; None where it cannot be said.
    why : str
        The law, or what is missing.
    """

    keeps: str
    value: float | None
    why: str


def without_gradient(source: Side, target: Side, value: float) -> Closest | None:
    """Compare weights that no gradient touches; None where neither side says anything of them."""
    law = source.law
    if law.has_factor:
        share = source.epsilon(value)
        why = f"a step of {source.found.label} takes {share:.6g} of such a weight"
    elif law.idle == "lr":
        share, why = source.lr, f"without gradient {source.found.label} takes lr of the weight, whatever its value"
    else:
        return None
    if share >= 1:
        return None
    if target.law.has_factor:
        try:
            return Closest(NO_GRADIENT, target.value(share), why)
        except ValueError as error:
            return Closest(NO_GRADIENT, None, str(error))
    if target.law.idle == "lr":
        said = f"its rate alone sets that factor, 1 - lr: lr={share:g} would take the same {share:g} a step"
        return Closest(NO_GRADIENT, None, said)
    return None


def _louder(source: Side, target: Side) -> float:
    """Give the gradient's rms of the target over that of the source: noise falls as one over the root of the rows."""
    return math.sqrt(source.batch / target.batch) if source.batch and target.batch else 1.0


def beside_gradients(source: Side, target: Side, value: float, sigma: float | None) -> Closest | None:
    """Compare a decay that is divided by the gradient's size with one that is not: lr*value/sigma a step."""
    through = [side.law.update == "adam_l2" and side.law.link == "none" for side in (source, target)]
    either = [hit or side.law.has_factor for side, hit in zip((source, target), through, strict=True)]
    if not any(through) or not all(either):
        return None
    law = "beside gradients of rms sigma it takes lr*value/sigma a step (derive('adam_l2'))"
    if all(through):
        found = source.x(value) * _louder(source, target) / target.law.gain(target.lr, target.batch)
        return Closest(BESIDE, found, law)
    if sigma is None:
        return Closest(BESIDE, None, f"{law}: give the gradient's rms per weight")
    share = source.x(value) / sigma if through[0] else source.epsilon(value)
    if through[1]:
        there = sigma * _louder(source, target)
        return Closest(BESIDE, share * there / target.law.gain(target.lr, target.batch), law)
    try:
        return Closest(BESIDE, target.value(share), law)
    except ValueError as error:
        return Closest(BESIDE, None, str(error))


def at_rest(source: Side, target: Side, value: float, sigma: float | None) -> Closest | None:
    """Compare the sizes at which weights settle; None where no law is known for one of them."""
    laws = source.law, target.law
    if not value or not all(map(rest.known, laws)):
        return None
    why = " and ".join(dict.fromkeys(rest.LAWS[law.update] for law in laws))
    sized = [law.update in rest.NEED_SIZE for law in laws]
    if sigma is None and any(sized) and {law.update for law in laws} != {"sgd"}:
        if all(law.has_factor for law in laws):
            return None
        return Closest(AT_REST, None, f"{why}: it depends on the gradient's size: give its rms per weight")
    try:
        wanted = rest.size(source.law, source.x(value), source.lr, sigma or 1.0)
        x = rest.x_of(target.law, wanted, target.lr, (sigma or 1.0) * _louder(source, target))
    except ValueError as error:
        return Closest(AT_REST, None, str(error))
    return Closest(AT_REST, x / target.law.gain(target.lr, target.batch, target.reference), why)
