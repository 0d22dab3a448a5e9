"""Claim 3: the decay tails off when weights are of size about 1/sqrt(n_w) (one version of the text: 1/n_w)."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.exercise import tolerances
from experiments.exercise.preset import Preset
from experiments.exercise.tail_off import late_weights, slider, tables
from experiments.exercise.tail_off.in_short import Found, in_short
from experiments.exercise.tail_off.tables import CANDIDATES
from experiments.exponents import judge_power
from wd_jax.data import Dataset
from wd_jax.results import divergence
from wd_jax.stats.comparison import compare, undecided
from wd_jax.stats.outcome import InShort, Outcome
from wd_jax.stats.verdict import Kind, Verdict
from wd_jax.sweeps.plan import Plan

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "claim_3_tail_off"
BY_WIDTH, BY_LMBDA, SLIDER = f"{NAME}_by_width", f"{NAME}_by_lmbda", f"{NAME}_slider"
TITLE = "Claim 3: decay tails off at weights of about 1/√n_w"
SIZE_FACTOR = tolerances.SIZE_FACTOR.value
POWERS: tuple[tuple[str, float, Kind], ...] = (("-1/2", -0.5, "prediction"), ("-1", -1.0, "rival"))
OF_THE_LAYERS = "the layers' verdicts: the network's weights are theirs, added up"
EXPONENT_WITHIN = tolerances.EXPONENT_WITHIN.value
IDENTITY_WITHIN = tolerances.BALANCE_WITHIN.value
PREDICTION_WITHIN = tolerances.PREDICTION_WITHIN.value
SAME_RUN = "late weights from the norm balance, Q of the same run"
OTHER_SEEDS = "late weights from the norm balance, fitted: Q of other seeds"
BETWEEN = "late weights between two widths, by a line through Q"
SIZE = "decay tails off at {}, within a factor of 2"
POWER = "late weights scale as n_w^({}) (exponent)"
MOST_NAMED = 3
"""Cells of a scope that are named one by one."""
RESTS_ON = {
    OTHER_SEEDS: "the norm balance: by it Q of other seeds is that of their weights, and seeds are alike",
    BETWEEN: "the norm balance: by it Q at other widths is that of their weights, so that these are interpolated",
}


def plans(preset: Preset, data: Dataset) -> dict[str, Plan]:
    """Train from N(0,1) until decay has tailed off, by width and by lmbda; and more shortly for the page's slider."""
    setup = preset.setup(data)
    settings = {"eta": preset.eta, "seeds": preset.seeds_of(preset.width_seeds), "epochs": preset.epochs}
    probes = wd.Probes(splits=("train",), moved=False, full_gradient=True, evaluate_every=max(1, preset.epochs // 12))
    by_width = wd.dry_run(
        setup,
        data,
        hidden=list(preset.widths),
        lmbda=preset.lmbda,
        probes=probes,
        **settings,
    )
    by_lmbda = wd.dry_run(setup, data, lmbda=list(preset.lmbdas), probes=probes, **settings)
    shortly = wd.dry_run(
        setup,
        data,
        lmbda=list(slider.lmbdas(preset)),
        eta=preset.eta,
        seeds=preset.seeds_of(preset.seeds_of_slider),
        epochs=preset.epochs_of_slider,
        probes=probes,
    )
    return {BY_WIDTH: by_width, BY_LMBDA: by_lmbda, SLIDER: shortly}


def analyse(preset: Preset, data: Dataset, stored: dict[str, xr.Dataset]) -> Outcome:
    """Measure late weights, fit exponents, judge candidates and predictions."""
    by_width = divergence.carried(stored[BY_WIDTH])
    widths, lmbdas = late_weights.measure(by_width), late_weights.measure(stored[BY_LMBDA])
    candidates = candidate_sizes(widths, by_width)
    verdicts = [v for part in widths.part.values for v in _sizes(widths.sel(part=part), candidates.sel(part=part))]
    verdicts += [v for part in widths.part.values for v in _exponents(widths.sel(part=part))]
    verdicts += [v for part in widths.part.values[:-1] for v in _balance(widths.sel(part=part), by_width)]
    verdicts += [_exponent_in_lmbda(lmbdas.sel(part=part)) for part in lmbdas.part.values[:-1]]
    laid_out = (
        tables.late_table(widths, "hidden"),
        tables.late_table(lmbdas, "lmbda"),
        tables.candidate_table(widths, candidates),
    )
    answer = tables.answer(widths, by_width)

    def draw() -> "Figure":
        return _draw(widths, lmbdas, candidates, preset.dataset, by_width)

    return Outcome(NAME, TITLE, answer, tuple(verdicts), laid_out, draw, _in_short(widths, lmbdas, verdicts))


def _in_short(widths: xr.Dataset, lmbdas: xr.Dataset, verdicts: list[Verdict]) -> InShort:
    """Say it in plain words, from the verdicts on the size, on the power -1/2 and on the balance."""
    *layers, network = widths.part.values
    found = {(one.statement, str(one.scope).split(",")[0]): one for one in verdicts}
    sizes = widths.sel(part=network).weight_rms * np.sqrt(widths.sel(part=network).n_w)
    times = sizes.mean("seed").values
    times = times[np.isfinite(times)]
    power = POWER.format(POWERS[0][0])
    return in_short(
        Found(
            size=found[SIZE.format("1/√n_w"), network],
            power=found[power, network],
            powers={"output" if part == layers[-1] else "hidden": found[power, part].verdict for part in layers},
            balance=[found[SAME_RUN, part].verdict for part in layers],
            times=(float(times.min()), float(times.max())) if times.size else None,
            factor=SIZE_FACTOR,
            lmbdas=lmbdas.lmbda.values[lmbdas.weight_rms.notnull().any(("seed", "part")).values].tolist(),
        )
    )


def candidate_sizes(late: xr.Dataset, runs: xr.Dataset) -> xr.DataArray:
    """Every candidate's weight_rms, over (candidate, hidden, part) and, where it uses measured inputs, seed."""
    law = {"lmbda": runs.lmbda, "n": runs.n, "eta": runs.eta, "n_w": late.n_w}
    sizes = {
        "1/√n_w": late.n_w**-0.5,
        "1/n_w": 1 / late.n_w,
        "1/√n_in": late.n_in**-0.5,
        "virial, full-batch gradient": wd.theory.evaluate("tail_off", "virial_rms", late, **law),
        "noise floor": wd.theory.evaluate("tail_off", "noise_floor_rms", late, **law),
        "norm balance": wd.theory.evaluate("tail_off", "plateau_rms", late, **law),
    }
    sizes = {name: size.reset_coords(drop=True) for name, size in sizes.items()}
    whole = xr.concat(
        [size.broadcast_like(late.weight_rms) for size in sizes.values()],
        "candidate",
        coords="minimal",
        compat="override",
    )
    whole = whole.assign_coords(candidate=list(sizes))
    return whole.assign_coords(diverged_at=late.diverged_at) if "diverged_at" in late.coords else whole


def _sizes(late: xr.Dataset, candidates: xr.DataArray) -> list[Verdict]:
    part = str(late.part.values)
    judged_elsewhere = "norm balance"
    names = [name for name, about in CANDIDATES.items() if about.of_the_book or part != late_weights.NETWORK]
    names = [name for name in names if name != judged_elsewhere]
    return [
        compare(
            late.weight_rms,
            candidates.sel(candidate=name),
            SIZE_FACTOR,
            factor=True,
            claim=3,
            kind=CANDIDATES[name].kind,
            statement=SIZE.format(CANDIDATES[name].said or name),
            scope=f"{part}, {_range(late)}",
            rests_on=_rests_on(part),
        )
        for name in names
    ]


def _exponents(late: xr.Dataset) -> list[Verdict]:
    """Whether weight_rms scales as n_w to the power of -1/2, or of -1, over the widths where decay has tailed off."""
    kept = late.dropna("hidden", subset=["weight_rms"])
    return [
        judge_power(
            kept.n_w,
            kept.weight_rms.transpose("hidden", "seed"),
            power,
            EXPONENT_WITHIN,
            claim=3,
            kind=kind,
            statement=POWER.format(label),
            scope=f"{late.part.values}, {_range(kept if kept.sizes['hidden'] else late)}",
            rests_on=_rests_on(str(late.part.values)),
            why=f"fit over {kept.sizes['hidden']} widths at fixed n_in and n_out, asked ± 1/12",
            diverged=_gone(late),
        )
        for label, power, kind in POWERS
    ]


def _rests_on(part: str) -> str:
    return OF_THE_LAYERS if part == late_weights.NETWORK else ""


def _balance(late: xr.Dataset, runs: xr.Dataset) -> list[Verdict]:
    """plateau_rms with Q of the same run (an identity), and with Q fitted to other seeds and to other widths."""
    half = late.sizes["seed"] // 2
    judged_seeds = late.isel(seed=slice(half, None))
    cases: list[tuple[Kind, xr.Dataset, Any, float, str, bool]] = [
        ("identity", late, late.Q, IDENTITY_WITHIN, SAME_RUN, False),
        ("prediction", judged_seeds, _of_other_seeds(late.Q), PREDICTION_WITHIN, OTHER_SEEDS, True),
        ("prediction", late, _from_widths_beside(late), PREDICTION_WITHIN, BETWEEN, False),
    ]
    verdicts = []
    for kind, measured, Q, within, statement, fitted in cases:
        if not Q.sizes["hidden"]:
            tailed_off = int(late.weight_rms.notnull().any("seed").sum())
            few = f"decay has tailed off at {tailed_off} of {late.sizes['hidden']} widths"
            asked = {"claim": 3, "statement": statement, "scope": f"{late.part.values}, {_range(late)}"}
            why = f"{few}: a fit to others needs three"
            verdicts.append(undecided(why, **asked, tolerance=within, rests_on=RESTS_ON.get(statement, "")))
            continue
        here = measured.sel(hidden=Q.hidden)
        law = {"lmbda": runs.lmbda, "n": runs.n, "n_w": here.n_w}
        theory = wd.theory.evaluate("tail_off", "plateau_rms", here, Q=Q, **law)
        if fitted and "diverged_at" in Q.coords:
            theory = theory.assign_coords(diverged_at=Q.diverged_at)
        scope = f"{late.part.values}, {_range(here)}"
        verdicts.append(
            compare(
                here.weight_rms,
                theory,
                within,
                claim=3,
                kind=kind,
                statement=statement,
                scope=scope,
                fitted=fitted,
                rests_on=RESTS_ON.get(statement, ""),
            )
        )
    return verdicts


def _of_other_seeds(Q: xr.DataArray) -> xr.DataArray:
    """Q of the first half of the seeds, to which the prediction is fitted; the second half is judged."""
    return Q.isel(seed=slice(None, Q.sizes["seed"] // 2))


def _from_widths_beside(late: xr.Dataset) -> xr.DataArray:
    """Fit log Q against log n_w, seed by seed, over widths where decay has tailed off; apply it to those between them.

    Every other width is left out, the widest never: none is an extrapolation. Empty with fewer than three widths. One
    whose runs diverged has no size for that reason, and stays: what is fitted to it is not known.
    """
    kept = late.isel(hidden=(late.weight_rms.notnull() | divergence.lost(late)).any("seed").values)
    number = kept.sizes["hidden"]
    out = [i for i in range(number) if i % 2 and i < number - 1]
    fit = [i for i in range(number) if i not in out]
    log_n, log_q = np.log(kept.n_w), np.log(kept.Q).transpose("hidden", "seed")
    if not out:
        return kept.Q.isel(hidden=[])
    line = np.polyfit(log_n.values[fit], log_q.values[fit], 1)
    predicted = xr.DataArray(np.exp(np.outer(log_n, line[0]) + line[1]), coords=log_q.coords, dims=log_q.dims)
    if "diverged_at" in predicted.coords:  # what a prediction lacks, the runs lack that it was fitted to
        fitted = predicted.diverged_at.isel(hidden=fit).max("hidden")
        predicted = predicted.drop_vars("diverged_at").assign_coords(diverged_at=fitted)
    return predicted.isel(hidden=out)


def _exponent_in_lmbda(late: xr.Dataset) -> Verdict:
    """Whether late weights scale as lmbda to the power of -1/2, as it would if Q did not depend on lmbda."""
    kept = late.dropna("lmbda", subset=["weight_rms"])
    scope = f"{late.part.values}, {_range(kept if kept.sizes['lmbda'] else late)}"
    statement = "late weights scale as lmbda^(-1/2) (exponent)"
    if kept.sizes["lmbda"] < 3:
        return undecided(
            f"decay has tailed off at {kept.sizes['lmbda']} value{'s' * (kept.sizes['lmbda'] != 1)} of lmbda only",
            claim=3,
            statement=statement,
            scope=scope,
            tolerance=EXPONENT_WITHIN,
            diverged=_gone(late),
        )
    return judge_power(
        kept.lmbda,
        kept.weight_rms.transpose("lmbda", "seed"),
        -0.5,
        EXPONENT_WITHIN,
        claim=3,
        kind="prediction",
        statement=statement,
        scope=scope,
        why=f"fit over {kept.sizes['lmbda']} values, asked ± 1/12",
        diverged=_gone(late),
    )


def _gone(late: xr.Dataset) -> str:
    return divergence.said(divergence.lost(late), late)


def _range(late: xr.Dataset) -> str:
    """Name every cell, or how many there are, since one between two others may have been dropped; and the epochs."""
    axis = "hidden" if "hidden" in late.dims else "lmbda"
    *others, last = (f"{value:g}" for value in late[axis].values)
    cells = f"{axis} {', '.join(others)} and {last}" if others else f"{axis} {last}"
    if len(others) >= MOST_NAMED:
        cells = f"{axis} {others[0]} to {last} ({len(others) + 1} values)"
    return f"{cells}, epochs {late['first'].item():g} to {late['last'].item():g}"


def _draw(widths: xr.Dataset, lmbdas: xr.Dataset, candidates: xr.DataArray, dataset: str, runs: xr.Dataset) -> "Figure":
    from experiments.exercise.tail_off import figure
    from wd_jax.figures import needs, style

    if (nothing := needs.nothing_left(runs, None)) and not lmbdas.weight_rms.notnull().any():
        return style.instead(TITLE, nothing)
    return figure.figure(widths, lmbdas, candidates, dataset)
