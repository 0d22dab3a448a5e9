"""Judge layers of networks against the laws of gradient noise, and what says beforehand where they hold."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.rotation_in_networks import laws, tolerances
from experiments.laboratory.rotation_in_networks.preset import RULES, Settings
from experiments.laboratory.rotation_in_networks.tolerances import NAME
from wd_jax.data import Dataset
from wd_jax.stats.estimates import t_interval, t_intervals
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Kind, Verdict, Word, judge

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Norm and rotation of real layers, and whether the signal-to-noise ratio says where the laws hold"
INVARIANT = "scale-invariant layers, any signal: the angle of a step is the law's"
RESISTED = {
    "momentum": "any signal: 1 - cos theta = eta L (1 - f)/(1 + mu), f of g in the first stretch",
    "adamw": "any signal: 1 - cos theta = eta L (1 - beta1)(1 - f)/(1 + (1 - eta L) beta1), f of g/sqrt(v)",
}
STEPS = "at rest: the angle is that of the part of the first stretch's steps that is along the weights"
WORDS = {"angle": "the angle of a step is that of noise", "norm": "the norm is that of noise"}


def analyse(preset: Settings, data: Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge every layer by the second stretch of its run; predictions have their inputs from the first."""
    first, second = laws.stretches(preset, stored[NAME])
    ratios = over_the_law(preset, first, second)
    little = (first.signal < tolerances.LITTLE.value).values
    verdicts = (
        *_by_signal(first, ratios, little),
        *_of_invariant(first, ratios),
        *_of_resisted(preset, first, second),
    )
    cells = _each_layer(ratios)
    tables = (_table_of_layers(preset, first, ratios, cells), _table_of_signal(cells, little), _table_of_cost(stored))
    gone = int((~np.isfinite(stored[NAME].cost.values).all(axis=-1)).sum())
    answer = _answer(first, cells, little, verdicts, gone)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(preset, first, second))


def over_the_law(preset: Settings, first: xr.Dataset, second: xr.Dataset) -> xr.Dataset:
    """Give measured angle (rms) and norm of each cell over the noise law's, ``angle`` and ``norm`` of [cell, seed]."""
    angle = xr.ufuncs.sqrt(second.angle2) / laws.angles(preset, first)
    norm = xr.ufuncs.sqrt(second.norm2) / laws.norms(preset, first)
    return xr.Dataset({"angle": angle, "norm": norm}).transpose("cell", "seed")


def _judge(first: xr.Dataset, ratio: xr.DataArray, here: np.ndarray, words: str, what: str, kind: Kind) -> Verdict:
    """Hold the ratios of some layers of one network under one rule, [cell, seed], against 1."""
    some = np.flatnonzero(here)
    of_layers = ratio.isel(cell=some).rename(cell="layer").assign_coords(layer=first.layer_name.values[some])
    scope = f"{what}, {first.rule.values[some[0]]}, {_counted(some.size)}"
    return wd.compare(of_layers, 1.0, tolerances.WITHIN.value, claim=NAME, kind=kind, statement=words, scope=scope)


def _counted(layers: int) -> str:
    return "1 layer" if layers == 1 else f"{layers} layers"


def _where(first: xr.Dataset, **asked: str) -> np.ndarray:
    """Give the places of the cells with these labels."""
    met = np.ones(first.sizes["cell"], bool)
    for name, value in asked.items():
        met &= (first[name] == value).values
    return met


def _networks(first: xr.Dataset) -> list[str]:
    return list(dict.fromkeys(first.network.values.tolist()))


def _by_signal(first: xr.Dataset, ratios: xr.Dataset, little: np.ndarray) -> tuple[Verdict, ...]:
    """Judge the noise laws on all layers with little signal, and on those with much, network by network."""
    found = []
    for network in _networks(first):
        for rule in RULES:
            here = _where(first, network=network, rule=rule)
            for what, words in WORDS.items():
                if (some := here & little).any():
                    said = f"little signal: {words}"
                    found.append(_judge(first, ratios[what], some, said, network, "prediction"))
                if (rest := here & ~little).any():
                    said = f"much signal: {words} all the same"
                    found.append(_judge(first, ratios[what], rest, said, network, "rival"))
    return tuple(found)


def _of_invariant(first: xr.Dataset, ratios: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge the angle of the layers whose scale does not matter, whatever their signal."""
    here = [_where(first, rule=rule) & (first.invariant == 1).values for rule in RULES]
    return tuple(
        _judge(first, ratios.angle, some, INVARIANT, "perceptron", "prediction") for some in here if some.any()
    )


def _of_resisted(preset: Settings, first: xr.Dataset, second: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge the angle with the share of the decay that what is new in a step resists, from the first stretch."""
    ratio = (xr.ufuncs.sqrt(second.angle2) / laws.angles_with(preset, first)).transpose("cell", "seed")
    found = []
    for network in _networks(first):
        for rule in RULES:
            here, words = _where(first, network=network, rule=rule), RESISTED.get(rule, STEPS)
            kind = "prediction" if rule in RESISTED else "identity"
            found.append(_judge(first, ratio, here, words, network, kind))
    return tuple(found)


def _each_layer(ratios: xr.Dataset) -> list[tuple[Word, Word]]:
    """Give the words for angle and norm of each cell alone, by its own 95 % interval."""
    low, high = 1 - tolerances.WITHIN.value, 1 + tolerances.WITHIN.value
    found = []
    for what in WORDS:
        ends = t_intervals(ratios[what].values)
        found.append([judge(both, low, high) for both in zip(ends.low.tolist(), ends.high.tolist(), strict=True)])
    return list(zip(*found, strict=True))


def _table_of_layers(preset: Settings, first: xr.Dataset, ratios: xr.Dataset, cells: list[tuple[Word, Word]]) -> Table:
    resists, rows = laws.along(preset, first), []
    for i, (angle, norm) in enumerate(cells):
        rule, network, layer = (str(first[name].values[i]) for name in ("rule", "network", "layer_name"))
        shown = [str(t_interval(ratios[what][i].values)) for what in WORDS]
        seen = (f"{float(first[name][i]):.2g}" for name in ("signal", "coherence"))
        share = f"{float(resists[i]):.2f}"
        rows.append((network, layer, rule, *seen, share, shown[0], angle, shown[1], norm))
    columns = ("network", "layer", "rule", "signal", "coherence", "f", "angle / law", "word", "norm / law", "word ")
    note = (
        "signal: over noise, as the weights' memory sees it (first stretch). coherence: squared norm of the mean "
        "gradient of a memory over what independent gradients leave of it: below 1 they undo each other. f: share of "
        "the decay that what is new in a step resists; below 0 it shrinks the weights as well. Second stretch, means "
        "over seeds with 95 % intervals."
    )
    return Table("Layer by layer", columns, tuple(rows), note)


def _table_of_signal(cells: list[tuple[Word, Word]], little: np.ndarray) -> Table:
    rows = []
    for words, some in (("little", little), ("much", ~little)):
        for what, place in (("angle", 0), ("norm", 1)):
            given = [cell[place] for cell, there in zip(cells, some.tolist(), strict=True) if there]
            rows.append((words, what, len(given), given.count(HOLDS), given.count(FAILS), given.count(UNDECIDED)))
    note = f"Little: signal below {tolerances.LITTLE.value:g}; the law should then hold within a tenth, at worst."
    return Table("What the signal says", ("signal", "of", "layers", "hold", "fail", "undecided"), tuple(rows), note)


def _table_of_cost(stored: dict[str, xr.Dataset]) -> Table:
    cost = stored[NAME].cost.mean(("seed", "record")).transpose("rule", "network_name")
    rows = [
        (str(rule), *(f"{value:.2f}" for value in row))
        for rule, row in zip(cost.rule.values, cost.values.tolist(), strict=True)
    ]
    note = "Training cost in nats, mean over both stretches: guessing costs ln 10 = 2.3 of digits."
    return Table("Do they learn?", ("rule", *map(str, cost.network_name.values)), tuple(rows), note)


def _answer(
    first: xr.Dataset, cells: list[tuple[Word, Word]], little: np.ndarray, verdicts: tuple[Verdict, ...], gone: int
) -> str:
    quiet = [angle for (angle, _), there in zip(cells, little.tolist(), strict=True) if there]
    undone = int((first.coherence < 1).sum())
    invariant = [(one.scope.split(", ")[1], one.verdict) for one in verdicts if one.statement == INVARIANT]
    resisted = [(one.scope.rpartition(",")[0], one.verdict) for one in verdicts if one.statement in RESISTED.values()]
    says = "says" if quiet.count(HOLDS) == len(quiet) else "does not say"
    lost = f" {gone} trainings came to numbers that are not finite." if gone else ""
    noise = (
        f"{len(quiet)} of {len(cells)} layers have little signal, and only {quiet.count(HOLDS)} of them turn as noise"
    )
    return (
        f"The signal-to-noise ratio {says} where the laws of noise hold: {noise} says. What is not signal need not be "
        f"noise: in {undone} layers the gradients of a memory undo each other in part. Scale-invariant layers, at any "
        f"signal: the angle is the law's {_said(invariant)}. All layers, with what the gradient resists of the decay "
        f"taken from earlier steps: the angle is the law's {_said(resisted)}.{lost}"
    )


def _said(words: list[tuple[str, Word]]) -> str:
    """Say for which names the word is which, the most favourable word first."""
    verbs = {HOLDS: "for {}", UNDECIDED: "(undecided) for {}", DIVERGED: "(diverged) for {}", FAILS: "not for {}"}
    named = {word: [name for name, given in words if given == word] for word in verbs}
    return ", ".join(verbs[word].format(" and ".join(names)) for word, names in named.items() if names)


def _draw(preset: Settings, first: xr.Dataset, second: xr.Dataset) -> "Figure":
    from experiments.laboratory.rotation_in_networks import figure

    return figure.figure(preset, first, second)
