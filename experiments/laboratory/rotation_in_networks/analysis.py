"""Judge layers of networks against the laws of gradient noise, and what says beforehand where they hold."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory.rotation_in_networks import laws, tolerances
from experiments.laboratory.rotation_in_networks.preset import RULES, Settings
from experiments.laboratory.rotation_in_networks.tolerances import NAME
from wd_jax.data import Dataset
from wd_jax.stats.estimates import t_interval, t_intervals
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Kind, Verdict, Word, judge

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Norm and rotation of real layers, and whether the signal-to-noise ratio says where the laws hold"
WORDS = {"angle": "the angle of a step is that of noise", "norm": "the norm is that of noise"}


def analyse(preset: Settings, data: Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge every layer by the second stretch of its run; predictions have their inputs from the first."""
    first, second = laws.stretches(preset, stored[NAME])
    ratios = over_the_law(preset, first, second)
    little = (first.signal < tolerances.LITTLE.value).values
    verdicts = (
        *_by_signal(first, ratios, little),
        *_of_invariant(first, ratios),
        *_of_momentum(preset, first, second),
    )
    cells = _each_layer(ratios)
    tables = (_table_of_layers(preset, first, ratios, cells), _table_of_signal(cells, little), _table_of_cost(stored))
    answer = _answer(cells, little, verdicts)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(preset, first, second))


def over_the_law(preset: Settings, first: xr.Dataset, second: xr.Dataset) -> xr.Dataset:
    """Give measured angle (rms) and norm of each cell over the noise law's, ``angle`` and ``norm`` of [cell, seed]."""
    angle = xr.ufuncs.sqrt(second.angle2) / laws.angles(preset, first)
    norm = xr.ufuncs.sqrt(second.norm2) / laws.norms(preset, first)
    return xr.Dataset({"angle": angle, "norm": norm}).transpose("cell", "seed")


def _judge(ratio: xr.DataArray, statement: str, scope: str, kind: Kind = "prediction", **more: Any) -> Verdict:
    """Hold ratios of [cell, seed] against 1."""
    within = tolerances.WITHIN.value
    return wd.compare(ratio, 1.0, within, claim=NAME, kind=kind, statement=statement, scope=scope, **more)


def _where(first: xr.Dataset, **asked: str) -> np.ndarray:
    """Give the places of the cells with these labels."""
    met = np.ones(first.sizes["cell"], bool)
    for name, value in asked.items():
        met &= (first[name] == value).values
    return met


def _by_signal(first: xr.Dataset, ratios: xr.Dataset, little: np.ndarray) -> tuple[Verdict, ...]:
    """Judge the noise laws on all layers with little signal, and on those with much, network by network."""
    found = []
    for network in dict.fromkeys(first.network.values.tolist()):
        for rule in RULES:
            here = _where(first, network=network, rule=rule)
            for what, words in WORDS.items():
                some, rest = here & little, here & ~little
                scope = f"{network}, {rule}, {some.sum()} of {here.sum()} layers"
                if some.any():
                    found.append(_judge(ratios[what][some], f"little signal: {words}", scope))
                if rest.any():
                    scope = f"{network}, {rule}, {rest.sum()} of {here.sum()} layers"
                    found.append(_judge(ratios[what][rest], f"much signal: {words} all the same", scope, "rival"))
    return tuple(found)


def _of_invariant(first: xr.Dataset, ratios: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge the angle of the layers whose scale does not matter, whatever their signal."""
    found = []
    for rule in RULES:
        here = _where(first, rule=rule) & (first.invariant == 1).values
        scope = f"perceptron, {rule}, hidden layers"
        found.append(_judge(ratios.angle[here], "scale-invariant layers, any signal: the angle is the law's", scope))
    return tuple(found)


def _of_momentum(preset: Settings, first: xr.Dataset, second: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge the heavy ball's angle with the share of the decay that the gradient resists, from the first stretch."""
    found = []
    predicted = laws.angles_of_momentum(preset, laws.along(preset, first))
    ratio = (xr.ufuncs.sqrt(second.angle2) / predicted).transpose("cell", "seed")
    for network in dict.fromkeys(first.network.values.tolist()):
        here = _where(first, network=network, rule="momentum")
        words = "any signal: cos theta = 1 - eta L (1 - f)/(1 + mu), f from the first stretch"
        found.append(_judge(ratio[here], words, f"{network}, momentum, {here.sum()} layers"))
    return tuple(found)


def _each_layer(ratios: xr.Dataset) -> list[tuple[Word, Word]]:
    """Give the words for angle and norm of each cell alone, by its own 95 % interval."""
    low, high = 1 - tolerances.WITHIN.value, 1 + tolerances.WITHIN.value
    found = []
    for what in WORDS:
        ends = t_intervals(ratios[what].values)
        found.append([judge(both, low, high) for both in zip(ends.low.tolist(), ends.high.tolist(), strict=True)])
    return list(zip(*found, strict=True))


def _table_of_layers(
    preset: Settings, first: xr.Dataset, ratios: xr.Dataset, cells: list[tuple[Word, Word]]
) -> Table:
    resists, rows = laws.along(preset, first), []
    for i, (angle, norm) in enumerate(cells):
        rule, network, layer = (str(first[name].values[i]) for name in ("rule", "network", "layer_name"))
        shown = [str(t_interval(ratios[what][i].values)) for what in WORDS]
        seen = (f"{float(first[name][i]):.2g}" for name in ("signal", "coherence"))
        share = f"{float(resists[i]):.2f}" if rule == "momentum" else ""
        rows.append((network, layer, rule, *seen, share, shown[0], angle, shown[1], norm))
    columns = ("network", "layer", "rule", "signal", "coherence", "f", "angle / law", "word", "norm / law", "word ")
    note = (
        "signal: over noise, as the weights' memory sees it (first stretch). coherence: squared norm of the mean gradient "
        "of a memory over what independent gradients leave of it: below 1 they undo each other. f: share of the decay that the gradient resists; below 0 it shrinks the weights as well. "
        "Second stretch, means over seeds with 95 % intervals."
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
    cost = stored[NAME].cost.mean(("seed", "record"))
    rows = [
        (str(rule), *(f"{float(cost.sel(rule=rule).isel(network_name=i)):.2f}" for i in range(cost.sizes["network_name"])))
        for rule in cost.rule.values
    ]
    note = "Training cost in nats, mean over both stretches: guessing costs ln 10 = 2.3 of digits."
    return Table("Do they learn?", ("rule", *map(str, cost.network_name.values)), tuple(rows), note)


def _answer(cells: list[tuple[Word, Word]], little: np.ndarray, verdicts: tuple[Verdict, ...]) -> str:
    quiet = [angle for (angle, _), there in zip(cells, little.tolist(), strict=True) if there]
    invariant = {one.scope.split(", ")[1]: one.verdict for one in verdicts if "scale-invariant" in one.statement}
    resisted = {one.scope.split(", ")[0]: one.verdict for one in verdicts if "cos theta" in one.statement}
    return (
        f"The signal-to-noise ratio does not say where the law holds: {len(quiet)} of {len(cells)} layers have little "
        f"signal, and {quiet.count(HOLDS)} of them turn as noise says. Where the scale does not matter the law is "
        f"{_said(invariant)}. With the product of weights and gradient, which is what enters, the heavy ball's law is "
        f"{_said(resisted)}."
    )


def _said(words: dict[str, str]) -> str:
    verbs = {"holds": "holding", "fails": "failing", "undecided": "undecided", "diverged": "diverged"}
    return ", ".join(f"{verbs[word]} ({name})" for name, word in words.items())


def _draw(preset: Settings, first: xr.Dataset, second: xr.Dataset) -> "Figure":
    from experiments.laboratory.rotation_in_networks import figure

    return figure.figure(preset, first, second)
