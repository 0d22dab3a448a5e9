"""Values at rest, the jump, the trap and balance: each against its law, and two simpler forms beside them."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from experiments.laboratory import exact
from experiments.laboratory.factors.laws import at_rest, branch, law
from experiments.laboratory.factors.measuring import DEPTHS, Settings
from experiments.tolerance import Tolerance
from wd_jax.display import number
from wd_jax.stats.comparison import compare
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "factors"
TITLE = "L2 on factors: a softer fit, or a jump to nothing"
DAY = "2026-11-29"
VALUES = Tolerance(
    "factors: VALUES", (NAME,), (1e-6,), "error of a value after gradient descent, over its target", "as asked", DAY
)
SGD = Tolerance("factors: SGD", (NAME,), (0.01,), "relative error of a value under SGD", "as asked", DAY)
JUMP = Tolerance("factors: JUMP", (NAME,), (0.03,), "relative error of the lmbda of the jump", "as asked", DAY)
CLOSURE = Tolerance(
    "factors: CLOSURE", (NAME,), (1e-12,), "error of a step's balance, over the squares", "float64 rounding", DAY
)
TRAP = Tolerance(
    "factors: TRAP", (NAME,), (0.01,), "relative error of the start that divides", "five times the grid's step", DAY
)
NEAR = Tolerance(
    "factors: NEAR",
    (NAME,),
    (0.95, 1.05),
    "shares of the lmbda of the jump between which a value is not judged as at rest",
    "it is reached ever more slowly towards the jump",
    DAY,
)
TOLERANCES = (VALUES, SGD, JUMP, CLOSURE, TRAP, NEAR)


def analyse(preset: Settings, data: object, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge every law of products of factors."""
    two, noisy, raised, chain = (stored[f"{NAME}{end}"] for end in ("", "_sgd", "_jump", "_chain"))
    jumps = found_jumps(raised)
    verdicts = (
        *_values(preset, two, noisy),
        *_jumps(preset, raised, jumps),
        *_balance(preset, chain),
        _trap(preset, chain),
    )
    tables = (_sgd_table(preset, noisy), _jump_table(preset, jumps))
    return Outcome(
        NAME, TITLE, _answer(preset, noisy, jumps, verdicts), verdicts, tables, lambda: _draw(preset, stored)
    )


def found_jumps(raised: xr.Dataset) -> xr.DataArray:
    """Give the lmbda at which each value fell below half of the fold's product: between two levels, NaN if nowhere.

    Parameters
    ----------
    raised : xarray.Dataset
        `value` [..., lmbda, ...] as decay is raised.
    """
    fold = law("fold_product", target_singular=raised.target_singular, factors=raised.factors)
    gone = raised.value < fold / 2
    first = gone.argmax("lmbda")
    level = np.sqrt(raised.lmbda.values[1:] * raised.lmbda.values[:-1])
    between = xr.DataArray(level[np.maximum(first.values, 1) - 1], first.coords, first.dims)
    return between.where(gone.any("lmbda") & (first > 0))


def _values(preset: Settings, two: xr.Dataset, noisy: xr.Dataset) -> tuple[Verdict, ...]:
    said = "two factors: every singular value is max(s − λ/n, 0)"
    error = float((abs(two.value - at_rest(two, preset.n)) / two.target_singular).max(skipna=False))
    descended = exact.verdict(
        error,
        VALUES.value,
        claim=NAME,
        statement=f"{said} (gradient descent, error over s)",
        scope=f"{two.sizes['direction']} values at {two.sizes['lmbda']} λ, {preset.seeds} random starts and targets",
    )
    law_sgd = at_rest(noisy, preset.n)
    return descended, *(
        compare(
            noisy.value.sel(eta=eta).drop_vars("target_singular"),
            law_sgd.where(law_sgd > 0).drop_vars("target_singular"),
            SGD.value,
            claim=NAME,
            kind="prediction" if eta == noisy.eta.values.min() else "rival",
            statement=f"{said} (SGD, mean over steps, those that are kept)",
            scope=f"linear network, η = {eta:g}, m = {preset.batch_size}",
        )
        for eta in noisy.eta.values
    )


def _jumps(preset: Settings, raised: xr.Dataset, jumps: xr.DataArray) -> tuple[Verdict, ...]:
    s, N, n = raised.target_singular, raised.factors, preset.n
    fold = law("fold_lmbda", target_singular=s, n=float(n), factors=N)
    tie = law("tie_lmbda", target_singular=s, n=float(n), factors=N)
    quiet, shaken = jumps.isel(noise=0, drop=True), jumps.isel(noise=1, drop=True)
    share = raised.lmbda / fold
    away = (share < NEAR.values[0]) | (share > NEAR.values[1])
    off = abs(raised.value.isel(noise=0, drop=True) - branch(s, N, raised.lmbda, n)) / s
    rest = exact.verdict(
        float(off.where(away, 0.0).max(skipna=False)),
        VALUES.value,
        claim=NAME,
        statement="three and four factors: the value p obeys (s − p) p^((N−2)/N) = λ/n, and is 0 past the jump",
        scope=f"gradient descent, λ raised in steps of {_step(raised):.1%}, below {NEAR.values[0]:g} "
        f"and above {NEAR.values[1]:g} times that of the jump; error over s",
    )
    each = tuple(
        exact.verdict(
            float(abs(quiet.sel(factors=depth) / fold.sel(factors=depth) - 1).max(skipna=False)),
            JUMP.value,
            claim=NAME,
            statement=f"{depth} factors: a value jumps to 0 at the λ of the fold",
            scope=f"gradient descent, λ raised from the trained solution, {s.size} values",
        )
        for depth in DEPTHS
    )
    bare = "target_singular"
    others = (
        ("prediction", fold, "the jump under noise is at the λ of the fold too"),
        ("rival", tie, "it jumps where the origin begins to cost less"),
    )
    return (
        rest,
        *each,
        *(
            compare(
                shaken.drop_vars(bare),
                where.drop_vars(bare),
                JUMP.value,
                claim=NAME,
                kind=kind,
                statement=f"three and four factors: {said}",
                scope=f"SGD on noisy copies of the target, standard deviation {preset.jump_noise:g}",
            )
            for kind, where, said in others
        ),
    )


def _step(raised: xr.Dataset) -> float:
    return float(raised.lmbda[1] / raised.lmbda[0] - 1)


def _balance(preset: Settings, chain: xr.Dataset) -> tuple[Verdict, ...]:
    gap, epsilon = chain.gap, chain.eta * chain.lmbda / preset.n
    kept = (1 - epsilon) ** 2 - chain.eta**2 * chain.off**2
    broken = abs(gap.shift(step=-1) - kept * gap).isel(step=slice(None, -1))
    closes = exact.verdict(
        float(broken.max(skipna=False)),
        CLOSURE.value,
        claim=NAME,
        kind="identity",
        statement="a step leaves (1 − ηL)² − η²r² of the difference of two squared factors, r what the product misses",
        scope="two to four scalar factors, every step",
    )
    late = late_factor(gap)
    at_rest_factor = law("balance_factor", eta=chain.eta, lmbda=chain.lmbda, n=float(preset.n))
    forms = (
        ("prediction", at_rest_factor, "at rest it keeps 1 − 2ηL a step"),
        ("rival", (1 - epsilon) ** 2, "at rest it keeps (1 − ηL)² a step"),
    )
    return closes, *(
        exact.verdict(
            float(abs(late / form - 1).max(skipna=False)),
            VALUES.value,
            claim=NAME,
            kind=kind,
            statement=f"difference of two squared factors: {said}",
            scope="two to four scalar factors, late in training",
        )
        for kind, form, said in forms
    )


def late_factor(gap: xr.DataArray, least: float = 1e-7) -> xr.DataArray:
    """Give the factor per step of a difference at the last step at which it is above `least`: later it is rounding.

    Parameters
    ----------
    gap : xarray.DataArray [..., step]
        Difference of squares.
    least : float
        In its unit.
    """
    large = (abs(gap) > least).isel(step=slice(1, None))
    factor = (gap / gap.shift(step=1)).isel(step=slice(1, None))
    last = large.sizes["step"] - 1 - large.isel(step=slice(None, None, -1)).argmax("step")
    return factor.isel(step=last).where(large.any("step")).drop_vars("step", errors="ignore")


def _trap(preset: Settings, chain: xr.Dataset) -> Verdict:
    N = chain.depth.drop_vars("depth").astype(float)
    least = branch(xr.ones_like(N), N, xr.full_like(N, preset.trap_lmbda), preset.n, lower=True)
    edge = least ** (1 / N)
    dead = chain.end.drop_vars("depth") < law("fold_product", target_singular=xr.ones_like(N), factors=N) / 2
    last_dead = chain.start.where(dead).max("start")
    first_kept = chain.start.where(~dead).min("start")
    apart = (last_dead < first_kept).all()
    error = float(abs((last_dead + first_kept) / 2 / edge - 1).max(skipna=False)) if apart else float("nan")
    return exact.verdict(
        error,
        TRAP.value,
        claim=NAME,
        statement="the origin is a trap: equal factors end at 0 below the smaller root of (s − w^N) w^(N−2) = λ/n, and "
        "at the minimum above it",
        scope=f"gradient descent, three and four scalar factors, s = 1, λ/n = {preset.trap_lmbda / preset.n:g}, "
        f"{preset.trap_starts} starts",
    )


def _sgd_table(preset: Settings, noisy: xr.Dataset) -> Table:
    rows = []
    predicted = at_rest(noisy, preset.n)
    for eta in noisy.eta.values:
        for lmbda in noisy.lmbda.values:
            for k, s in enumerate(noisy.target_singular.values):
                cell = noisy.value.sel(eta=eta, lmbda=lmbda).isel(direction=k)
                wanted = float(predicted.sel(lmbda=lmbda).isel(direction=k))
                rows.append((*map(number, (eta, lmbda / preset.n, s, wanted)), str(t_interval(cell.values))))
    note = "Noise takes a little more than decay does, in proportion to η, and leaves a little of what is switched off."
    return Table("Values under SGD", ("η", "λ/n", "s", "law", "mean over steps"), tuple(rows), note)


def _jump_table(preset: Settings, jumps: xr.DataArray) -> Table:
    rows = []
    for depth in DEPTHS:
        for k, s in enumerate(jumps.target_singular.values):
            at = {"target_singular": s, "factors": float(depth)}
            one = jumps.sel(factors=depth).isel(direction=k)
            rows.append(
                (
                    depth,
                    number(s),
                    number(float(law("fold_lmbda", n=float(preset.n), **at))),
                    number(float(one.isel(noise=0).mean("seed"))),
                    str(t_interval(one.isel(noise=1).values)),
                    number(float(law("tie_lmbda", n=float(preset.n), **at))),
                    number(float(law("fold_product", **at))),
                )
            )
    columns = (
        "factors",
        "s",
        "λ of the fold",
        "jump, descent",
        "jump, with noise",
        "λ where the origin costs less",
        "p there",
    )
    note = "Between the last λ but one and the fold what was trained stays, though the origin would cost less."
    return Table("The jump", columns, tuple(rows), note)


def _answer(preset: Settings, noisy: xr.Dataset, jumps: xr.DataArray, verdicts: tuple[Verdict, ...]) -> str:
    fold = law("fold_lmbda", target_singular=jumps.target_singular, n=float(preset.n), factors=jumps.factors)
    off = abs(jumps / fold - 1).max(("factors", "seed", "direction"))
    lost = int(jumps.isnull().sum())
    never = f" {lost} values never jumped and are missing." if lost else ""
    asked = [one for one in verdicts if one.kind != "rival"]
    held = sum(one.verdict == "holds" for one in asked)
    opening = "" if held == len(asked) else f"Only {held} of {len(asked)} verdicts on the laws hold: see which. "
    return (
        f"{opening}Gradient descent on two factors takes λ/n off every singular value, to "
        f"{number(verdicts[0].measured)} of the target, and switches off what is smaller. Three and four factors keep "
        f"a value down to the fold and lose it at once, within {float(off[0]):.1%} of the predicted λ, and within "
        f"{float(off[1]):.1%} under noise, which comes early; a start near 0 never leaves it.{never}"
    )


def _draw(preset: Settings, stored: dict[str, xr.Dataset]) -> "Figure":
    from experiments.laboratory.factors import figure

    return figure.figure(preset, stored)
