"""Nielsen's published accuracies for 30 hidden units, and how close a simulation comes to them."""

from typing import Any

import numpy as np
import xarray as xr

from experiments.exercise import tolerances
from wd_jax.display import formatted
from wd_jax.results import divergence
from wd_jax.stats.estimates import prediction_interval, t_interval
from wd_jax.stats.outcome import Table
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Verdict, Word, judge, with_gaps

SOURCE = (
    "M. Nielsen, Neural Networks and Deep Learning (2015), chapter 3, figure 'weight initialization', 30 hidden "
    "neurons: one run each, correct of the 10 000 MNIST validation images after each epoch "
    "(fig/weight_initialization_30.json)"
)

NIELSEN_30: dict[str, tuple[int, ...]] = {
    "gaussian": (
        8643, 9044, 9141, 9231, 9299, 9327, 9385, 9416, 9433, 9449, 9476, 9489, 9500, 9535, 9521,
        9548, 9564, 9573, 9585, 9592, 9596, 9615, 9607, 9605, 9606, 9622, 9637, 9648, 9635, 9637,
    ),
    "fan_in": (
        9270, 9414, 9470, 9504, 9537, 9550, 9587, 9594, 9596, 9594, 9616, 9595, 9622, 9630, 9636,
        9641, 9625, 9652, 9637, 9634, 9642, 9639, 9649, 9646, 9646, 9653, 9646, 9653, 9640, 9650,
    ),
}  # fmt: skip
IMAGES = 10_000
FIRST, LAST = map(int, tolerances.COMPARED.values)
BIAS_WITHIN = tolerances.BIAS_WITHIN.value
RMS_WITHIN = tolerances.RMS_WITHIN.value
COVERAGE = tolerances.COVERAGE.value
HIDDEN = 30
"""Hidden units of the network that it is of."""
NO_INTERVAL = (float("nan"), float("nan"))


def published_verdicts(runs: xr.Dataset) -> tuple[list[Verdict], Table]:
    """Hold the simulated validation accuracy against the published curves, epochs 3 to 30.

    Parameters
    ----------
    runs : xarray.Dataset
        With dimensions init ("gaussian", "fan_in"), seed and at least 30 epochs; accuracy on the validation split.

    Returns
    -------
    list of Verdict
        Mean signed deviation within 0.3 and its RMS within 0.4 percentage points, and at least 90 % of the published
        points inside the seeds' 95 % prediction interval for a single run, for both starts.
    Table
        The three numbers of each start.
    """
    verdicts, rows = [], []
    for init, counts in NIELSEN_30.items():
        book = np.array(counts[FIRST - 1 : LAST]) / IMAGES * 100
        simulated = (
            runs.accuracy.sel(init=init, split="validation", epoch=slice(FIRST, LAST)).transpose("seed", "epoch") * 100
        )
        lost = divergence.lost(simulated)
        gone = divergence.said(lost.any("epoch"), runs.sel(init=init)) if lost.ndim else ""
        whole = simulated.notnull().all("epoch")
        lacking = (bool(gone), not gone and not bool(whole.all()))
        simulated = simulated.where(whole)  # a mean must not change its members on the way
        kept = simulated.values[whole.values]
        deviation = simulated.mean("seed").values - book
        bias, rms = deviation.mean(), float(np.sqrt((deviation**2).mean()))
        low, high = prediction_interval(kept) if len(kept) > 1 else (np.nan, np.nan)
        inside = float(np.mean((low <= book) & (book <= high))) if len(kept) > 1 else np.nan
        spread = t_interval(simulated.mean("epoch"))
        half = (spread.high - spread.low) / 2
        rows.append((init, formatted(bias, "+.3f"), formatted(rms, ".3f"), formatted(inside, ".0%")))
        cases: list[tuple[str, float, tuple[float, float], float, Word, float, tuple[float, float]]] = [
            (
                "mean signed deviation from the published curve (percentage points)",
                bias,
                (float(bias) - half, float(bias) + half),
                BIAS_WITHIN,
                judge((float(bias) - half, float(bias) + half), -BIAS_WITHIN, BIAS_WITHIN),
                0.0,
                (-BIAS_WITHIN, BIAS_WITHIN),
            ),
            (
                "RMS deviation from the published curve (percentage points)",
                rms,
                NO_INTERVAL,
                RMS_WITHIN,
                _by_number(rms, rms <= RMS_WITHIN),
                0.0,
                (0.0, RMS_WITHIN),
            ),
            (
                "published points inside the 95 % prediction interval of one run",
                inside,
                NO_INTERVAL,
                1 - COVERAGE,
                _by_number(inside, inside >= COVERAGE),
                1.0,
                (COVERAGE, 1.0),
            ),
        ]
        verdicts += [
            Verdict(
                claim=4,
                kind="prediction",
                statement=text,
                scope=f"init={init}, epochs {FIRST} to {LAST}",
                predicted=predicted,
                measured=float(value),
                ci95=ci,
                tolerance=tolerance,
                verdict=with_gaps(word, *lacking),
                why=f"against one published run; {len(kept)} seeds" + (f"; {gone}" if gone else ""),
                asked=asked,
            )
            for text, value, ci, tolerance, word, predicted, asked in cases
        ]
    note = f"Deviation is simulation (mean over seeds) minus book. Source: {SOURCE}."
    return verdicts, Table(
        "Against the book's figure", ("start", "mean deviation", "RMS deviation", "inside"), tuple(rows), note
    )


def is_of(dataset: str, hidden: int) -> bool:
    """Whether the curve is of such a network.

    Examples
    --------
    >>> is_of("mnist", 30), is_of("digits", 30)
    (True, False)
    """
    return dataset == "mnist" and hidden == HIDDEN


def beside(kind: str, runs: xr.Dataset) -> dict[str, Any]:
    """Give the curve to a figure of both starts, where the runs are of its network."""
    if kind != "two_starts" or "dataset" not in runs or "hidden" not in runs or runs.hidden.size > 1:
        return {}
    return {"published": NIELSEN_30} if is_of(runs["dataset"].item(), runs.hidden.item()) else {}


def _by_number(value: float, right: bool) -> Word:
    """Judge a number without an interval; what is no number is neither right nor wrong."""
    return UNDECIDED if not np.isfinite(value) else HOLDS if right else FAILS
