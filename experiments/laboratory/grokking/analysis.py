"""Measure how long after its data a learner generalises, and hold it against the law of the norms."""

from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.grokking.settings import CONSTANT, INVERSE, NAME, NETWORK, NORMS, STEP, Settings
from wd_jax.data import Dataset
from wd_jax.stats.comparison import judged, undecided
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

TITLE = "Grokking: how long from fitting to understanding"
SPARE = 3.0
"""Times the predicted delay after which a linear model is given up."""


def law(name: str, **values: Any) -> Any:
    """Evaluate a formula of the derivation `grokking`."""
    import derivations

    return derivations.derive("grokking").formulas[name](**values)


def measure(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Train the linear model, with what its law needs from data and start alone.

    Returns
    -------
    xarray.Dataset
        Over `decay` and `seed`: when it had fitted and was right, its squared norms then, and the law's inputs.
    """
    import jax

    from experiments.laboratory.grokking import simulation as sim

    seeds = preset.seeds_of(preset.seeds)
    rows: dict[str, list] = {
        name: [] for name in ("fitted", "right", "norm2_fitted", "norm2_right", "hidden", "missed", "held")
    }
    with jax.enable_x64(True):
        for decay in preset.linear_decay:
            each = []
            for seed in seeds:
                inputs, teacher, start = sim.linear_problem(seed, preset.rows, preset.dim)
                needs = sim.linear_law(inputs, teacher, start, decay)
                most = SPARE * law(
                    "delay", hidden_mem=needs[0], hidden_post=preset.right, eta=preset.linear_eta, weight_decay=decay
                )
                bars = (preset.linear_eta, decay, preset.fitted, preset.right)
                times = sim.linear_times(inputs, teacher, start, *bars, most=1000 * int(1 + most / 1000))
                each.append((*map(float, times), *needs))
            for name, values in zip(rows, np.transpose(each), strict=True):
                rows[name].append(values)
    return xr.Dataset(
        {name: (("decay", "seed"), np.array(values)) for name, values in rows.items()},
        {"seed": list(seeds), "decay": list(preset.linear_decay)},
    )


def measure_network(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Train the network that adds.

    Returns
    -------
    xarray.Dataset
        Over `part`, `start`, `decay` and `seed`: when it had memorised and generalised (NaN: never), its squared norms,
        and for the first seed what it knew and its squared norm at every look.
    """
    import jax.numpy as jnp

    from experiments.laboratory.grokking import simulation as sim

    seeds = jnp.asarray(list(preset.seeds_of(preset.seeds)))
    times: dict[str, list] = {}
    paths = []
    for part in preset.part:
        for start in preset.start:
            for decay in preset.decay:
                found = sim.network_path(seeds, part, decay, start, preset=preset)
                path = [np.asarray(one, np.float64) for one in found]
                for name, values in sim.first_times(path, preset.every).items():
                    times.setdefault(name, []).append(values)
                paths.append(np.array([one[:, 0] for one in path]))
    shape = (len(preset.part), len(preset.start), len(preset.decay))
    cells, looks = ("part", "start", "decay"), preset.steps // preset.every + 1
    return xr.Dataset(
        {name: ((*cells, "seed"), np.reshape(values, (*shape, -1))) for name, values in times.items()}
        | {"path": ((*cells, "what", "step"), np.reshape(paths, (*shape, 3, looks)))},
        {
            "seed": list(preset.seeds_of(preset.seeds)),
            "part": list(preset.part),
            "start": list(preset.start),
            "decay": list(preset.decay),
            "what": ["trained on", "others", "norm2"],
            "step": np.arange(looks) * preset.every,
        },
    )


def analyse(preset: Settings, data: Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the delay of the linear model to the step, and that of the network."""
    linear, network = stored[NAME], stored[f"{NAME}_network"]
    verdicts = (*_linear(preset, linear), *_network(preset, network))
    tables = (_linear_table(preset, linear), _network_table(preset, network))

    def draw() -> Any:
        from experiments.laboratory.grokking import figure

        return figure.figure(preset, linear, network)

    return Outcome(NAME, TITLE, _answer(preset, linear, network), verdicts, tables, draw)


def predicted(preset: Settings, linear: xr.Dataset) -> xr.DataArray:
    """Give the linear model's delay by the law, [decay, seed]: from data, start and the step at which it had fitted."""
    kept = 1 - preset.linear_eta * linear.decay
    hidden = linear.hidden * kept ** (2 * linear.fitted.where(linear.fitted >= 0))
    spare = preset.right - linear.missed  # none where what is held is too far off at rest: it is never right
    return law(
        "delay",
        hidden_mem=hidden,
        hidden_post=spare.where((spare > 0) & (spare < hidden)),
        eta=preset.linear_eta,
        weight_decay=linear.decay,
    )


def of_norms(preset: Settings, linear: xr.Dataset) -> xr.DataArray:
    """Give the same with norms of all the weights, as they are when it has fitted and when it is right."""
    return np.log(linear.norm2_fitted / linear.norm2_right) / (2 * preset.linear_eta * linear.decay)


def _linear(preset: Settings, linear: xr.Dataset) -> tuple[Verdict, ...]:
    delay = (linear.right - linear.fitted).where((linear.right >= 0) & (linear.fitted >= 0))
    error = abs(delay - predicted(preset, linear))
    scope = f"linear model, {preset.rows} examples, {preset.dim} weights"
    share = of_norms(preset, linear) / delay
    alike = share / share.mean("decay", skipna=False)
    return (
        exact.verdict(
            float(error.max(skipna=False)),
            STEP.value,
            claim=NAME,
            statement="linear model: delay ln(E_mem/E_post)/(-2 ln(1 - eta L)), E = |w|² of what no data see",
            scope=scope,
            why="the largest difference in steps",
        ),
        wd.compare(
            delay,
            of_norms(preset, linear),
            NORMS.value,
            claim=NAME,
            kind="rival",
            statement="norms of all weights with the hidden part's constant ½: delay ln(|w_mem|²/|w_post|²)/(2 eta L)",
            scope=scope,
        ),
        wd.compare(
            alike,
            1.0,
            CONSTANT.value,
            claim=NAME,
            kind="rival",
            statement="the published claim: ln(|w_mem|²/|w_post|²)/(eta L) is the delay times the same constant at "
            "every L (that over its mean over L)",
            scope=scope,
        ),
    )


def share_by_norms(preset: Settings, network: xr.Dataset, before: str = "memorised") -> xr.DataArray:
    """Give the delay that the norms say over the measured one, [part, start, decay, seed].

    Parameters
    ----------
    before : {"memorised", "peak"}
        Whether the first norm is that when it had memorised, or the largest while it waits.
    """
    said = np.log(network[f"norm2_{before}"] / network.norm2_generalised) / (2 * preset.eta * network.decay)
    return said / (network.generalised - network.memorised)


def exponents(network: xr.Dataset) -> xr.DataArray:
    """Fit the delay's exponent in L for every network, [part, start, seed]."""
    delay = np.log(network.generalised - network.memorised)
    x = np.log(network.decay)
    x = x - x.mean()
    return (delay * x).sum("decay", skipna=False) / (x**2).sum()


def _network(preset: Settings, network: xr.Dataset) -> tuple[Verdict, ...]:
    verdicts = []
    shares, fits = share_by_norms(preset, network), exponents(network)
    decays = " ".join(f"{one:g}" for one in network.decay.values)
    for part in network.part.values:
        for start in network.start.values:
            scope = (
                f"addition modulo {preset.modulus}, {part:.0%} of the pairs, AdamW, weights begun at {start:g} times "
                f"the usual size, L = {decays}"
            )
            verdicts.append(_premised(shares.sel(part=part, start=start), scope))
            verdicts.append(
                _of_seeds(
                    fits.sel(part=part, start=start),
                    -1.0,
                    INVERSE.value,
                    kind="rival",
                    statement="network: the delay is in proportion to 1/L, as in the linear model; its exponent in L",
                    scope=scope,
                    why=f"a line through the logarithms at {network.sizes['decay']} decays, seed by seed",
                )
            )
    return tuple(verdicts)


def _premised(shares: xr.DataArray, scope: str) -> Verdict:
    """Judge what norms say of a network's delay, over it: a word only where the norm fell from the one to the other."""
    statement = "network: the delay is ln(|w_mem|²/|w_post|²)/(2 eta L); that over the measured delay"
    fell = int((shares > 0).sum())
    there = int(shares.notnull().sum())
    if there and fell < there:
        runs = "in any run" if not fell else f"in {there - fell} of {there} runs"
        why = f"|w| did not shrink {runs}: the law's premise is not met"
        return undecided(why, claim=NAME, kind="rival", statement=statement, scope=scope, tolerance=NETWORK.value)
    return wd.compare(shares, 1.0, NETWORK.value, claim=NAME, kind="rival", statement=statement, scope=scope)


def _of_seeds(values: xr.DataArray, wanted: float, within: float, *, why: str, **words: Any) -> Verdict:
    """Judge the mean over seeds of a number that should be `wanted`, give or take `within`."""
    words = {"claim": NAME, "tolerance": within, "kind": "prediction", **words}
    there = int(np.isfinite(values).sum())
    if there < 2:
        return undecided(f"{values.size - there} of {values.size} networks did not get there in time", **words)
    return judged(
        t_interval(values.values), wanted - within, wanted + within, predicted=wanted, why=why, seeds=there, **words
    )


def _answer(preset: Settings, linear: xr.Dataset, network: xr.Dataset) -> str:
    delay = linear.right - linear.fitted
    error = float(abs(delay - predicted(preset, linear)).max())
    norms = (of_norms(preset, linear) / delay).mean("seed").values
    shares = share_by_norms(preset, network)
    fits = exponents(network).mean("seed").values.ravel()
    there, fell = int(shares.notnull().sum()), int((shares > 0).sum())
    late = shares.size - there
    ending = f" {late} of {shares.size} networks did not generalise in time." if late else ""
    return (
        "In a linear model until decay has worn off what the data do not see: that law is right to "
        f"{error:.2f} steps. With norms of all weights the delay is known up to a constant: the formula with its ½ "
        f"gives {norms.min():.0%} to {norms.max():.0%} of it over the decays. In the network the law's premise, a norm "
        f"that shrinks while it waits, is met in {fell} of {there} runs, and without it the law says nothing. Between "
        f"{network.sizes['decay']} decays its delay changes with exponents of "
        f"{', '.join(f'{one:.2f}' for one in fits)}, and -1 is what the linear model has.{ending}"
    )


def _linear_table(preset: Settings, linear: xr.Dataset) -> Table:
    delay, by_law, by_norms = linear.right - linear.fitted, predicted(preset, linear), of_norms(preset, linear)
    rows = [
        (f"{d:g}", *(f"{float(one.sel(decay=d).isel(seed=0)):.1f}" for one in (linear.fitted, delay, by_law, by_norms)))
        for d in linear.decay.values
    ]
    columns = ("L", "fitted at step", "delay", "by the law", "by norms of all weights")
    return Table("A linear model", columns, tuple(rows), f"The first seed; eta = {preset.linear_eta:g}.")


def _network_table(preset: Settings, network: xr.Dataset) -> Table:
    rows = []
    delay = network.generalised - network.memorised
    shares = [share_by_norms(preset, network, before) for before in ("memorised", "peak")]
    numbers = (
        network.memorised,
        delay,
        network.norm2_memorised,
        network.norm2_peak,
        network.norm2_generalised,
        *shares,
    )
    for part in network.part.values:
        for start in network.start.values:
            for decay in network.decay.values:
                at = {"part": part, "start": start, "decay": decay}
                rows.append((f"{part:g}", f"{start:g}", f"{decay:g}", *(_interval(one.sel(at)) for one in numbers)))
    columns = (
        *("part", "start", "L", "memorised at step", "delay", "|w|² then", "largest |w|²", "|w|² when general"),
        *("delay by norms / delay", "the same from the largest"),
    )
    note = (
        "Means over the seeds that got there. Part: of all pairs, those trained on. Start: size of the first weights "
        "in units of the usual one. Largest: while it waits."
    )
    return Table("A network that adds", columns, tuple(rows), note)


def _interval(values: xr.DataArray) -> str:
    there = values.values[np.isfinite(values.values)]
    return str(t_interval(there)) if there.size > 1 else "none got there"
