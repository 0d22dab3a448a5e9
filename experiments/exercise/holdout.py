"""Seeds and a data set that were never used for choosing a tolerance, and what the verdicts say on them.

Some tolerances were chosen after results had been seen (`experiments.exercise.tolerances`): on digits with the seeds 0,
1, 2 and so on, and on MNIST. Their verdicts are judged again here, first on digits with other seeds, then on another
data set, with the preset's settings as they are. A word that changes is a result. `python -m benchmarks.holdout` prints
all.

The seeds and the data set stay a hold-out only as long as nobody chooses anything by them: no preset, benchmark,
tutorial or test of a verdict may use them. Whoever does choose by them takes another block, and says so here.
"""

import dataclasses
import re
from collections.abc import Mapping

import numpy as np

from experiments import registry as experiments
from experiments.exercise.preset import Preset
from experiments.exercise.settings_tolerances import registry
from wd_jax.data import Dataset
from wd_jax.data.arrays import cut, one_hot
from wd_jax.data.splitting import shuffled
from wd_jax.stats.outcome import Table
from wd_jax.stats.verdict import FAILS, HOLDS, Verdict

SEEDS = range(1_000_000, 2_000_000)
"""Reserved: take the first so many."""
NAME = "breast_cancer"
SIZES = (400, 84, 85)
ABSENT = "not judged"

Key = tuple[int | str, str, str]
"""Claim, statement, and the beginning of the scope: what a verdict is about, whatever came out."""


def data() -> Dataset:
    """Load the data set of the hold-out: scikit-learn's breast cancer table, which needs no download.

    Two classes; 30 measurements, each standardised by the mean and deviation of the training split; no input is always
    zero. Some examples are so short that E1-E3 are used a little outside their condition. The project trained on it
    once, in a test of how accuracy is counted, and chose nothing by it.

    Returns
    -------
    Dataset
        n = 400, n_in = 30, n_out = 2.

    Examples
    --------
    >>> found = data()
    >>> found.n, found.n_in, found.n_out, float(found.train.inputs.std().round(3))
    (400, 30, 2, 1.0)

    Notes
    -----
    W. Wolberg, O. Mangasarian, N. Street and W. Street, *Breast Cancer Wisconsin (Diagnostic)*, UCI Machine Learning
    Repository, 1993.
    """
    from sklearn.datasets import load_breast_cancer

    inputs, labels = load_breast_cancer(return_X_y=True)
    order = shuffled(len(labels))
    train = inputs[order[: SIZES[0]]]
    scaled = (inputs[order] - train.mean(axis=0)) / train.std(axis=0)
    return cut(NAME, scaled.astype(np.float32), one_hot(labels[order], 2), SIZES)


def on_other_seeds(preset: Preset) -> Preset:
    """Give a preset whose seeds are those of the reserved block.

    Examples
    --------
    >>> on_other_seeds(Preset("digits")).seeds_of(2)
    range(1000000, 1000002)
    """
    return dataclasses.replace(preset, first_seed=SEEDS.start)


def key(verdict: Verdict) -> Key:
    """Say what a verdict is about: its scope without the cells that were left to judge, and the one that decided."""
    return (verdict.claim, verdict.statement, re.split(r", (?:hidden|lmbda) | \(at ", verdict.scope)[0])


def depends(verdict: Verdict, preset: Preset) -> bool:
    """Whether a verdict depends on a number that was chosen after results had been seen."""
    return any(
        one.chosen == "after" and verdict.claim in one.claims and one.words in verdict.statement
        for one in registry(preset)
    )


def verdicts(preset: Preset, data: Dataset, progress: bool = True) -> dict[Key, Verdict]:
    """Train and judge the claims that depend on numbers chosen after looking; keep the verdicts that do.

    Parameters
    ----------
    preset : Preset
        Its settings.
    data : Dataset
        What is trained on.
    progress : bool
        Whether a live line is shown.
    """
    claims = {claim for one in registry(preset) if one.chosen == "after" for claim in one.claims}
    found: dict[Key, Verdict] = {}
    for claim, name in enumerate(experiments.names("exercise"), start=1):
        if claim not in claims:
            continue
        experiment = experiments.load(name)
        judged = experiment.analyse(preset, data, experiment.sweep(preset, data, progress)).verdicts
        found |= {key(verdict): verdict for verdict in judged if depends(verdict, preset)}
    return found


def table(columns: Mapping[str, Mapping[Key, Verdict]]) -> Table:
    """Lay the words out side by side, the published first, and count for the others how many are the same.

    Parameters
    ----------
    columns : mapping of str to mapping of Key to Verdict
        By heading, what `verdicts` gave; the first is what the others are held against.

    Examples
    --------
    >>> one = Verdict(3, "prediction", "law", "all", 1.0, 1.02, (1.01, 1.03), 0.1, "holds", "8 seeds")
    >>> found = table({"published": {(3, "law", "all"): one}, "other seeds": {}})
    >>> found.rows
    ((3, 'law, all', 'holds 1.02', 'not judged'),)
    >>> found.note
    'The same word as published, of 1: other seeds 0; the opposite: other seeds 0.'
    """
    (first, published), *others = columns.items()
    rows = [
        (claim, f"{what}, {where}", *(_said(found.get((claim, what, where))) for found in columns.values()))
        for claim, what, where in dict.fromkeys(key for found in columns.values() for key in found)
    ]
    pairs = {name: [(one.verdict, found[key].verdict) for key, one in published.items() if key in found]
             for name, found in others}  # fmt: skip
    same = ", ".join(f"{name} {sum(a == b for a, b in words)}" for name, words in pairs.items())
    opposite = ", ".join(f"{name} {sum({a, b} == {HOLDS, FAILS} for a, b in words)}" for name, words in pairs.items())
    note = f"The same word as {first}, of {len(published)}: {same}; the opposite: {opposite}."
    return Table("Verdicts on the hold-out", ("claim", "what", *columns), tuple(rows), note)


def _said(verdict: Verdict | None) -> str:
    if verdict is None:
        return ABSENT
    return verdict.verdict + (f" {verdict.measured:.4g}" if np.isfinite(verdict.measured) else "")
