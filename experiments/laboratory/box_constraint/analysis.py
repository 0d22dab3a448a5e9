"""Train Lion and AdamW to rest, and hold what they end in against the least squares in the box."""

from typing import Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.box_constraint import settings as chosen
from experiments.laboratory.box_constraint.settings import ADAMW, EXACT, NAME, RATE, SCHEDULES, SIGNS, Settings
from wd_jax.data import Dataset
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

TITLE = "What AdamW and Lion solve: the least cost in a box"
OUTSIDE = {"Lion, pushed outward": (0, True), "Lion, least squares": (0, False), "AdamW, least squares": (-1, False)}
"""Runs from outside of the box: which rule, by its place, and whether the cost pushes every weight outward."""


def measure(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Train on least squares, from outside of the box, and a single weight.

    Returns
    -------
    xarray.Dataset
        Over `seed`: largest distance of a weight from the solution by rule, schedule, decay and record, and the rest.
    """
    import jax

    from experiments.laboratory.box_constraint import simulation as sim

    seeds, rules = preset.seeds_of(preset.seeds), sim.labels(preset)
    with jax.enable_x64(True):
        found = [
            [sim.distances(preset, rule, betas, schedule, seeds) for schedule in SCHEDULES]
            for rule, betas in rules.values()
        ]
        ways = list(rules.values())
        outside = [
            sim.from_outside(preset, ways[place][0], ways[place][1], linear, seeds)
            for place, linear in OUTSIDE.values()
        ]
        rates = sim.rates(preset, np.exp(rate_law(preset).values), seeds)
    together = {name: np.array([[one[name] for one in row] for row in found]) for name in found[0][0]}
    return xr.Dataset(
        {
            "distance": (("rule", "schedule", "decay", "step", "seed"), together["distance"]),
            "pairing": (("rule", "schedule", "decay", "seed"), together["pairing"]),
            "inside": (("decay", "seed"), together["inside"][0, 0]),
            "outside": (("run", "seed", "outside_step"), np.array(outside)),
            "rate": (("beta2", "share", "seed"), rates),
        },
        {
            "seed": list(seeds),
            "rule": list(rules),
            "schedule": list(SCHEDULES),
            "decay": list(preset.weight_decay),
            "step": np.arange(1, preset.records + 1) * (preset.steps // preset.records),
            "run": list(OUTSIDE),
            "outside_step": np.arange(1, preset.outside_steps + 1),
            "beta2": list(preset.rate_beta2),
            "share": list(preset.shares),
        },
    )


def rate_law(preset: Settings) -> xr.DataArray:
    """Logarithm per step by which AdamW's gradient falls, [beta2, share]."""
    import derivations

    law = derivations.derive("box_constraint").formulas["gradient_factor"]
    values = [[np.log(law(beta2=b, box_share=u)) for u in preset.shares] for b in preset.rate_beta2]
    where = {"beta2": list(preset.rate_beta2), "share": list(preset.shares)}
    return xr.DataArray(values, where, ("beta2", "share"))


def bound_law(preset: Settings) -> np.ndarray:
    """Give what no weight exceeds after each step from outside, with L = 1, [step]."""
    import derivations

    law = derivations.derive("box_constraint").formulas["weight_abs_after"]
    steps = np.arange(1, preset.outside_steps + 1)
    return np.asarray(law(weight_abs_0=preset.starts_at, eta=preset.eta, weight_decay=1.0, step=steps))


def analyse(preset: Settings, data: Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge where the rules end, how they get into the box, and how fast AdamW gets to its rest."""
    found = stored[NAME]
    verdicts = (*_solved(preset, found), *_outside(preset, found), _rate(preset, found))
    tables = (_distances(found), _rates(preset, found))

    def draw() -> Any:
        from experiments.laboratory.box_constraint import figure

        return figure.figure(preset, found, bound_law(preset))

    return Outcome(NAME, TITLE, _answer(preset, found), verdicts, tables, draw)


def _solved(preset: Settings, found: xr.Dataset) -> tuple[Verdict, ...]:
    verdicts = []
    training = f"{preset.seeds} problems, {preset.steps} steps"
    for rule in found.rule.values.tolist():
        most = (SIGNS if rule == "Lion" else ADAMW).value
        cosine, linear = (found.sel(rule=rule, schedule=schedule) for schedule in SCHEDULES)
        ended = {f"L = {decay:g}": cosine.distance.sel(decay=decay).isel(step=-1) for decay in preset.weight_decay}
        cells = [(f"{at}, {training}, the rate to 0 as a cosine", distance) for at, distance in ended.items()]
        cells.append((f"every L, {training}, the rate to 0 linearly", linear.distance.isel(step=-1)))
        verdicts += [
            exact.verdict(
                _largest(distance),
                most,
                claim=NAME,
                statement=f"{rule} ends at the least squares in the box |w| <= 1/L",
                scope=scope,
                why="the largest distance of a weight; "
                f"{int((distance <= most).sum())} of {distance.size} runs within the tolerance",
            )
            for scope, distance in cells
        ]
        verdicts.append(
            exact.verdict(
                _largest(cosine.pairing),
                most,
                claim=NAME,
                statement=f"{rule} ends where <L w, g> = -|g|_1",
                scope=f"every L, {training}, the rate to 0 as a cosine",
                why="the largest difference over |g|_1",
            )
        )
    return tuple(verdicts)


def _largest(errors: xr.DataArray) -> float:
    """Give the largest error; NaN where any is missing, so that nothing is decided."""
    return float(errors.max(skipna=False))


def _outside(preset: Settings, found: xr.Dataset) -> tuple[Verdict, ...]:
    bound = xr.DataArray(bound_law(preset), dims="outside_step")
    over = (found.outside - bound) / bound
    scope = f"{preset.outside_steps} steps from {preset.starts_at:g}/L"
    pushed, lion, adamw = (over.sel(run=run) for run in OUTSIDE)
    said = "outside of the box |w| - 1/L <= (1 - eta L)^t (|w_0| - 1/L)"
    return (
        exact.verdict(
            _largest(abs(pushed)),
            EXACT.value,
            claim=NAME,
            kind="identity",
            statement=f"Lion: {said}, with equality where the gradient pushes outward",
            scope=scope,
        ),
        exact.verdict(
            _largest(lion.clip(min=0)),
            EXACT.value,
            claim=NAME,
            statement=f"Lion: {said}",
            scope=f"{scope}, least squares",
            why="the largest excess over the bound",
        ),
        exact.verdict(
            _largest(adamw.clip(min=0)),
            EXACT.value,
            claim=NAME,
            kind="rival",
            statement=f"AdamW, as if it took steps of a sign: {said}",
            scope=f"{scope}, least squares, beta2 = {max(preset.beta2):g}",
            why="the largest excess over the bound: where it remembers small gradients it takes larger steps",
        ),
    )


def _rate(preset: Settings, found: xr.Dataset) -> Verdict:
    return wd.compare(
        found.rate,
        rate_law(preset),
        RATE.value,
        claim=NAME,
        statement="AdamW: rate at which a gradient falls whose weight comes to rest at the share u of 1/L",
        scope=f"one weight, constant learning rate, beta1 = {chosen.BETA1:g}",
    )


def _answer(preset: Settings, found: xr.Dataset) -> str:
    ended = found.distance.sel(schedule=SCHEDULES[0]).isel(step=-1)
    lion, worst = ended.sel(rule="Lion"), ended.isel(rule=-1)
    linear = found.distance.sel(schedule=SCHEDULES[1], rule="Lion").isel(step=-1)
    best = found.rule.values[1]
    slow = -1 / np.log(_factor(max(preset.beta2), float(found.inside.max())))
    return (
        f"The least squares in the box |w| <= 1/L, if one waits. After {preset.steps} steps with a learning rate that "
        f"falls to 0 as a cosine Lion is off by {float(lion.max()):.0e} at most, and where it falls linearly, so that "
        f"its last steps are larger, by {float(linear.max()):.1e}. AdamW goes there too, but its beta2 has to forget "
        f"gradients that go to 0: with {best.split('= ')[1]} it is off by {float(ended.isel(rule=1).max()):.0e}, "
        f"with {max(preset.beta2):g} by {float(worst.max()):.2g}. A weight that comes to rest at the share u of its "
        "bound needs 2/((1 - beta2)(1 - u²)) steps for a factor e, whatever the learning rate is: for the farthest "
        f"one inside, u = {float(found.inside.max()):.3f}, that is {slow:.0f} steps."
    )


def _factor(beta2: float, share: float) -> float:
    import derivations

    return float(derivations.derive("box_constraint").formulas["gradient_factor"](beta2=beta2, box_share=share))


def _distances(found: xr.Dataset) -> Table:
    ended = found.distance.isel(step=-1)
    rows = [
        (
            str(rule),
            f"{decay:g}",
            *(f"{float(ended.sel(rule=rule, decay=decay, schedule=s).median()):.1e}" for s in found.schedule.values),
            *(f"{float(ended.sel(rule=rule, decay=decay, schedule=s).max()):.1e}" for s in found.schedule.values),
            f"{float(found.pairing.sel(rule=rule, decay=decay, schedule=SCHEDULES[0]).max()):.1e}",
        )
        for rule in found.rule.values
        for decay in found.decay.values
    ]
    columns = ("rule", "L", *(f"{what}, {s}" for what in ("median", "largest") for s in SCHEDULES), "pairing, largest")
    note = (
        "Distance of the weight that is farthest from the solution in the box, over the problems; the learning rate "
        "goes to 0 as a cosine or linearly. Pairing: how far <L w, g> is from -|g|_1, over |g|_1."
    )
    return Table("Where the weights end", columns, tuple(rows), note)


def _rates(preset: Settings, found: xr.Dataset) -> Table:
    law = rate_law(preset)
    rows = [
        (
            f"{b:g}",
            f"{u:g}",
            str(t_interval(-found.rate.sel(beta2=b, share=u).values)),
            f"{-float(law.sel(beta2=b, share=u)):.4e}",
        )
        for b in found.beta2.values
        for u in found.share.values
    ]
    columns = ("beta2", "share u of the bound", "fall of ln g per step", "by the law")
    return Table("How fast AdamW comes to rest", columns, tuple(rows))
