"""Claim 3: the decay tails off when weights are of size about 1/sqrt(n_w) (one version of the text: 1/n_w)."""

from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments import plateaus
from experiments.preset import Preset
from wd_jax.comparison import compare, judged, undecided
from wd_jax.estimates import exponent, t_interval
from wd_jax.outcome import Outcome, Table
from wd_jax.verdicts import Kind, Verdict, judge

NAME = "claim_3_tail_off"
BY_WIDTH, BY_LMBDA = f"{NAME}_by_width", f"{NAME}_by_lmbda"
TITLE = "Claim 3: decay tails off at weights of about 1/√n_w"
SIZE_FACTOR = 2.0
POWERS = (("-1/2", -0.5), ("-1", -1.0))
EXPONENT_WITHIN = 1 / 12
IDENTITY_WITHIN = 0.01
PREDICTION_WITHIN = 0.05

CANDIDATES = {
    # name: (the book's own, measured inputs it uses)
    "1/√n_w": (True, "none"),
    "1/n_w": (True, "none"),
    "1/√n_in": (False, "none"),
    "virial, full-batch gradient": (False, "⟨W,∇C₀⟩ of the same run at its plateau"),
    "noise floor": (False, "rms minibatch gradient of the same run"),
    "norm balance": (False, "Q of the same run: an identity"),
}


def sweep(preset: Preset, data, progress: bool = True) -> dict[str, xr.Dataset]:
    """Train from N(0,1) to the plateau, by width and by lmbda."""
    setup = preset.setup(data)
    settings = {"eta": preset.eta, "seeds": preset.width_seeds, "epochs": preset.epochs}
    probes = wd.Probes(splits=("train",), moved=False, full_gradient=True, evaluate_every=max(1, preset.epochs // 12))
    by_width = wd.sweep(
        setup,
        data,
        hidden=list(preset.widths),
        lmbda=preset.lmbda,
        probes=probes,
        progress=progress and "claim 3, widths",
        **settings,
    )
    by_lmbda = wd.sweep(
        setup, data, lmbda=list(preset.lmbdas), probes=probes, progress=progress and "claim 3, lmbda", **settings
    )
    return {BY_WIDTH: by_width, BY_LMBDA: by_lmbda}


def analyse(preset: Preset, data, stored: dict[str, xr.Dataset]) -> Outcome:
    """Measure plateaus, fit exponents, judge candidates and predictions."""
    by_width = stored[BY_WIDTH]
    widths, lmbdas = plateaus.measure(by_width), plateaus.measure(stored[BY_LMBDA])
    candidates = candidate_sizes(widths, by_width)
    verdicts = [v for part in widths.part.values for v in _sizes(widths.sel(part=part), candidates.sel(part=part))]
    verdicts += [v for part in widths.part.values for v in _exponents(widths.sel(part=part))]
    verdicts += [v for part in widths.part.values[:-1] for v in _balance(widths.sel(part=part), by_width)]
    verdicts += [_exponent_in_lmbda(lmbdas.sel(part=part)) for part in lmbdas.part.values[:-1]]
    tables = (_plateau_table(widths, "hidden"), _plateau_table(lmbdas, "lmbda"), _candidate_table(widths, candidates))
    answer = _answer(widths.sel(part=plateaus.NETWORK), by_width)
    return Outcome(
        NAME, TITLE, answer, tuple(verdicts), tables, lambda: _draw(widths, lmbdas, candidates, preset.dataset)
    )


def _answer(network: xr.Dataset, runs: xr.Dataset) -> str:
    kept = network.dropna("hidden", subset=["weight_rms"])
    if kept.sizes["hidden"] < 3:
        return f"Only {kept.sizes['hidden']} of {network.sizes['hidden']} widths reached a plateau: no exponent."
    found = exponent(kept.n_w, kept.weight_rms.transpose("hidden", "seed"))
    words = {label: judge(found.ci95, power - EXPONENT_WITHIN, power + EXPONENT_WITHIN) for label, power in POWERS}
    ratio = (kept.weight_rms * np.sqrt(kept.n_w)).mean("seed")
    balance = np.sqrt(float(runs.n / runs.lmbda) * kept.Q.mean("seed"))
    return (
        f"Over the network weight_rms scales as n_w^({found.value:.3f} ± {(found.high - found.low) / 2:.3f}), so that "
        f"{' and '.join(f'{label} {word}' for label, word in words.items())}; "
        f"it is {ratio.min():.3g} to {ratio.max():.3g} times 1/√n_w, and √(nQ/λ), which the "
        f"gradient supplies, is {balance.min():.3g} to {balance.max():.3g}."
    )


def candidate_sizes(plateau: xr.Dataset, runs: xr.Dataset) -> xr.DataArray:
    """Every candidate's weight_rms, over (candidate, hidden, part) and, where it uses measured inputs, seed."""
    law = {"lmbda": runs.lmbda, "n": runs.n, "eta": runs.eta, "n_w": plateau.n_w}
    sizes = {
        "1/√n_w": plateau.n_w**-0.5,
        "1/n_w": 1 / plateau.n_w,
        "1/√n_in": plateau.n_in**-0.5,
        "virial, full-batch gradient": wd.theory.evaluate("tail_off", "virial_rms", plateau, **law),
        "noise floor": wd.theory.evaluate("tail_off", "noise_floor_rms", plateau, **law),
        "norm balance": wd.theory.evaluate("tail_off", "plateau_rms", plateau, **law),
    }
    sizes = {name: size.reset_coords(drop=True) for name, size in sizes.items()}
    whole = xr.concat(
        [size.broadcast_like(plateau.weight_rms) for size in sizes.values()],
        "candidate",
        coords="minimal",
        compat="override",
    )
    return whole.assign_coords(candidate=list(sizes))


def _sizes(plateau: xr.Dataset, candidates: xr.DataArray) -> list[Verdict]:
    part = str(plateau.part.values)
    judged_elsewhere = "norm balance"
    names = [name for name, (book, _) in CANDIDATES.items() if book or part != plateaus.NETWORK]
    names = [name for name in names if name != judged_elsewhere]
    return [
        compare(
            plateau.weight_rms,
            candidates.sel(candidate=name),
            SIZE_FACTOR,
            factor=True,
            claim=3,
            kind="prediction",
            statement=f"plateau is {name}, within a factor of 2",
            scope=f"{part}, {_range(plateau)}",
        )
        for name in names
    ]


def _exponents(plateau: xr.Dataset) -> list[Verdict]:
    """Whether weight_rms scales as n_w to the power of -1/2, or of -1, over the widths."""
    kept = plateau.dropna("hidden", subset=["weight_rms"])
    found = exponent(kept.n_w, kept.weight_rms.transpose("hidden", "seed"))
    return [
        judged(
            found,
            power - EXPONENT_WITHIN,
            power + EXPONENT_WITHIN,
            predicted=power,
            tolerance=EXPONENT_WITHIN,
            claim=3,
            kind="prediction",
            statement=f"plateau scales as n_w^({label}) (exponent)",
            scope=f"{plateau.part.values}, {_range(plateau)}",
            why=f"fit over {kept.sizes['hidden']} widths, asked ± 1/12",
        )
        for label, power in POWERS
    ]


def _balance(plateau: xr.Dataset, runs: xr.Dataset) -> list[Verdict]:
    """plateau_rms with Q of the same run (an identity), of the other seeds, and carried over from other widths."""
    law = {"lmbda": runs.lmbda, "n": runs.n, "n_w": plateau.n_w}
    where = {"claim": 3, "scope": f"{plateau.part.values}, {_range(plateau)}"}
    others = (plateau.Q.sum("seed") - plateau.Q) / (plateau.Q.count("seed") - 1)
    log_n, log_q = np.log(plateau.n_w), np.log(plateau.Q.mean("seed"))
    fitted, applied = slice(0, None, 2), slice(1, None, 2)
    line = np.polyfit(log_n.isel(hidden=fitted), log_q.isel(hidden=fitted), 1)
    carried = xr.where(log_n.hidden.isin(log_n.hidden[applied]), np.exp(line[0] * log_n + line[1]), np.nan)
    cases: list[tuple[Kind, Any, float, str]] = [
        ("identity", plateau.Q, IDENTITY_WITHIN, "plateau from the norm balance, Q of the same run"),
        ("prediction", others, PREDICTION_WITHIN, "plateau from the norm balance, Q of the other seeds"),
        ("prediction", carried, PREDICTION_WITHIN, "plateau from the norm balance, Q fitted on every other width"),
    ]
    return [
        compare(
            plateau.weight_rms,
            wd.theory.evaluate("tail_off", "plateau_rms", plateau, Q=Q, **law),
            within,
            kind=kind,
            statement=statement,
            **where,
        )
        for kind, Q, within, statement in cases
    ]


def _exponent_in_lmbda(plateau: xr.Dataset) -> Verdict:
    """Whether the plateau scales as lmbda to the power of -1/2, as it would if Q did not depend on lmbda."""
    kept = plateau.dropna("lmbda", subset=["weight_rms"])
    scope = f"{plateau.part.values}, {_range(plateau)}"
    statement = "plateau scales as lmbda^(-1/2) (exponent)"
    if kept.sizes["lmbda"] < 3:
        return undecided(
            f"only {kept.sizes['lmbda']} values of lmbda reached a plateau",
            claim=3,
            statement=statement,
            scope=scope,
            tolerance=EXPONENT_WITHIN,
        )
    found = exponent(kept.lmbda, kept.weight_rms.transpose("lmbda", "seed"))
    return judged(
        found,
        -0.5 - EXPONENT_WITHIN,
        -0.5 + EXPONENT_WITHIN,
        predicted=-0.5,
        tolerance=EXPONENT_WITHIN,
        claim=3,
        kind="prediction",
        statement=statement,
        scope=scope,
        why=f"fit over {kept.sizes['lmbda']} values, asked ± 1/12",
    )


def _range(plateau: xr.Dataset) -> str:
    axis = "hidden" if "hidden" in plateau.dims else "lmbda"
    return f"{axis} {plateau[axis].values[0]:g} to {plateau[axis].values[-1]:g}"


def _plateau_table(plateau: xr.Dataset, axis: str) -> Table:
    rows = []
    for value in plateau[axis].values:
        cell = plateau.sel({axis: value})
        for part in plateau.part.values:
            here = cell.sel(part=part)
            first = here["first"].item()
            rows.append(
                (
                    f"{value:g}",
                    str(part),
                    f"{here.n_w.item():g}",
                    f"{first:g}" if np.isfinite(first) else "not reached",
                    str(t_interval(here.weight_rms)),
                    str(t_interval(here.Q)),
                    f"{here.drift_share.mean().item():.0%}",
                    f"{here.cost.mean().item():.4f}",
                    f"{here.reg_over_cost.mean().item():.3f}",
                )
            )
    columns = (axis, "part", "n_w", "from epoch", "weight_rms", "Q", "drift in Q", "C₀", "ρ = reg/C₀")
    note = (
        "Means over the stationary window and 95 % intervals over seeds; Q = n_w λ w²/n is what the gradient supplies."
    )
    return Table(f"Plateau by {axis}", columns, tuple(rows), note)


def _candidate_table(plateau: xr.Dataset, candidates: xr.DataArray) -> Table:
    rows = []
    for part in plateau.part.values:
        for name in candidates.candidate.values:
            ratio = (candidates.sel(candidate=name, part=part) / plateau.weight_rms.sel(part=part)).mean("seed")
            rows.append((str(part), str(name), *(f"{r:.3g}" for r in ratio.values), CANDIDATES[str(name)][1]))
    columns = ("part", "candidate", *(f"h={h}" for h in plateau.hidden.values), "measured inputs")
    return Table("Candidates: ratio of each to the measurement", columns, tuple(rows), "1 would be right.")


def _draw(widths: xr.Dataset, lmbdas: xr.Dataset, candidates: xr.DataArray, dataset: str):
    from wd_jax.figures import tail_off

    return tail_off.figure(widths, lmbdas, candidates, dataset)
