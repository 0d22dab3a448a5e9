"""What each optimiser's weights are at rest, against its law and against the usual forms."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import bracket
from experiments.laboratory.floors.settings import COUPLED, NAME, Settings
from experiments.laboratory.floors.subjects import SUBJECTS, Subject
from wd_jax.results import divergence
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import FAILS, HOLDS, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Floors: how large weights stay on pure noise"
QUESTION = (
    "If gradients are nothing but noise, how large do weights stay under each optimiser, and do the laws know it?"
)
PLAIN_MUON = "Muon, plain"


class Point(NamedTuple):
    """A cell: of which optimiser, its settings in words, what was measured, and what a form says of it."""

    optimiser: str
    form: str
    settings: str
    measured: float
    low: float
    high: float
    predicted: float
    least: float
    most: float


def analyse(preset: Settings, data: None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge every optimiser's floor: by its law, and by its rivals."""
    verdicts: list[Verdict] = []
    points: list[Point] = []
    runs_of = {one.name: divergence.carried(stored[f"{NAME}_{one.name}"]) for one in SUBJECTS}
    for subject in SUBJECTS:
        runs = runs_of[subject.name]
        law = subject.law(runs)
        verdicts.append(_judged(subject, runs, law))
        points += _points(subject.label, "law", runs.weight_rms, law, law, law)
    matrices = divergence.carried(stored[f"{NAME}_muon"])
    low, high, usual = muon_forms(matrices)
    where = f"{PLAIN_MUON}, {preset.side} x {preset.side}"
    words = "the size of the weights lies between two proved bounds"
    verdicts.append(bracket.verdict(matrices.weight_rms, low, high, claim=NAME, statement=words, scope=where))
    points += _points(PLAIN_MUON, "law", matrices.weight_rms, (low + high) / 2, low, high)
    for subject in SUBJECTS:
        runs = runs_of[subject.name]
        for rival in subject.rivals:
            form = rival.form(runs)
            verdicts.append(_judged(subject, runs, form, rival.source))
            points += _points(subject.label, rival.label, runs.weight_rms, form, form, form)
    verdicts.append(
        wd.compare(
            matrices.weight_rms,
            usual,
            COUPLED.value,
            claim=NAME,
            kind="rival",
            statement=f"size of the weights by correlations beta1^k (Wen et al.), {_said(COUPLED.value)}",
            scope=where,
        )
    )
    points += _points(PLAIN_MUON, "β₁ᵏ", matrices.weight_rms, usual, usual, usual)
    answer = _answer(verdicts, points)
    tables = (_laws(points), _usual(points))
    return Outcome(NAME, TITLE, answer, tuple(verdicts), tables, lambda: _draw(points))


def muon_forms(runs: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Give the bounds of the rms weight of plain Muon, and what correlations beta1^k would make it.

    Parameters
    ----------
    runs : xarray.Dataset
        From `experiments.laboratory.floors.simulation.muon`.

    Returns
    -------
    tuple of DataArray
        Lower bound, upper bound, usual form, each over beta1.
    """
    import derivations

    formulas = derivations.derive("muon").formulas

    def of(name: str) -> xr.DataArray:
        formula = formulas[name]
        values = [runs[symbol].astype(float) for symbol in formula.parameters]
        norm = xr.apply_ufunc(
            lambda *numbers: formula.to_numpy()(**dict(zip(formula.parameters, numbers, strict=True))), *values
        )
        return norm / runs.n_w**0.5

    return of("weight_norm_lower"), of("weight_norm_upper"), of("weight_norm")


def _judged(subject: Subject, runs: xr.Dataset, form: xr.DataArray, rival: str = "") -> Verdict:
    within = subject.tolerance.value
    what = f"size of the weights by {rival or subject.law_called}"
    verdict = wd.compare(
        runs.weight_rms,
        form,
        within,
        claim=NAME,
        kind="rival" if rival else "prediction",
        statement=f"{what}, {_said(within)}",
    )
    return _with_scope(verdict, subject.label)


def _with_scope(verdict: Verdict, label: str) -> Verdict:
    import dataclasses

    return dataclasses.replace(verdict, scope=f"{label}, {verdict.scope}" if verdict.scope else label)


def _said(within: float) -> str:
    return f"within {within:.0%}".replace("%", " %")


def _points(
    optimiser: str, form: str, measured: xr.DataArray, predicted: xr.DataArray, low: xr.DataArray, high: xr.DataArray
) -> list[Point]:
    """Lay the cells of an optimiser out, those without a prediction left out."""
    arrays = xr.broadcast(measured, predicted, low, high)
    dims = [dim for dim in arrays[0].dims if dim != "seed"]
    found, middle, least, most = (
        one.transpose(*dims, "seed").values.reshape(-1, measured.sizes["seed"]) for one in arrays
    )
    shape = [measured.sizes[dim] for dim in dims]
    points = []
    for i, sample in enumerate(found):
        place = np.unravel_index(i, shape)
        settings = ", ".join(f"{dim} {measured[dim].values[k]:g}" for dim, k in zip(dims, place, strict=True))
        size = t_interval(sample)
        if np.isfinite(middle[i, 0]):
            levels = (float(middle[i, 0]), float(least[i, 0]), float(most[i, 0]))
            points.append(Point(optimiser, form, settings, size.value, size.low, size.high, *levels))
    return points


def off(point: Point) -> float:
    """How much larger than measured a form says that weights are: 0.2 is a fifth too large."""
    return point.predicted / point.measured - 1


def _answer(verdicts: list[Verdict], points: list[Point]) -> str:
    laws = [one for one in verdicts if one.kind == "prediction"]
    held = [one for one in laws if one.verdict == HOLDS]
    others = [_name(one) + f" ({one.verdict})" for one in laws if one.verdict != HOLDS]
    text = f"{len(held)} of {len(laws)} laws hold" + (f", not those of {', '.join(others)}" if others else "")
    exact = [abs(off(one)) for one in points if one.form == "law" and one.optimiser != PLAIN_MUON]
    text += f"; the mean sizes are at most {max(exact):.1%} from the formulas that give a number. ".replace("%", " %")
    said = [
        f"{of} {_range([off(one) for one in points if one.optimiser == name and one.form == form])}"
        for of, name, form in (
            ("the mean field of sign momentum is", "sign momentum", "mean field"),
            ("that of Lion", "Lion", "mean field"),
            ("the usual form of plain Muon", PLAIN_MUON, "β₁ᵏ"),
        )
    ]
    wrong = sum(one.verdict == FAILS for one in verdicts if one.kind == "rival")
    rivals = sum(one.kind == "rival" for one in verdicts)
    return f"{text}{wrong} of the {rivals} usual forms fail: {', '.join(said)} too large."


def _range(numbers: list[float]) -> str:
    """Write numbers in per cent, from the smallest to the largest."""
    low, high = (f"{100 * end:.0f}" for end in (min(numbers, default=np.nan), max(numbers, default=np.nan)))
    return f"{low} %" if low == high else f"{low} to {high} %"


def _name(verdict: Verdict) -> str:
    return verdict.scope.partition(",")[0]


def _laws(points: list[Point]) -> Table:
    rows = []
    for one in points:
        if one.form == "law":
            law = f"{one.predicted:.5f}" if one.least == one.most else f"{one.least:.5f} to {one.most:.5f}"
            spread = (one.high - one.low) / 2
            gap = "inside" if one.least <= one.measured <= one.most and one.least < one.most else f"{-off(one):+.2%}"
            rows.append((one.optimiser, one.settings, law, f"{one.measured:.5f} ± {spread:.5f}", gap))
    columns = ("optimiser", "settings", "rms weight by the law", "measured", "measured over law - 1")
    note = "A settings' lmbda is what optax calls weight_decay. Of Muon the law is a pair of bounds."
    return Table("The laws, cell by cell", columns, tuple(rows), note)


def _usual(points: list[Point]) -> Table:
    rows = tuple(
        (one.optimiser, one.form, one.settings, f"{one.predicted:.5f}", f"{one.measured:.5f}", f"{off(one):+.1%}")
        for one in points
        if one.form != "law"
    )
    columns = ("optimiser", "form", "settings", "rms weight by the form", "measured", "form over measured - 1")
    note = "Only in the cells for which the form is meant: most are for a decay far slower than the memory."
    return Table("The usual forms, cell by cell", columns, rows, note)


def _draw(points: list[Point]) -> "Figure":
    from experiments.laboratory.floors import figure

    return figure.figure(points)
