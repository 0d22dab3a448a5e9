"""Judge how the best lmbda moves with batch size, epochs and width, and the largest singular value on noise."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.exponents import judge_power
from experiments.laboratory.best_decay import settings as own
from experiments.laboratory.best_decay.settings import NAME, Settings
from experiments.laboratory.optimum import edges, log_best
from wd_jax.stats.estimates import Estimate, exp, exponent, t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.power_law import in_words
from wd_jax.stats.verdict import Kind, Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Does the best decay keep the timescale?"
SPECTRUM = f"{NAME}_spectrum"
WIDEST_EDGE = -1.2065335745820
"""Mean of the Tracy-Widom law of order 1 (Johnstone, Annals of Statistics 29 (2001) 295)."""


@dataclass(frozen=True)
class Candidate:
    """An exponent that the best lmbda may have along an axis, and why."""

    power: float
    kind: Kind
    statement: str
    short: str


CANDIDATES = {
    "batch_size": (
        Candidate(1.0, "prediction", "the best lmbda keeps tau: it goes as m", "keeps τ"),
        Candidate(0.0, "rival", "the best lmbda does not depend on m", "no change"),
    ),
    "epochs": (
        Candidate(0.0, "prediction", "the best lmbda keeps tau in epochs: it does not depend on the epochs", "keeps τ"),
        Candidate(-1.0, "rival", "the best lmbda keeps tau as a share of the run: it goes as 1/epochs", "keeps τ/T"),
    ),
    "hidden": (
        Candidate(1.0, "prediction", "the best lmbda keeps tau where eta goes as 1/d: it goes as d", "keeps τ"),
        Candidate(0.5, "rival", "the best lmbda goes as sqrt(d) where eta goes as 1/d", "√d"),
    ),
    "learned": (
        Candidate(0.0, "prediction", "the best lmbda keeps tau in epochs: it does not depend on n", "keeps τ"),
        Candidate(1.0, "rival", "the best weight_decay does not depend on n: lmbda goes as n", "same λ/n"),
    ),
}
LETTERS = {
    "batch_size": "batch size m",
    "epochs": "epochs T",
    "hidden": "hidden units d, η ∝ 1/d",
    "learned": "examples n",
}


def analyse(preset: Settings, data: wd.data.Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the optimum on the validation split; what it costs to be wrong is taken on the test split."""
    runs, spectrum = stored[NAME], stored[SPECTRUM]
    best = log_optimum(runs)
    gone = int((runs.diverged_at >= 0).sum())
    lost = f"{gone} of {runs.diverged_at.size} runs diverged" if gone else ""
    verdicts = (*_exponents(preset, runs, best, lost), *_singular(spectrum))
    tables = (_optima(preset, runs, best), _carried(preset, runs), _singular_table(spectrum))
    return Outcome(
        NAME, TITLE, _answer(runs, best, verdicts, lost), verdicts, tables, lambda: _draw(preset, runs, best, spectrum)
    )


def log_optimum(runs: xr.Dataset) -> np.ndarray:
    """Give the logarithm of the lmbda of least validation cost, [place, seed]; NaN at the edge of the grid."""
    cost = np.log(runs.cost.sel(split="validation")).transpose("lmbda", "place", "seed")
    return log_best(runs.lmbda, cost)


def along(runs: xr.Dataset, axis: str) -> np.ndarray:
    """Give the places that lie along an axis, in the order of its values."""
    return np.flatnonzero(runs.axis.values == axis)


def _exponents(preset: Settings, runs: xr.Dataset, best: np.ndarray, lost: str) -> list[Verdict]:
    found = []
    for axis, candidates in CANDIDATES.items():
        places = along(runs, axis)
        x, y = runs.value.values[places], np.exp(best[places])
        held = ", ".join(f"{name} {preset.middle(name)}" for name in CANDIDATES if name != axis)
        low, high = edges(runs.lmbda, _validation(runs)[:, places])
        outside = f"; {low + high} of {y.size} optima at the edge of the grid" if low + high else ""
        for one in candidates:
            found.append(
                judge_power(
                    x,
                    y,
                    one.power,
                    own.EXPONENT.value,
                    why=f"best lmbda at {len(x)} values of {axis}{outside}",
                    claim=NAME,
                    kind=one.kind,
                    statement=f"{one.statement}: exponent {one.power:g}",
                    scope=f"{preset.dataset}, {axis} {x[0]} to {x[-1]}, {held}",
                    diverged=lost,
                )
            )
    return found


def _validation(runs: xr.Dataset) -> np.ndarray:
    return runs.cost.sel(split="validation").transpose("lmbda", "place", "seed").values


def many(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Give the largest singular value of a matrix of independent standard normal numbers, of many rows and columns.

    Examples
    --------
    >>> many(np.array(4), np.array(9)).item()
    5.0
    """
    return np.sqrt(rows) + np.sqrt(columns)


def johnstone(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    r"""Give the same with the edge's own law, :math:`\sqrt{\mu + a\sigma}`, a the mean of Tracy and Widom's law.

    :math:`\mu=(\sqrt{p-1}+\sqrt q)^2` and :math:`\sigma=(\sqrt{p-1}+\sqrt q)(1/\sqrt{p-1}+1/\sqrt q)^{1/3}`; the mean
    of a root is taken for the root of a mean.

    Examples
    --------
    >>> johnstone(np.array(120), np.array(60)).round(2).item()
    18.29
    """
    tall, wide = np.sqrt(rows - 1), np.sqrt(columns)
    return np.sqrt((tall + wide) ** 2 + WIDEST_EDGE * (tall + wide) * (1 / tall + 1 / wide) ** (1 / 3))


def _singular(spectrum: xr.Dataset) -> list[Verdict]:
    square = np.flatnonzero(spectrum.rows.values == spectrum["columns"].values)
    widths, largest = spectrum.rows.values[square], spectrum.largest.isel(shape=square)
    shapes = ", ".join(f"{p}x{q}" for p, q in zip(spectrum.rows.values, spectrum["columns"].values, strict=True))
    laws = (
        (many, own.SINGULAR.value, "the largest singular value is w_rms (sqrt(p) + sqrt(q)): many rows and columns"),
        (johnstone, own.FINITE.value, "the largest singular value is w_rms times Johnstone's edge of a finite matrix"),
    )
    found = [
        wd.compare(
            spectrum.largest,
            spectrum.floor * xr.DataArray(law(spectrum.rows.values, spectrum["columns"].values), dims="shape"),
            within,
            claim=NAME,
            statement=statement,
            scope=f"AdamW on noise alone, {shapes}",
        )
        for law, within, statement in laws
    ]
    for power, kind, of in ((0.5, "prediction", ""), (0.75, "rival", ", which is said of trained matrices")):
        found.append(
            judge_power(
                widths,
                largest.transpose("shape", "seed").values,
                power,
                own.WIDTH.value,
                why=f"{len(widths)} squares",
                claim=NAME,
                kind=kind,
                statement=f"on noise alone the largest singular value goes as the width to the power {power:g}{of}",
                scope=f"AdamW on noise alone, squares of {widths[0]} to {widths[-1]}",
            )
        )
    return found


def _answer(runs: xr.Dataset, best: np.ndarray, verdicts: tuple[Verdict, ...], lost: str) -> str:
    said = []
    for axis, candidates in CANDIDATES.items():
        places = along(runs, axis)
        found = in_words(runs.value.values[places], np.exp(best[places]), "from value to value")
        given = candidates[0].power
        if not np.isfinite(exponent(runs.value.values[places], np.exp(best[places])).value):
            found = "no exponent that could be measured"
        said.append(f"over {axis} it has {found} ({given:g} would keep the timescale)".replace("-", "−"))
    words = [one.verdict for one in verdicts if one.kind == "prediction" and "keeps tau" in one.statement]
    kept = {True: "keeps", False: "does not keep"}[all(word == "holds" for word in words)]
    if "fails" not in words and kept == "does not keep":
        kept = "is not told to keep, or not to keep,"
    return f"The best lmbda {kept} the timescale: {'; '.join(said)}." + (f" {lost}." if lost else "")


def _optima(preset: Settings, runs: xr.Dataset, best: np.ndarray) -> Table:
    rows = []
    for place, (axis, value) in enumerate(zip(runs.axis.values, runs.value.values, strict=True)):
        found = exp(t_interval(best[place]))
        batch = value if axis == "batch_size" else preset.middle("batch_size")
        tau = batch / (float(runs.eta[place]) * found.value)
        low, high = edges(runs.lmbda, _validation(runs)[:, place])
        outside = ", ".join(f"{count} at the {end} end" for count, end in ((low, "low"), (high, "high")) if count)
        inside = np.isfinite(found.value)
        shown = f"{found.value:.3g} [{found.low:.3g}, {found.high:.3g}]" if inside else ""
        tau_text, accurate = f"{tau:.3g}" if inside else "", float(runs.lmbda[_most_accurate(runs, place)])
        rows.append(
            (str(axis), int(value), f"{float(runs.eta[place]):.3g}", shown, tau_text, outside or "none", accurate)
        )
    columns = (
        "varied",
        "value",
        "largest eta",
        "best lmbda",
        "tau at the largest eta",
        "seeds at the edge",
        "by accuracy",
    )
    note = "By validation cost; the geometric mean over seeds whose optimum lies inside of the grid, and its interval. "
    note += "By accuracy: the lmbda of the grid with the highest validation accuracy, the mean over seeds."
    return Table("The best decay", columns, tuple(rows), note)


def _most_accurate(runs: xr.Dataset, place: int) -> int:
    """Give the place on the grid of the lmbda of highest validation accuracy, the mean over seeds."""
    accuracy = runs.accuracy.sel(split="validation").isel(place=place).mean("seed")
    return int(accuracy.fillna(-1.0).values.argmax())


def _carried(preset: Settings, runs: xr.Dataset) -> Table:
    """Say what it costs on the test split to carry the middle batch size's lmbda over, by the law or as it is."""
    validation, test = (
        np.log(runs.cost.sel(split=split)).transpose("place", "lmbda", "seed") for split in ("validation", "test")
    )
    places, grid = along(runs, "batch_size"), np.log(runs.lmbda.values)
    chosen = {int(place): int(validation[place].mean("seed").values.argmin()) for place in places}
    middle = int(places[len(places) // 2])
    rows = []
    for place in places:
        value = int(runs.value[place])
        own_cost = test[place, chosen[int(place)]].values
        shown: list[Estimate | None] = [exp(t_interval(own_cost))]
        start = grid[chosen[middle]]
        for target in (start + np.log(value / preset.middle("batch_size")), start):
            nearest = int(np.abs(grid - target).argmin())
            near = abs(grid[nearest] - target) < 0.5 * np.log(2)
            shown.append(exp(t_interval(test[place, nearest].values - own_cost)) if near else None)
        texts = [
            "beyond the grid" if one is None else f"{one.value:.4g} [{one.low:.4g}, {one.high:.4g}]" for one in shown
        ]
        rows.append((value, f"{float(runs.lmbda[chosen[int(place)]]):g}", *texts))
    columns = ("m", "lmbda chosen", "test cost", "test cost over it with lmbda ~ m", "with the same lmbda")
    note = f"Chosen by the validation cost at each m; carried over from m = {preset.middle('batch_size')}."
    return Table("What it costs to carry lmbda over to another batch size", columns, tuple(rows), note)


def _singular_table(spectrum: xr.Dataset) -> Table:
    rows = []
    for k in range(spectrum.sizes["shape"]):
        p, q, floor = int(spectrum.rows[k]), int(spectrum["columns"][k]), float(spectrum.floor[k])
        found = t_interval(spectrum.largest[k].values)
        laws = [floor * float(law(np.array(p), np.array(q))) for law in (many, johnstone)]
        rows.append((f"{p}x{q}", str(found), *(f"{law:.4g} ({found.value / law - 1:+.2%})" for law in laws)))
    columns = ("matrix", "measured", "w_rms (sqrt p + sqrt q)", "Johnstone's edge")
    return Table(
        "Largest singular value of weights on noise under AdamW",
        columns,
        tuple(rows),
        "In brackets: measured, relative to the law.",
    )


def _draw(preset: Settings, runs: xr.Dataset, best: np.ndarray, spectrum: xr.Dataset) -> "Figure":
    from experiments.laboratory.best_decay import figure

    return figure.figure(preset, runs, best, spectrum)
