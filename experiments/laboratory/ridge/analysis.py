"""Judge what minibatch SGD made of a ridge regression: the exact law, and the two forms in use."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.ridge import moments, proved, tables
from experiments.laboratory.ridge.measure import training_set
from experiments.laboratory.ridge.settings import (
    ADDITIVE_SHORT,
    FLOW_SHORT,
    MEAN_WITHIN,
    NAME,
    PROVED,
    ROUNDING,
    SHORT,
    WITHIN,
    Case,
    Settings,
)
from wd_jax.stats.comparison import judged
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from wd_jax.data import Dataset

TITLE = "Ridge regression: where minibatch SGD rests, exactly"
LAWS = {"exact": moments.at_rest, "additive": moments.additive_at_rest, "flow": moments.flow_at_rest}
NAMES = {
    "exact": "the exact law",
    "additive": "noise that does not depend on the weights",
    "flow": "Ornstein-Uhlenbeck (Mandt, Hoffman and Blei)",
}


def analyse(preset: Settings, data: "Dataset | None", stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge mean and covariance at rest and on the way.

    Parameters
    ----------
    preset : Settings
        With which it was measured.
    data : None
        Nothing is needed.
    stored : dict of str to xarray.Dataset
        What `measure` returned, by name.

    Returns
    -------
    Outcome
    """
    runs = stored[NAME]
    rest, way = at_rest(preset, runs), on_the_way(preset, runs)
    verdicts = (*_exact(preset, runs), *_followed(preset, way), *_resting(preset, rest), *_short(preset, rest))
    return Outcome(
        NAME,
        TITLE,
        _answer(verdicts, rest),
        verdicts,
        (tables.at_rest(preset, rest, ratios(rest)), tables.on_the_way(way)),
        lambda: _draw(preset, rest, way),
    )


def problem(runs: xr.Dataset, seed: int, case: Case) -> moments.Regression:
    """Build the regression of a seed and a case from what is stored."""
    one = {name: runs[name].isel(seed=seed).values for name in ("inputs", "teacher", "noise")}
    return moments.regression(*training_set(one, case.d), case.lmbda)


def at_rest(preset: Settings, runs: xr.Dataset) -> xr.Dataset:
    """Put the covariances at rest beside what the law and its rivals say.

    Returns
    -------
    xarray.Dataset
        `measured`, `exact`, `additive`, `flow` [case, seed]: traces; `along`, `along_exact` [seed, direction]:
        variances in the eigenbasis of the mean curvature, of the tested case; `radius` [case, seed].
    """
    shape = (len(preset.cases), runs.sizes["seed"])
    traces = {name: np.full(shape, np.nan) for name in ("measured", "radius", *LAWS)}
    along: dict[str, list[np.ndarray]] = {"along": [], "along_exact": []}
    for i, case in enumerate(preset.cases):
        for j in range(shape[1]):
            one = problem(runs, j, case)
            mean, moment = (runs[name].isel(case=i, seed=j).values for name in ("rest_mean", "rest_moment"))
            held = moment[: case.d, : case.d] - np.outer(mean, mean)[: case.d, : case.d]
            predicted = {name: law(one, case.eta, case.m) for name, law in LAWS.items()}
            traces["measured"][i, j] = np.trace(held)
            traces["radius"][i, j] = moments.radius(one, case.eta, case.m)
            for name, covariance in predicted.items():
                traces[name][i, j] = np.trace(covariance)
            if case == preset.tested:
                basis = np.linalg.eigh(one.mean_map)[1]
                along["along"].append(np.diag(basis.T @ held @ basis))
                along["along_exact"].append(np.diag(basis.T @ predicted["exact"] @ basis))
    found = {name: (("case", "seed"), values) for name, values in traces.items()}
    directions = np.arange(1, preset.tested.d + 1)
    found |= {name: (("seed", "direction"), np.array(values)) for name, values in along.items()}
    labels = {"case": [str(case) for case in preset.cases], "seed": runs.seed.values, "direction": directions}
    return xr.Dataset(found, labels)


def on_the_way(preset: Settings, runs: xr.Dataset) -> xr.Dataset:
    """Put the way from 0 beside the law: the mean along the predicted one, and the mean square distance.

    Returns
    -------
    xarray.Dataset
        `mean`, `mean_exact`, `square`, `square_exact`, `square_additive` [seed, step]; `start` [seed], the distance of
        0 from the optimum.
    """
    case, rows = preset.tested, []
    for j in range(runs.sizes["seed"]):
        one, start, steps = problem(runs, j, case), np.zeros(case.d), runs.sizes["step"]
        means, squares = moments.path(one, case.eta, case.m, start, steps)
        plain = moments.additive_path(one, case.eta, case.m, start, steps)
        length = np.linalg.norm(means[1:], axis=1)
        seen, moment = runs.path_mean.isel(seed=j).values, runs.path_moment.isel(seed=j).values
        rows.append(
            {
                "mean": (seen * means[1:]).sum(axis=1) / length,
                "mean_exact": length,
                "square": np.trace(moment, axis1=1, axis2=2),
                "square_exact": np.trace(squares[1:], axis1=1, axis2=2),
                "square_additive": np.trace(plain[1:], axis1=1, axis2=2),
            }
        )
    variables: dict[str, Any] = {name: (("seed", "step"), np.array([row[name] for row in rows])) for name in rows[0]}
    best = [problem(runs, j, case).best for j in range(runs.sizes["seed"])]
    variables["start"] = ("seed", np.linalg.norm(best, axis=1))
    return xr.Dataset(variables, {"seed": runs.seed.values, "step": runs.step.values})


def _exact(preset: Settings, runs: xr.Dataset) -> tuple[Verdict, ...]:
    """Judge what chance plays no part in: one step over all minibatches, and the proved forms."""
    case = preset.tested
    mean, moment = moments.path(problem(runs, 0, case), case.eta, case.m, np.zeros(case.d), 1)
    off = [
        np.abs(runs[name].values - law[1]).max() / np.abs(law[1]).max()
        for name, law in (("all_mean", mean), ("all_moment", moment))
    ]
    closed = [
        proved.error(problem(runs, j, case._replace(d=d)), case.eta, case.m, d)
        for j in range(runs.sizes["seed"])
        for d in (1, 2)
        if d <= runs.sizes["a"]
    ]
    return (
        exact.verdict(
            float(np.max(off)),
            ROUNDING.value,
            claim=NAME,
            kind="identity",
            statement="one step averaged over all minibatches has the law's mean and second moment",
            scope=f"{case}, all {preset.n**case.m} minibatches of seed {int(runs.seed[0])}",
        ),
        exact.verdict(
            float(np.max(closed)) if closed else np.nan,
            PROVED.value,
            claim=NAME,
            kind="identity",
            statement="the linear system gives what the proved closed forms give",
            scope="one and two weights, every training set",
        ),
    )


def _followed(preset: Settings, way: xr.Dataset) -> tuple[Verdict, ...]:
    chosen = way.sel(step=list(preset.steps_followed))
    steps = " and ".join(map(str, preset.steps_followed))
    where = f"{preset.tested}, from weights of 0, after {steps} steps"

    def one(name: str, law: str, statement: str, kind: Any = "prediction") -> Verdict:
        return wd.compare(
            chosen[name], chosen[law], WITHIN.value, claim=NAME, kind=kind, statement=statement, scope=where
        )

    left, left_exact = (xr.ufuncs.log(chosen[name] / chosen.start) for name in ("mean", "mean_exact"))
    return (
        wd.compare(
            left,
            left_exact,
            MEAN_WITHIN.value,
            claim=NAME,
            statement="the mean shrinks towards the optimum by the law's factor (its logarithm)",
            scope=where,
        ),
        one("square", "square_exact", "the mean square distance is the law's"),
        one("square", "square_additive", f"the mean square distance by {NAMES['additive']}", "rival"),
    )


def _resting(preset: Settings, rest: xr.Dataset) -> tuple[Verdict, ...]:
    tested, others = str(preset.tested), [str(case) for case in preset.cases[1:]]
    settled = f"{tested}, at rest"
    found = [
        wd.compare(
            rest.along,
            rest.along_exact,
            WITHIN.value,
            claim=NAME,
            statement="the variance along each direction of the curvature is the law's",
            scope=settled,
        )
    ]
    for name, words in NAMES.items():
        kind: Any = "prediction" if name == "exact" else "rival"
        cells = [(rest.sel(case=tested, drop=True), settled)]
        cells += [(rest.sel(case=others), "the other settings, at rest")] if others else []
        found += [
            wd.compare(
                one.measured,
                one[name],
                WITHIN.value,
                claim=NAME,
                kind=kind,
                statement=f"the trace of the covariance is that of {words}",
                scope=where,
            )
            for one, where in cells
        ]
    return tuple(found)


def _short(preset: Settings, rest: xr.Dataset) -> tuple[Verdict, ...]:
    """How far the usual forms are off, as was said beforehand."""
    tested = rest.sel(case=str(preset.tested), drop=True)
    half = SHORT.value
    return tuple(
        judged(
            t_interval((tested[name] / tested.measured - 1).values),
            said - half,
            said + half,
            predicted=said,
            tolerance=half,
            why="the form over what was measured, less 1, averaged over training sets",
            claim=NAME,
            kind="prediction",
            statement=f"{NAMES[name]} is {-said:.0%} too small",
            scope=f"{preset.tested}, at rest",
            seeds=rest.sizes["seed"],
            rests_on="the exact law of the trace",
        )
        for name, said in (("additive", ADDITIVE_SHORT), ("flow", FLOW_SHORT))
    )


def ratios(rest: xr.Dataset) -> xr.Dataset:
    """Give every form over what was measured [case, seed]."""
    return xr.Dataset({name: rest[name] / rest.measured for name in LAWS})


def _answer(verdicts: tuple[Verdict, ...], rest: xr.Dataset) -> str:
    over = ratios(rest).isel(case=0).mean("seed")
    law = [one for one in verdicts if one.kind == "prediction" and not one.rests_on]
    kept = sum(one.verdict == "holds" for one in law)
    worst = {name: float(ratios(rest)[name].mean("seed").min()) - 1 for name in ("additive", "flow")}
    return (
        f"{kept} of {len(law)} questions about the exact law hold at {WITHIN.value:.1%}: mean, mean square and "
        f"covariance of minibatch SGD with replacement. Noise that does not depend on the weights gives a covariance "
        f"{float(1 - over.additive):.0%} too small in the tested case and Ornstein-Uhlenbeck "
        f"{float(1 - over.flow):.0%} ({-worst['additive']:.0%} and {-worst['flow']:.0%} where they are worst): the "
        "noise grows with the distance from the optimum, and both leave that out."
    )


def _draw(preset: Settings, rest: xr.Dataset, way: xr.Dataset) -> Any:
    from experiments.laboratory.ridge import figure

    return figure.figure(preset, ratios(rest), way)
