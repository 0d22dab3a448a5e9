"""``wd.translate``: the weight decay of another library's optimiser that decays alike, or why there is none."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Literal

from wd_jax.audit.translation import closest as nearby
from wd_jax.audit.translation.find import Found, find
from wd_jax.audit.translation.match import Keep, Match, match
from wd_jax.audit.translation.side import Side
from wd_jax.audit.translation.translation import Translation, Translations
from wd_jax.conventions import steps_per_epoch
from wd_jax.inputs import checks, limits
from wd_jax.optimisers import schedules
from wd_jax.optimisers.schedule import Schedule

KEEPS = ("step", "epoch", "run")


def translate(
    source: str,
    *,
    lr: float,
    weight_decay: float,
    to: str | Sequence[str],
    to_lr: float | None = None,
    momentum: float | None = None,
    n: int | None = None,
    batch: int | None = None,
    to_batch: int | None = None,
    epochs: int | None = None,
    steps: int | None = None,
    schedule: str | Schedule = "constant",
    to_schedule: str | Schedule | None = None,
    keep: Literal["step", "epoch", "run"] | None = None,
    first_lr: float | None = None,
    gradient_rms: float | None = None,
    weight_rms: float | None = None,
) -> Translations:
    """Give the value that decays weights alike in another optimiser, or say why none does and what comes closest.

    Nothing is run and no library needs to be installed: which law an optimiser follows is looked up in a table.
    What is compared is a weight on which decay alone acts. There and back gives the value again to 4 units in its last
    place, to 8 where a root for a velocity lies between, and to 64 where whole runs are compared.

    Parameters
    ----------
    source : str
        Optimiser that you come from, ``"torch:SGD(momentum=.9)"``.
    lr, weight_decay : float
        Its learning rate, the largest of the run, and its decay by whatever name; dimensionless.
    to : str or sequence of str
        Optimisers that you go to; ``lr=`` among the settings of one is its own rate.
    to_lr : float, optional
        Learning rate there; `lr` unless given.
    momentum : float, optional
        Of each optimiser that has one and whose settings do not say which.
    n : int, optional
        Training-set size, examples.
    batch, to_batch : int, optional
        Minibatch sizes; `to_batch` is `batch` unless given.
    epochs, steps : int, optional
        How long the run is: needed where only whole runs can be compared. With another minibatch the epochs stay.
    schedule, to_schedule : str or Schedule
        Of the learning rate, as ``"cosine"`` (see ``wd.schedules``); `to_schedule` is `schedule` unless given.
    keep : {"step", "epoch", "run"}, optional
        What is to be the same; per epoch where the minibatch changes, else per step.
    first_lr : float, optional
        Rate that a relative decay is divided by; `lr` unless given. OneCycleLR writes max_lr/25 for composer.
    gradient_rms, weight_rms : float, optional
        Root mean square of a weight's gradient, and of the weights, for laws that depend on it.

    Returns
    -------
    Translations
        A sequence of `Translation`, which prints itself with what it assumes.

    Raises
    ------
    ValueError
        In one line, for an unknown optimiser or a number that cannot be meant.

    Examples
    --------
    >>> found = translate("torch:AdamW", lr=3e-4, weight_decay=0.1, to=["keras:AdamW", "torch:SGD(lr=.1,momentum=.9)"])
    >>> [one.value and round(one.value, 12) for one in found]
    [0.1, 2.99919e-05]
    """
    if batch is None and n is None and epochs is not None:
        raise ValueError("epochs: give n and batch too, or steps in its place")
    targets = [to] if isinstance(to, str) else list(to)
    if not targets:
        raise ValueError("to: give at least one optimiser, such as 'keras:AdamW'")
    rate = _number("lr", lr, above=True)
    decay = _number("weight_decay", weight_decay)
    if keep is not None and keep not in KEEPS:
        raise ValueError(f"keep={checks.shown(keep)}: give 'step', 'epoch' or 'run'")
    first = _side(find(source, momentum), None, weight_rms)
    run = _Run(
        n=None if n is None else limits.counted("n", n, limits.ROWS_OF_FORMULAS),
        batch=None if batch is None else limits.counted("batch", batch, limits.ROWS_OF_FORMULAS),
        epochs=None if epochs is None else limits.counted("epochs", epochs, limits.EPOCHS),
        steps=None if steps is None else _steps(steps),
        schedule=schedules.chosen("schedule", schedule),
        first_lr=None if first_lr is None else _number("first_lr", first_lr, above=True),
    )
    left = run.side(first, rate, run.batch)
    if left.law.has_factor:
        left.epsilon(decay)  # refuses a decay that leaves nothing, and a missing minibatch
    changed = None if to_batch is None else limits.counted("to_batch", to_batch, limits.ROWS_OF_FORMULAS)
    if changed is not None and left.batch is None and not any(find(text, momentum).law.per_row for text in targets):
        raise ValueError(f"to_batch={changed}: from which minibatch is not known: give batch, best with n")
    later = schedules.chosen("to_schedule", schedule if to_schedule is None else to_schedule)
    other = None if to_lr is None else _number("to_lr", to_lr, above=True)
    sigma = None if gradient_rms is None else _number("gradient_rms", gradient_rms, above=True)
    found, warned = [], list(_unread(first))
    for text in targets:
        target = _side(find(text, momentum), other, weight_rms)
        own = target.specification.lr
        there = _number("lr", own, above=True) if own is not None else other if other is not None else rate
        right = dataclasses.replace(run, schedule=later).side(target, there, changed or run.batch, beside=left)
        found.append(_one(left, right, decay, keep, sigma))
        warned += _unread(target)
    said = _assumed(run, left, changed, later, keep, found)
    share = found[0].source_per_step
    line = f"{source}, lr {rate:.10g}, {first.law.word} {decay:.10g}: {first.law}"
    line += f", {share:.6g} of a weight a step" if share is not None else ""
    return Translations(line, tuple(found), said, tuple(dict.fromkeys(warned)))


@dataclasses.dataclass(frozen=True)
class _Run:
    """What is known of the run on one side."""

    n: int | None
    batch: int | None
    epochs: int | None
    steps: int | None
    schedule: Schedule
    first_lr: float | None

    def side(self, found: Found, lr: float, batch: int | None, beside: Side | None = None) -> Side:
        """Join it with an optimiser."""
        batch = found.law.rows or batch
        epoch: float | None = None
        if batch is not None:
            if self.n is not None and batch > self.n:
                raise ValueError(f"batch={batch}: a minibatch is larger than the n={self.n} examples: give at most n")
            epoch = steps_per_epoch(self.n, batch) if self.n is not None else 1 / batch
        steps = self.steps
        if self.epochs is not None and epoch is not None and self.n is not None:
            if steps is not None:
                raise ValueError("epochs, steps: one follows from the other: give one of them")
            steps = _steps(self.epochs * int(epoch))
        elif beside is not None and steps is not None and epoch and beside.epoch and epoch != beside.epoch:
            steps = _steps(max(1, round(steps * epoch / beside.epoch)))
        first = 1.0 if self.first_lr is None else self.first_lr / lr
        return Side(found=found, lr=lr, schedule=self.schedule, batch=batch, epoch=epoch, steps=steps, reference=first)


def _one(source: Side, target: Side, decay: float, keep: Keep | None, sigma: float | None) -> Translation:
    """Translate into one optimiser."""
    chosen: Keep = keep or ("epoch" if _batches_differ(source, target) else "step")
    if decay and target.law.per_row and target.batch is None:
        found = Match(why=f"{target.law.word} is divided by the rows of a minibatch: give batch, or to_batch")
        return _told(source, target, decay, found)
    found = match(source, target, decay, chosen)
    near = []
    if decay and found.value is None:
        near += [nearby.without_gradient(source, target, decay), nearby.beside_gradients(source, target, decay, sigma)]
    if decay and found.value is not None and chosen == "epoch" and source.law.has_factor and target.law.has_factor:
        step = nearby.without_gradient(source, target, decay)
        near.append(step and dataclasses.replace(step, keeps="same decay per step, not per epoch"))
    if decay:
        rest = nearby.at_rest(source, target, decay, sigma)
        near.append(None if _same(rest.value if rest else None, found.value) else rest)
    return _told(source, target, decay, found, tuple(one for one in near if one is not None))


def _told(source: Side, target: Side, decay: float, found: Match, near: tuple[nearby.Closest, ...] = ()) -> Translation:
    law = target.law
    per_step = target.epsilon(found.value) if found.value is not None and law.has_factor else None
    return Translation(
        source=source.found.label, target=target.found.label, word=law.word, source_word=source.law.word,
        weight_decay=decay, lr=source.lr, to_lr=target.lr, value=found.value, kept=found.kept, how=found.how,
        why=found.why, law=str(law), derivation=law.derivation, source_law=str(source.law), per_step=per_step,
        source_per_step=source.epsilon(decay) if source.law.has_factor else None,
        closest=near, notes=law.notes,
    )  # fmt: skip


def _same(value: float | None, other: float | None) -> bool:
    return value is not None and other is not None and math.isclose(value, other, rel_tol=1e-6)


def _batches_differ(source: Side, target: Side) -> bool:
    return source.epoch is not None and target.epoch is not None and source.epoch != target.epoch


def _side(found: Found, lr: float | None, weight_rms: float | None) -> Found:
    """Fill in the size of the weights where a law depends on it."""
    if not found.law.facts.get("rms"):
        return found
    if weight_rms is None:
        why = "its decay is lr*weight_decay*max(1e-3, rms of the tensor): no one factor; give the weight's rms"
        return dataclasses.replace(found, law=dataclasses.replace(found.law, link="none", why=why, facts={}))
    size = max(1e-3, _number("weight_rms", weight_rms, above=True))
    return dataclasses.replace(found, law=dataclasses.replace(found.law, scale=found.law.scale * size, facts={}))


def _assumed(
    run: _Run, source: Side, to_batch: int | None, later: Schedule, keep: str | None, found: list[Translation]
) -> tuple[str, ...]:
    """Say what was taken for granted."""
    said = ["a weight on which decay alone acts: no gradient; what else an optimiser does is not compared"]
    if run.schedule.constant and later.constant:
        said.append("a constant learning rate, on both sides")
    elif run.schedule.words == later.words:
        said.append(f"the rates are the largest of the run; schedule {run.schedule.words}, on both sides")
    else:
        said.append(f"the rates are the largest of the run; schedules {run.schedule.words} and {later.words}")
    if run.steps or run.epochs:
        said.append(f"a run of {source.steps} steps" + (" at the source" if to_batch else ""))
    if any(one.kept == "per epoch" for one in found):
        known = "" if run.n is not None else ", whose numbers of steps are as 1/batch, n not being given"
        said.append(f"the minibatch changes, so the decay per epoch is kept, not that per step{known}")
    elif to_batch and to_batch != run.batch and keep:
        said.append(f"the minibatch changes; the decay {'over the' if keep == 'run' else 'per'} {keep} is kept")
    if any("lr_first" in text for one in found for text in (one.law, one.source_law)):
        first = "the largest of the run" if run.first_lr is None else f"{run.first_lr:g}"
        said.append(f"lr_first, the rate that a relative decay is divided by, is {first}")
    if any("sigma" in one.why or one.keeps == nearby.AT_REST for trans in found for one in trans.closest):
        noise = "gradients of mean 0, independent from step to step"
        same = "of one rms on both sides" if not to_batch else "whose rms falls as one over the root of the minibatch"
        said.append(f"at rest and beside gradients: {noise}, {same}")
    return tuple(said)


def _unread(found: Found) -> list[str]:
    return [f"{found.label}: {name} is not looked at: it is taken not to change the decay" for name in found.unread]


def _steps(value: Any) -> int:
    return limits.counted("steps", value, limits.ROWS_OF_FORMULAS)


def _number(name: str, value: Any, above: bool = False) -> float:
    found = checks.number(name, value)
    if not math.isfinite(found) or found < 0 or (above and found == 0):
        raise ValueError(
            f"{name}={checks.shown(value)}: give a finite number {'above 0' if above else 'of at least 0'}"
        )
    return found
