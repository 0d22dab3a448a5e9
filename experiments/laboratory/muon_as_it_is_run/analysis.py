"""Norm, cosine and angle of Muon's matrices at rest: between their bounds, and where the measured correlation says."""

import dataclasses
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import bracket
from experiments.laboratory.muon_as_it_is_run import law
from experiments.laboratory.muon_as_it_is_run.settings import NAME, SHAPES, WITHIN, Settings
from wd_jax.results import divergence
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import HOLDS, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Muon as it is run: Nesterov's momentum, five Newton-Schulz steps"
QUESTION = "Muon is run with Nesterov's momentum and five Newton-Schulz steps: how large do its matrices stay on noise?"
WORDS = {
    "weight_norm": "norm of the weights",
    "cosine": "cosine of the weights and the next step",
    "rotation": "angle of a step",
}
NOTE = "The angle in radians. The narrower bounds know the correlation of updates one step apart, from drawn pairs."
SHARED = "the sum of correlations that the norm has too, by the budget at rest"


class Forms(NamedTuple):
    """Of one kind of matrices: the runs, bounds, narrower ones, the law by drawn pairs, and plain Muon's law."""

    runs: xr.Dataset
    low: dict[str, xr.DataArray]
    high: dict[str, xr.DataArray]
    narrow_low: dict[str, xr.DataArray]
    narrow_high: dict[str, xr.DataArray]
    law: dict[str, xr.DataArray]
    plain: dict[str, xr.DataArray]


class Cell(NamedTuple):
    """Of one quantity in one cell: what was measured with its interval, the bounds, narrower ones, both laws."""

    measured: float
    first: float
    last: float
    low: float
    high: float
    narrow_low: float
    narrow_high: float
    law: float
    plain: float


def forms(stored: xr.Dataset) -> Forms:
    """Evaluate all forms for the matrices of one measurement."""
    runs = divergence.carried(stored)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        low, high, narrow_low, narrow_high = (
            {name: wd.theory.evaluate("muon", f"{name}_nesterov_{end}", runs, **given) for name in WORDS}
            for end, given in (
                ("lower", {}),
                ("upper", {}),
                ("lower_by_pairs", {"first_rest": law.first_rest(runs)}),
                ("upper_by_pairs", {"first_rest": law.first_rest(runs)}),
            )
        )
    return Forms(runs, low, high, narrow_low, narrow_high, law.at_rest(runs), _plain(runs))


def _plain(runs: xr.Dataset) -> dict[str, xr.DataArray]:
    """Give the plain law, correlations beta1^k and an update as long as a polar factor, which is for another rule."""
    import derivations

    formulas = derivations.derive("muon").formulas
    scale = max(1.0, float(runs.columns / runs.rows)) ** 0.5
    given = {"update_norm": xr.DataArray(scale * float(min(runs.rows, runs.columns)) ** 0.5)}

    def of(name: str) -> xr.DataArray:
        formula = formulas[name]
        values = [
            given.get(symbol, runs.get(symbol, xr.DataArray(np.nan))).astype(float) for symbol in formula.parameters
        ]
        return xr.apply_ufunc(
            lambda *numbers: formula.to_numpy()(**dict(zip(formula.parameters, numbers, strict=True))), *values
        )

    return {name: of(name) for name in WORDS}


def analyse(preset: Settings, data: object, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge brackets, the law by the measured correlation, and the plain law."""
    found = {name: forms(stored[f"{NAME}_{name}"]) for name in SHAPES}
    verdicts: list[Verdict] = []
    for name, one in found.items():
        verdicts += [_between(what, one, _where(preset, name)) for what in WORDS]
    for name, one in found.items():
        verdicts += _by_correlation(one, _where(preset, name))
    for name, one in found.items():
        verdicts.append(
            _within(
                one.runs.weight_norm,
                one.plain["weight_norm"],
                "the norm by plain Muon's law, correlations beta1^k and exact polar factors (Wen et al.)",
                _where(preset, name),
                kind="rival",
            )
        )
    tables = (_cells(preset, found), _spread(preset, found))
    return Outcome(NAME, TITLE, _answer(verdicts, found), tuple(verdicts), tables, lambda: _draw(preset, found))


def _where(preset: Settings, name: str) -> str:
    rows, columns = preset.shape(name)
    return f"{rows} x {columns}"


def _between(what: str, one: Forms, where: str) -> Verdict:
    return bracket.verdict(
        one.runs[what],
        one.low[what],
        one.high[what],
        claim=NAME,
        statement=f"the {WORDS[what]} lies between its proved bounds",
        scope=where,
        rests_on="" if what == "weight_norm" else SHARED,
    )


def _by_correlation(one: Forms, where: str) -> list[Verdict]:
    known = [
        _within(
            one.runs[what],
            one.law[what],
            f"the {words} by the correlation of drawn pairs",
            where,
            rests_on="" if what == "weight_norm" else SHARED,
        )
        for what, words in WORDS.items()
    ]
    update = _within(
        one.runs.norm_of_update, one.runs.update_norm, "an update is as long as one of drawn matrices", where
    )
    return [update, *known]


def _within(measured: xr.DataArray, theory: xr.DataArray, statement: str, where: str, **fields: Any) -> Verdict:
    said = f"{statement}, within {WITHIN.value:.0%}".replace("%", " %")
    verdict = wd.compare(measured, theory, WITHIN.value, claim=NAME, statement=said, **fields)
    return dataclasses.replace(verdict, scope=f"{where}, {verdict.scope}" if verdict.scope else where)


def off(measured: xr.DataArray, theory: xr.DataArray) -> xr.DataArray:
    """How much larger than measured a form is, cell by cell."""
    return theory / measured.mean("seed") - 1


def _answer(verdicts: list[Verdict], found: dict[str, Forms]) -> str:
    between = [one for one in verdicts if "bounds" in one.statement]
    held = sum(one.verdict == HOLDS for one in between)
    others = [f"{one.statement.split(' lies')[0]} of {one.scope.split(',')[0]}: {one.verdict}" for one in between]
    left = [text for text, one in zip(others, between, strict=True) if one.verdict != HOLDS]
    gaps = [float(abs(off(one.runs.weight_norm, one.law["weight_norm"])).max()) for one in found.values()]
    plain = [off(one.runs.weight_norm, one.plain["weight_norm"]) for one in found.values()]
    least, most = min(float(one.min()) for one in plain), max(float(one.max()) for one in plain)
    return (
        f"{held} of {len(between)} brackets hold"
        + (f" (not: {'; '.join(left)})" if left else "")
        + f"; with the correlation of drawn pairs the norm is known to {max(gaps):.2%}. "
        f"Plain Muon's law makes the weights {100 * least:.0f} to {100 * most:.0f}% too large."
    ).replace("%", " %")


def cells(one: Forms) -> list[tuple[str, dict[str, Cell]]]:
    """Lay the cells out: settings in words, and the numbers of each quantity."""
    dims = [dim for dim in one.runs.weight_norm.dims if dim != "seed"]
    laid = []
    for place in np.ndindex(*(one.runs.sizes[dim] for dim in dims)):
        at = dict(zip(dims, place, strict=True))
        runs = one.runs.isel(at)
        decay = float(runs.eta * runs.lmbda / runs.n)
        numbers: dict[str, Cell] = {}
        for what in WORDS:
            size = t_interval(runs[what])
            levels = (float(form[what].isel(at)) for form in one[1:])
            numbers[what] = Cell(size.value, size.low, size.high, *levels)
        laid.append((f"β₁ {float(runs.beta1):g}, ηλ {decay:g}", numbers))
    return laid


def _cells(preset: Settings, found: dict[str, Forms]) -> Table:
    rows = []
    for name, one in found.items():
        for settings, numbers in cells(one):
            for what, cell in numbers.items():
                spread = f"{cell.measured:.5g} ± {(cell.last - cell.first) / 2:.2g}"
                bounds = f"{cell.low:.5g} to {cell.high:.5g}"
                narrow = f"{cell.narrow_low:.5g} to {cell.narrow_high:.5g}"
                forms_of = (bounds, narrow, f"{cell.law:.5g}", spread, f"{cell.plain:.5g}")
                rows.append((_where(preset, name), settings, what, *forms_of))
    columns = ("matrices", "settings", "what", "bounds", "narrower", "by drawn pairs", "measured", "plain law")
    return Table("Cell by cell", columns, tuple(rows), NOTE)


def _spread(preset: Settings, found: dict[str, Forms]) -> Table:
    rows = []
    for name, one in found.items():
        scatter = one.runs.weight_norm.std("seed", ddof=1) / one.runs.weight_norm.mean("seed")
        gap = one.high["weight_norm"] / one.low["weight_norm"] - 1
        narrow = one.narrow_high["weight_norm"] / one.narrow_low["weight_norm"] - 1
        room = abs(one.law["weight_norm"] / one.low["weight_norm"] - 1)
        rows.append(
            (
                _where(preset, name),
                f"{float(one.runs.linear_share):.4f}",
                *(f"{float(array.min()):.2%} to {float(array.max()):.2%}" for array in (gap, narrow, room, scatter)),
            )
        )
    columns = (
        "matrices",
        "linear share",
        "upper over lower bound - 1",
        "of the narrower ones",
        "law over lower bound - 1",
        "one seed scatters by",
    )
    note = (
        "Of the norm, over the cells. Where one seed scatters by as much as the bounds are apart, a few seeds may lie "
        "outside by chance."
    )
    return Table("How far the bounds are apart, and how much a seed scatters", columns, tuple(rows), note)


def _draw(preset: Settings, found: dict[str, Forms]) -> "Figure":
    from experiments.laboratory.muon_as_it_is_run import figure

    return figure.figure({_where(preset, name): one for name, one in found.items()})
