"""The value that decays alike, exactly: per step, per epoch or over the run; or why there is none."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wd_jax.audit.translation.side import Side

Keep: TypeAlias = Literal["step", "epoch", "run"]
KEPT = {"step": "per step", "epoch": "per epoch", "run": "over the run"}


@dataclass(frozen=True)
class Match:
    """What was found.

    Attributes
    ----------
    value : float or None
        Of the target's decay.
    kept : str
        "per step", "per epoch", "over the run"; empty without a value.
    how : str
        How exact it is, and by what.
    why : str
        Why there is no value.
    """

    value: float | None = None
    kept: str = ""
    how: str = ""
    why: str = ""


def match(source: Side, target: Side, value: float, keep: Keep) -> Match:
    """Find the value for the target.

    Parameters
    ----------
    source, target : Side
        What runs on either side.
    value : float
        Of the source's decay, at least 0.
    keep : {"step", "epoch", "run"}
        What is to be the same.
    """
    if value == 0:
        return Match(0.0, KEPT[keep], "no decay on either side")
    if none := _no_value(source, target, value):
        return none
    try:
        if _each_step(source, target, keep):
            return _per_step(source, target, value, keep)
        return _over_the_run(source, target, value)
    except ValueError as error:
        return Match(why=str(error))


def _no_value(source: Side, target: Side, value: float) -> Match | None:
    """Give the answer where one of them has no factor of its own; None where both have."""
    laws = source.law, target.law
    if all(law.link != "none" for law in laws):
        return None
    alike = laws[0].link == laws[1].link and (
        laws[0].update == laws[1].update == "adam_l2" or _name(source) == _name(target)
    )
    growing = any("grow" in law.why or "no weight_decay" in law.why or "no decay:" in law.why for law in laws)
    if alike and not growing and laws[0].facts == laws[1].facts and source.lr == target.lr and _name(source) == _name(
        target
    ):  # fmt: skip
        gained = value * laws[0].gain(source.lr, source.batch) / laws[1].gain(target.lr, target.batch)
        how = "the same rule: what it does to the weights follows, if its other numbers (betas, epsilon) are the same"
        return Match(gained, "per step", how)
    told = [f"{side.found.label}: {side.law.why}" for side in (source, target) if side.law.link == "none"]
    return Match(why="; ".join(dict.fromkeys(told)))


def _name(side: Side) -> str:
    return side.found.specification.name.split(".")[-1].lower()


def _each_step(source: Side, target: Side, keep: Keep) -> bool:
    """Whether one value can give the same in each step of a run, or in each epoch."""
    laws = source.law, target.law
    if not all(law.has_factor for law in laws):
        return False
    if source.profile == target.profile == "constant":
        return True
    stretched = keep != "step" and _ratio(source, target, keep) != 1
    same = laws[0].link == laws[1].link and (not source.settles or dict(laws[0].facts) == dict(laws[1].facts))
    return source.profile == target.profile and same and not stretched


def _per_step(source: Side, target: Side, value: float, keep: Keep) -> Match:
    ratio = _ratio(source, target, keep)
    share = source.epsilon(value)
    said = "exact"
    if source.law.link == target.law.link and dict(source.law.facts) == dict(target.law.facts) and ratio == 1:
        # The links cancel, so that no root is taken and a round trip gives the very number back.
        gains = [side.law.gain(side.lr, side.batch, side.reference) for side in (source, target)]
        found = value if gains[0] == gains[1] else value * gains[0] / gains[1]
        target.epsilon(found)
    else:
        found = target.value(share if ratio == 1 else -math.expm1(ratio * math.log1p(-share)))
        if source.settles or target.settles:
            said = "exact in the long run, once the velocity has settled"
            if "lookahead" in (source.law.link, target.law.link):
                said = "exact in the long run, over whole blocks of steps"
    if source.law.reach != target.law.reach and "absolute" in (source.law.reach, target.law.reach):
        alone = source if source.law.reach == "absolute" else target
        said += f" at a constant rate; {alone.found.label} does not follow a schedule"
    if source.law.late != target.law.late:
        said += f"; {(source if source.law.late else target).found.label} starts a step late"
    return Match(found, KEPT[keep], said)


def _ratio(source: Side, target: Side, keep: Keep) -> float:
    """Give the steps of the source per step of the target over which the same is to be left."""
    if keep == "step":
        return 1.0
    if keep == "run":
        if source.steps is None or target.steps is None:
            raise ValueError("keep='run': how long the runs are is not known: give steps, or epochs, n and batch")
        return source.steps / target.steps
    if source.epoch is None or target.epoch is None:
        raise ValueError("keep='epoch': how many steps an epoch has is not known: give batch and to_batch, best with n")
    return source.epoch / target.epoch


def _over_the_run(source: Side, target: Side, value: float) -> Match:
    if source.steps is None or target.steps is None:
        remedy = "give steps, or epochs, n and batch, for the value that leaves as much over the run"
        return Match(why=f"{_why_not_each_step(source, target)}: {remedy}")
    found = target.value_that_leaves(source.log_left(value))
    return Match(found, KEPT["run"], f"exact over {target.steps} steps; {_why_not_each_step(source, target)}")


def _why_not_each_step(source: Side, target: Side) -> str:
    """Say why one value cannot do the same in each step."""
    for side in (source, target):
        if side.law.link == "averaged":
            return f"not step by step: {side.found.label} averages its weights"
    if source.profile != target.profile:
        words = [f"{side.found.label} {_follows(side)}" for side in (source, target)]
        return f"not step by step: {words[0]}, {words[1]}"
    if source.settles or target.settles:
        return "not step by step: a velocity, or a slow copy of the weights, follows the changing rate late"
    return "not step by step: the two factors are not the same function of the changing rate"


def _follows(side: Side) -> str:
    if side.law.reach == "absolute":
        return "does not follow the rate"
    return "has a constant rate" if side.profile == "constant" else f"follows the schedule {side.profile}"
