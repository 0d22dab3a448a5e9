"""``wd.diagnose``: what a training's log says of its weight decay."""

import difflib
import math
import os
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from wd_jax import precision
from wd_jax.audit.diagnosis import curve, findings, lost, memory, schedule, unanswered, vectors
from wd_jax.audit.diagnosis.asked import Asked, ask
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.diagnosis.layer import LayerDiagnosis, look
from wd_jax.audit.logs.clock import counted_from
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.translation.find import Found, find
from wd_jax.inputs import checks

LEVEL = 0.95


def diagnose(
    log: TrainingLog | str | os.PathLike[str],
    optimiser: str = "torch:AdamW",
    *,
    lr: float | None = None,
    weight_decay: float | None = None,
    dtype: str = "float32",
    steps_per_epoch: float | None = None,
    columns: Mapping[str, str] | None = None,
    scale_invariant: Sequence[str] | str = (),
    batch: int | None = None,
    first: int | None = None,
    **options: Any,
) -> Diagnosis:
    """Say what a training's log shows of its weight decay: each layer's state, the decay seen, mistakes and remedies.

    Nothing is concluded that the log does not force: norms alone do not tell decay from a gradient that pulls along
    the weights, and where that matters it is said, with the column that would decide.

    Parameters
    ----------
    log : path or TrainingLog
        A file or folder (`wd_jax.audit.logs.reading.read` says which), or a log that was read.
    optimiser : str
        LIBRARY:NAME with options in brackets, as for `wd_jax.translate`: ``"torch:SGD(momentum=.9)"``.
    lr : float, optional
        Learning rate, where the log has none; it is then taken to be constant.
    weight_decay : float, optional
        Decay that was asked for, in the optimiser's own convention; the log's column otherwise.
    dtype : {"float32", "bfloat16", "float16", "float64"}
        Of the weights that the optimiser steps.
    steps_per_epoch : float, optional
        Where the log counts epochs alone.
    columns : mapping of str to str, optional
        Names that are read as ours: ``{"lr": "train/my_rate"}``.
    scale_invariant : str or sequence of str
        Layers whose scale the cost ignores, as before a normalisation: names, or patterns such as ``"conv*"``. What is
        seen of their decay is then no longer conditional. Biases that a pattern names are left out: their scale counts.
    batch : int, optional
        Rows of a minibatch, for an optimiser whose decay is divided by them.
    first : {0, 1}, optional
        Number that the log gives to its first epoch or step: 0 in Keras' logs, whose epoch 0 is the end of the first.
        Times that are shown then count what was trained.
    **options
        Of the optimiser: ``momentum=0.9``, ``betas=(0.9, 0.95)``, ``nesterov=True``.

    Returns
    -------
    Diagnosis
        Prints itself; ``findings``, ``layers``, ``unanswered`` and ``record()`` for programs.

    Raises
    ------
    ValueError
        For values that cannot be meant, in one line with the remedy.
    OSError
        For a file that cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> steps = np.arange(0, 1001, 20)
    >>> norms = {"unused": 0.9999 ** steps}  # 1e-3 * 0.1 a step was asked for, and is what it does
    >>> log = TrainingLog("a run", "NumPy", steps, "step", norms, cosines={"unused": np.ones(len(steps))})
    >>> found = diagnose(log, "torch:AdamW", lr=1e-3, weight_decay=0.1)
    >>> found.findings, found.layers[0].verdict, round(found.layers[0].timescale[0], -1)
    ((), 'holds', 10000.0)
    """
    rate = None if lr is None else checks.at_least_0("lr", lr, above=True)
    decay = None if weight_decay is None else checks.at_least_0("weight_decay", weight_decay)
    if steps_per_epoch is not None:
        steps_per_epoch = checks.at_least_0("steps_per_epoch", steps_per_epoch, above=True)
    kind = str(getattr(dtype, "__name__", dtype))
    if kind not in precision.BITS:
        raise ValueError(f"dtype={checks.shown(dtype)}: choose one of {', '.join(precision.BITS)}")
    found = named(optimiser, options)
    read = log if isinstance(log, TrainingLog) else _read(log, columns, steps_per_epoch)
    if first is not None:
        read = counted_from(read, first)
    if not read.norms and read.lr is None:
        raise ValueError(
            f"{read.source}: has no norm of a layer and no learning rate: log weight_norm/LAYER with a hook "
            "(docs: how-to, Log what decay does), or name columns with columns={...} (--map)"
        )
    return of(read, found, rate, decay, kind, _said(scale_invariant, read), batch)


def of(
    log: TrainingLog,
    found: Found,
    lr: float | None,
    weight_decay: float | None,
    dtype: str,
    said: frozenset[str],
    batch: int | None = None,
) -> Diagnosis:
    """Diagnose a log that was read, with values that were checked."""
    whole = ask(log, found, lr, weight_decay, batch=batch)
    own = bool(log.layer_lr or log.layer_weight_decay)
    each = {name: ask(log, found, lr, weight_decay, name, batch) if own else whole for name in log.layers}
    if not whole.known and own and each:  # each layer has its own, as our hooks write them
        whole = max(each.values(), key=lambda one: one.total if one.known else -1.0)
    muon = "muon" in found.specification.name.lower()
    rho = memory.correlations(found.law, muon)
    level = 1 - (1 - LEVEL) / max(1, len(log.layers))
    layers = tuple(look(log, name, each[name], rho, name in said, level, muon) for name in log.layers)
    loss = lost.of(log, layers, each, dtype)
    mistakes = findings.of_layers(log, layers, whole, each, loss.findings)
    ended = schedule.stopped(log, whole)
    mistakes = ([ended] if ended else []) + mistakes
    open_questions = unanswered.of(log, whole, layers, loss.open_questions)
    notes = tuple(
        dict.fromkeys((*whole.notes, *log.notes, *findings.left_out(log, layers), *_unread(found), *found.law.notes))
    )
    return Diagnosis(
        log.source, log.kind, found.label, str(found.law), _asked(whole), layers, tuple(mistakes), open_questions,
        notes, whole.total, _headline(log, layers, mistakes),
        {name: curve.of(log, name, each[name]) for name in log.layers},
    )  # fmt: skip


def named(optimiser: str, options: Mapping[str, Any]) -> Found:
    """Look the optimiser up, with options that were given apart from its brackets."""
    if not isinstance(optimiser, str):
        raise ValueError(f"optimiser={checks.shown(optimiser)}: write LIBRARY:NAME, such as 'torch:AdamW'")
    if not options:
        return find(optimiser)
    text = optimiser.strip()
    inside = ", ".join(f"{key}={value!r}" for key, value in options.items())
    text = f"{text[:-1].rstrip().rstrip(',')}, {inside})" if text.endswith(")") else f"{text}({inside})"
    return find(text.replace("(, ", "("))


def _read(path: str | os.PathLike[str], columns: Mapping[str, str] | None, each: float | None) -> TrainingLog:
    from wd_jax.audit.logs import reading

    return reading.read(Path(path), columns=columns, steps_per_epoch=each)


def _said(names: Sequence[str] | str, log: TrainingLog) -> frozenset[str]:
    """Give the layers that are meant, by name or pattern."""
    patterns = [names] if isinstance(names, str) else list(names)
    found: set[str] = set()
    few = vectors.of(log)
    for pattern in patterns:
        fitting = [name for name in log.layers if name == pattern or fnmatchcase(name, pattern)]
        if not fitting:
            raise ValueError(
                f"scale_invariant={pattern!r}: no layer of {log.source} is called so: {_nearest(pattern, log)}"
            )
        found |= {name for name in fitting if not vectors.is_vector(name) and (name == pattern or name not in few)}
    return frozenset(found)


def _nearest(pattern: str, log: TrainingLog) -> str:
    """Name the layer that may be meant, or the first ones."""
    near = difflib.get_close_matches(pattern, log.layers, 3, cutoff=0.5)
    begins = {name: re.split(r"[./]", name.lower())[0] for name in log.layers}
    alike = difflib.get_close_matches(pattern.lower(), begins.values(), 3)
    likely = near or [name for name, begin in begins.items() if begin in alike][:3]
    if likely:
        return f"did you mean {', '.join(likely)}?"
    return f"they are {', '.join(log.layers[:6])}" + (", ..." if len(log.layers) > 6 else "")


def _unread(found: Found) -> list[str]:
    return [f"{found.label}: {name} is not looked at: it is taken not to change the decay" for name in found.unread]


def _asked(whole: Asked) -> str:
    """Say what was asked for in a line."""
    law = whole.found.law
    if whole.epsilon is None or whole.value is None:
        return f"not known: {'; '.join(whole.lacking)}" if whole.lacking else str(law)
    peak = float(whole.epsilon.max())
    rate = "" if whole.lr is None else f"lr {whole.lr.max():.4g}"
    changing = whole.lr is not None and whole.lr.min() < 0.99 * whole.lr.max()
    most = "at most " if changing else ""
    text = f"{law.word} {whole.value.max():.4g} at {rate}: {most}{peak:.4g} of a weight a step"
    if peak > 0:
        text += f", a timescale of {1 / -math.log1p(-peak):.4g} steps"
    if whole.between is not None:
        text += f"; {whole.total:.3g} timescales in the log"
    return text


def _headline(log: TrainingLog, layers: Sequence[LayerDiagnosis], mistakes: Sequence[Any]) -> str:
    """Answer in one line."""
    count = len(layers)
    if mistakes:
        kinds = list(dict.fromkeys(one.kind for one in mistakes))
        return f"{len(mistakes)} {'mistake' if len(mistakes) == 1 else 'mistakes'} seen: {', '.join(kinds)}"
    if not count:
        return "no mistake seen in the schedule; the log has no norms, so that nothing can be said of layers"
    sure = sum(one.verdict == "holds" for one in layers if one.conclusive)
    states = {word: sum(one.state == word for one in layers) for word in dict.fromkeys(one.state for one in layers)}
    said = ", ".join(f"{number} {word}" for word, number in states.items())
    held = f"; the decay asked for is seen in {sure} of them" if sure else ""
    noun = "layer" if count == 1 else "layers"
    return f"no mistake seen: {count} {noun}, {said}{held}"
