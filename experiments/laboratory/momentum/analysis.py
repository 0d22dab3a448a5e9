"""Hold the recorded weights against the closed forms, and the approximations against what was recorded."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.momentum import laws, measured
from experiments.laboratory.momentum.settings import EXACT, NAME, RIVAL, RULES, STEPWISE, TITLES, Settings
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Kind, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Momentum: exact decay, and where weights begin to oscillate"
COUPLED = RULES[:2]
BELOW, BEYOND = "below the critical decay", "beyond the critical decay"


def analyse(preset: Settings, data: object, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge paths, factors per epoch, the modulus, and the place where roots meet; then what is held up beside them."""
    runs, first = stored[NAME], stored[STEPWISE]
    verdicts = (
        *(_path(runs, first, rule, where) for rule in COUPLED for where in (BELOW, BEYOND)),
        _path(runs, first, "sgdw", ""),
        *(_factor(runs, rule) for rule in COUPLED),
        *(_modulus(runs, rule) for rule in COUPLED),
        *(_meeting(runs, rule) for rule in COUPLED),
        *_beside(runs),
    )
    tables = (_rates(runs), _critical(runs))
    return Outcome(NAME, TITLE, _answer(verdicts, runs), verdicts, tables, lambda: _draw(runs, first))


def errors(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give how far every recorded weight is from its law, over the size that is left: the law's, or its envelope.

    Returns
    -------
    xarray.DataArray [momentum, share, seed, record]
    """
    start = runs.weight.sel(rule=rule, drop=True).isel(record=0, drop=True)
    found = runs.weight.sel(rule=rule, drop=True) / start
    law = laws.path(runs, rule)
    left = law if rule == "sgdw" else law.where(law.share < 1, laws.envelope(runs, rule) ** runs.steps)
    return abs(found - law) / abs(left)


def _side(values: xr.DataArray, where: str) -> xr.DataArray:
    return values.sel(share=values.share < 1) if where == BELOW else values.sel(share=values.share > 1)


def _worst(values: xr.DataArray) -> float:
    """Give the largest, or NaN if any is."""
    return float(values.max(skipna=False)) if values.size else float("nan")


def _scope(runs: xr.Dataset, where: str = "") -> str:
    """Say for which momentum and decay."""
    mu = ", ".join(f"{value:g}" for value in runs.momentum.values)
    shares = _side(runs.share, where).values if where else runs.share.values
    return f"μ = {mu}; ε from {shares[0]:g} to {shares[-1]:g} times the critical one" if shares.size else f"μ = {mu}"


def _judge(error: float, statement: str, scope: str, *, kind: Kind = "prediction", rests_on: str = "") -> Verdict:
    most = RIVAL.value if kind == "rival" else EXACT.value
    words = {"claim": NAME, "statement": statement, "scope": scope, "kind": kind, "rests_on": rests_on}
    return exact.verdict(error, most, **words)


def _path(runs: xr.Dataset, first: xr.Dataset, rule: str, where: str) -> Verdict:
    both = [errors(one, rule) for one in (runs, first)]
    error = float(np.max([_worst(_side(one, where) if where else one) for one in both]))  # NaN if any is
    form = "(1 - ε)^k, whatever μ is" if rule == "sgdw" else "the closed form of two modes"
    suffix = f", {where}" if where else ""
    statement = f"{TITLES[rule]}{suffix}: every recorded weight is {form}"
    steps = int(runs.steps.max())
    return _judge(error, statement, f"{_scope(runs, where)}; {first.sizes['record'] - 1} steps and up to {steps}")


def _factor(runs: xr.Dataset, rule: str) -> Verdict:
    law = xr.ufuncs.exp(-laws.rate(runs, rule) * runs.n)
    error = abs(measured.last_factor(runs, rule) / law - 1)
    statement = f"{TITLES[rule]}, {BELOW}: the factor of a late epoch is the slow root to the power of its steps"
    return _judge(_worst(_side(error, BELOW)), statement, _scope(runs, BELOW))


def _modulus(runs: xr.Dataset, rule: str) -> Verdict:
    found = measured.modulus(runs, rule)
    law = laws.envelope(runs, rule)
    error = _worst(_side(abs(found / law - 1), BEYOND))
    what = "√μ whatever λ is, as long as ε < (1 + √μ)²" if rule == "momentum" else "√(μ(1 - ε))"
    statement = f"{TITLES[rule]}, {BEYOND}: an oscillation shrinks per step by {what}"
    return _judge(error, statement, _scope(runs, BEYOND))


def _meeting(runs: xr.Dataset, rule: str) -> Verdict:
    name = "nesterov_critical_lmbda" if rule == "nesterov" else "critical_lmbda"
    law = wd.theory.evaluate("momentum", name, runs.drop_vars(["lmbda", "rule"])) * runs.eta / runs.n
    error = _worst(abs(measured.meeting(runs, rule) / law - 1))
    form = "((1 - μ)/(1 + μ))²" if rule == "nesterov" else "(1 - √μ)²"
    statement = f"{TITLES[rule]}: extrapolated from oscillating weights, the roots meet at ε = {form}"
    return _judge(error, statement, f"μ = {', '.join(f'{value:g}' for value in runs.momentum.values)}")


def measured_rate(runs: xr.Dataset, rule: str) -> xr.DataArray:
    """Give the rate per step in the long run, as recorded.

    Returns
    -------
    xarray.DataArray [momentum, share, seed]
    """
    late = -xr.ufuncs.log(measured.last_factor(runs, rule)) / runs.n.reset_coords(drop=True)
    waning = -xr.ufuncs.log(measured.modulus(runs, rule))
    return xr.concat((late, waning), "share", coords="minimal", compat="override").transpose(
        "momentum", "share", "seed"
    )


def _approximations(runs: xr.Dataset, rule: str) -> dict[str, xr.DataArray]:
    epsilon = runs.epsilon.sel(rule=rule, drop=True)
    found = {"naive": laws.naive_rate(epsilon, runs.momentum)}
    return found | ({"oscillator": laws.oscillator_rate(epsilon, runs.momentum)} if rule == "momentum" else {})


def off(runs: xr.Dataset, rule: str, name: str) -> xr.DataArray:
    """Give the relative error of a rate by an approximation, against the recorded one: [momentum, share]."""
    found = measured_rate(runs, rule).mean("seed", skipna=False)
    return _approximations(runs, rule)[name] / found - 1


def _beside(runs: xr.Dataset) -> tuple[Verdict, ...]:
    found = []
    for rule in COUPLED:
        for where in (BELOW, BEYOND):
            statement = f"{TITLES[rule]}, {where}: the rate ε/(1 - μ) would do"
            error = _worst(abs(_side(off(runs, rule, "naive"), where)))
            found.append(_judge(error, statement, _scope(runs, where), kind="rival"))
    for where in (BELOW, BEYOND):
        statement = f"heavy ball, {where}: the damped oscillator in continuous time would do"
        error = _worst(abs(_side(off(runs, "momentum", "oscillator"), where)))
        found.append(_judge(error, statement, _scope(runs, where), kind="rival"))
    return tuple(found)


def _rates(runs: xr.Dataset) -> Table:
    rows = []
    for rule in COUPLED:
        law, found = laws.rate(runs, rule), measured_rate(runs, rule).mean("seed", skipna=False)
        beside = _approximations(runs, rule)
        for mu in runs.momentum.values:
            for share in runs.share.values[1::2]:
                at = {"momentum": mu, "share": share}
                gaps = [f"{float(off(runs, rule, name).sel(at)):+.2%}" for name in beside]
                numbers = [f"{float(one.sel(at)):.9g}" for one in (found, law)]
                rows.append((TITLES[rule], float(mu), float(share), *numbers, *gaps, *[""] * (2 - len(gaps))))
    columns = (
        "rule",
        "μ",
        "ε / critical",
        "rate measured",
        "rate exact",
        "ε/(1 - μ) is off by",
        "oscillator is off by",
    )
    note = "Every second decay; the rate per step in the long run, of the size of the oscillation where there is one."
    return Table("Rates of decay with momentum", columns, tuple(rows), note)


def _critical(runs: xr.Dataset) -> Table:
    from experiments.laboratory.momentum.simulation import critical

    rows = []
    for rule in COUPLED:
        found = measured.meeting(runs, rule).mean("seed", skipna=False)
        for mu in runs.momentum.values:
            beside = f"{laws.oscillator_critical(mu):.9g}" if rule == "momentum" else ""
            rows.append(
                (TITLES[rule], float(mu), f"{float(found.sel(momentum=mu)):.12g}", f"{critical(rule, mu):.12g}", beside)
            )
    return Table("Critical decay", ("rule", "μ", "ε measured", "ε exact", "ε of the oscillator"), tuple(rows))


def _answer(verdicts: tuple[Verdict, ...], runs: xr.Dataset) -> str:
    predictions = [one for one in verdicts if one.kind == "prediction"]
    held = sum(one.verdict == "holds" for one in predictions)
    worst = float(np.max([one.measured for one in predictions]))
    gap = abs(off(runs, "momentum", "naive"))
    good = right_up_to(gap.share.values, (gap <= RIVAL.value).all("momentum").values)
    there = "at none of these decays" if good is None else f"up to ε = {good:g} of the critical one"
    return (
        f"{held} of {len(predictions)} closed forms hold; the largest relative error is {worst:.1e}. At "
        f"{float(_side(runs.share, BELOW).max()):g} of the critical decay heavy ball decays {_faster(runs):.0%} faster "
        "than ε/(1 - μ) says, and beyond the critical one by √μ per step, whatever λ is, until weights grow; that "
        f"simple rate is right to {RIVAL.value:.0%} {there}. Nesterov's go on to decay faster as λ grows. With SGDW "
        "momentum changes nothing."
    )


def right_up_to(shares: np.ndarray, right: np.ndarray) -> float | None:
    """Give the last share of the critical decay before the first at which a form is off; None if it is off at once.

    Parameters
    ----------
    shares : array [share]
        Rising.
    right : array [share] of bool
        Whether the form is right there; where errors change their sign one can be right by itself, which counts for
        nothing.

    Examples
    --------
    >>> right_up_to(np.array([0.1, 1.0, 2.0]), np.array([True, False, True]))
    0.1
    """
    first = int(np.argmin(right)) if not right.all() else right.size
    return float(shares[first - 1]) if first else None


def _faster(runs: xr.Dataset) -> float:
    """Say by how much heavy ball is faster than the naive rate, at most, below the critical decay."""
    return float((1 / (1 + _side(off(runs, "momentum", "naive"), BELOW)) - 1).max())


def _draw(runs: xr.Dataset, first: xr.Dataset) -> "Figure":
    from experiments.laboratory.momentum import figure

    return figure.figure(runs, first)
