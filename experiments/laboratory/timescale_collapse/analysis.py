"""Judge whether accuracy and cost over (eta, lmbda, epochs) are a function of the timescale."""

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.exponents import judge_power
from experiments.laboratory.optimum import edges, log_best
from experiments.laboratory.timescale_collapse import settings as own
from experiments.laboratory.timescale_collapse.settings import NAME, Settings
from experiments.laboratory.timescale_collapse.shares import over_seeds, share
from wd_jax.stats.comparison import judged
from wd_jax.stats.estimates import Estimate, exp, t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.power_law import in_words
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Do runs collapse on the timescale of AdamW?"
NAMES = {
    "tau_run": "tau/epochs",
    "tau": "tau",
    "lmbda": "lmbda",
    "eta": "eta",
    "epochs": "epochs",
    "path": "eta epochs",
}
"""What may order the settings, and how it is printed."""
ALONE = ("lmbda", "eta", "epochs")
MEASURES = {"accuracy": "accuracy", "cost": "the logarithm of the cost"}


def analyse(preset: Settings, data: wd.data.Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the collapse on the test split, and the optimum on the validation split."""
    runs = stored[NAME]
    numbers = candidates(preset, runs)
    tested = {"accuracy": runs.accuracy.sel(split="test"), "cost": np.log(runs.cost.sel(split="test"))}
    shares = {which: shares_of(numbers, values) for which, values in tested.items()}
    gone = int((runs.diverged_at >= 0).sum())
    lost = f"{gone} of {runs.diverged_at.size} runs diverged" if gone else ""
    scope = _scope(preset, runs)
    verdicts: list[Verdict] = []
    inside = within_guideline(numbers, runs)
    for which, values in tested.items():
        verdicts += _collapse(which, values, numbers, shares[which], scope, lost)
        verdicts += _collapse_inside(which, values, numbers, inside, f"{scope}, 1 <= tau <= epochs", lost)
    best = log_best(runs.lmbda, runs.cost.sel(split="validation").transpose("lmbda", "eta", "epochs", "seed"))
    log_lmbda = xr.DataArray(best, dims=("eta", "epochs", "seed"), coords={"eta": runs.eta, "epochs": runs.epochs})
    verdicts += _optimum(preset, runs, log_lmbda, lost)
    tables = (_shares_table(shares), _optimum_table(preset, runs, log_lmbda))
    answer = _answer(runs, shares, verdicts, log_lmbda, lost)
    return Outcome(
        NAME, TITLE, answer, tuple(verdicts), tables, lambda: _draw(preset, runs, numbers, shares, log_lmbda)
    )


def candidates(preset: Settings, runs: xr.Dataset) -> dict[str, xr.DataArray]:
    r"""Give the numbers that may order the settings, each [eta, lmbda, epochs].

    tau = m/(eta lmbda) epochs; tau/epochs is its share of the run.
    """
    tau = preset.batch_size / (runs.eta * runs.lmbda)
    found = {"tau_run": tau / runs.epochs, "tau": tau, "lmbda": runs.lmbda, "eta": runs.eta, "epochs": runs.epochs}
    found["path"] = runs.eta * runs.epochs
    like = runs.accuracy.isel(split=0, seed=0, drop=True)
    return {name: (value + 0 * like).transpose("eta", "lmbda", "epochs") for name, value in found.items()}


def within_guideline(numbers: dict[str, xr.DataArray], runs: xr.Dataset) -> np.ndarray:
    """Say which settings have tau between one epoch and the whole run, where Wang and Aitchison find the optimum.

    Returns
    -------
    array of bool [setting]
    """
    return ((numbers["tau"] >= 1) & (numbers["tau_run"] <= 1)).values.ravel()


def shares_of(numbers: dict[str, xr.DataArray], values: xr.DataArray) -> dict[str, Estimate]:
    """Give the share of variance that each candidate explains, with an interval over seeds.

    Parameters
    ----------
    numbers : dict of array [eta, lmbda, epochs]
        From `candidates`.
    values : array [eta, lmbda, epochs, seed]
        What they should explain.
    """
    flat = _flat(values)
    return {name: over_seeds(functools.partial(share, x.values.ravel()), flat) for name, x in numbers.items()}


def _flat(values: xr.DataArray) -> np.ndarray:
    return values.transpose("eta", "lmbda", "epochs", "seed").values.reshape(-1, values.sizes["seed"])


def _scope(preset: Settings, runs: xr.Dataset) -> str:
    ends = {name: runs[name].values[[0, -1]] for name in ("eta", "lmbda", "epochs")}
    said = ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in ends.items())
    return f"{preset.dataset}, {preset.learned} examples, {said}, test split"


def _collapse_inside(
    which: str, values: xr.DataArray, numbers: dict[str, xr.DataArray], inside: np.ndarray, scope: str, lost: str
) -> list[Verdict]:
    """Ask the same of the settings within the guideline: those far from the optimum may hide what happens near it."""
    least = 1 - own.SHARE.value
    return [
        judged(
            over_seeds(functools.partial(share, numbers[name].values.ravel()[inside]), _flat(values)[inside]),
            least,
            np.inf,
            predicted=1.0,
            tolerance=own.SHARE.value,
            kind="prediction" if name == "tau_run" else "rival",
            statement=f"{MEASURES[which]} is a function of {NAMES[name]} within the guideline",
            why=f"share of the variance between {inside.sum()} settings",
            claim=NAME,
            scope=scope,
            diverged=lost,
        )
        for name in ("tau_run", "lmbda")
    ]


def _collapse(
    which: str,
    values: xr.DataArray,
    numbers: dict[str, xr.DataArray],
    shares: dict[str, Estimate],
    scope: str,
    lost: str,
) -> list[Verdict]:
    least, settings = 1 - own.SHARE.value, values.size // values.sizes["seed"]
    said: dict[str, Any] = {"claim": NAME, "scope": scope, "diverged": lost}
    why = f"share of the variance between {settings} settings"
    found = [
        judged(
            shares[name],
            least,
            np.inf,
            predicted=1.0,
            tolerance=own.SHARE.value,
            kind="prediction" if name == "tau_run" else "rival",
            statement=f"{MEASURES[which]} is a function of {NAMES[name]}",
            why=why,
            **said,
        )
        for name in ("tau_run", "tau", "lmbda", "path")
    ]

    def lead(flat: np.ndarray) -> float:
        each = {name: share(numbers[name].values.ravel(), flat) for name in ("tau_run", *ALONE)}
        return each["tau_run"] - max(each[name] for name in ALONE)

    best = max(ALONE, key=lambda name: shares[name].value)
    return [
        *found,
        judged(
            over_seeds(lead, _flat(values)),
            own.MORE.value,
            np.inf,
            predicted=float("nan"),
            tolerance=own.MORE.value,
            kind="prediction",
            statement=f"tau/epochs explains more of {MEASURES[which]} than lmbda, eta or epochs alone",
            why=f"lead over the best of them ({NAMES[best]}), in share of variance",
            **said,
        ),
    ]


def _optimum(preset: Settings, runs: xr.Dataset, log_lmbda: xr.DataArray, lost: str) -> list[Verdict]:
    scope = f"{preset.dataset}, {preset.learned} examples, validation cost"
    said: dict[str, Any] = {"claim": NAME, "diverged": lost}

    def ratio(values: np.ndarray, epochs: np.ndarray) -> float:
        mean = values.mean(axis=-1)
        tau_run = -(mean + np.log(runs.eta.values)[:, None] + np.log(epochs))
        return float(np.log(tau_run.std() / mean.std()))

    verdicts = []
    cases = (
        (slice(None), "", "all eta and epochs"),
        (slice(-1, None), " of the longest runs", "the longest runs, all eta"),
    )
    for last, of, where in cases:
        part, epochs = log_lmbda.isel(epochs=last), runs.epochs.values[last]
        missing = int((~np.isfinite(part.values)).sum())
        verdicts.append(
            judged(
                exp(over_seeds(functools.partial(ratio, epochs=epochs), part.values)),
                0.0,
                own.STEADIER.value,
                predicted=0.0,
                tolerance=own.STEADIER.value,
                kind="prediction",
                statement=f"the best tau/epochs{of} varies less from setting to setting than the best lmbda",
                scope=f"{scope}, {where}",
                why=f"spread of its logarithm over that of lmbda's, over {part[..., 0].size} settings"
                + (f"; {missing} of {part.size} optima at the edge of the grid or not measured" if missing else ""),
                **said,
            )
        )
    longest = int(runs.epochs.values[-1])
    best = np.exp(log_lmbda.sel(epochs=longest).transpose("eta", "seed").values)
    for power, kind, what in ((-1.0, "prediction", "keeps the timescale"), (0.0, "rival", "does not depend on eta")):
        verdicts.append(
            judge_power(
                runs.eta.values,
                best,
                power,
                own.EXPONENT.value,
                why=f"best lmbda over {runs.sizes['eta']} rates",
                claim=NAME,
                kind=kind,
                statement=f"the best lmbda {what}: exponent {power:g} in eta",
                scope=f"{scope}, {longest} epochs",
                diverged=lost,
            )
        )
    return verdicts


def _answer(
    runs: xr.Dataset,
    shares: dict[str, dict[str, Estimate]],
    verdicts: list[Verdict],
    log_lmbda: xr.DataArray,
    lost: str,
) -> str:
    words = {one.statement: one.verdict for one in verdicts}
    said = []
    for which, name in MEASURES.items():
        each = shares[which]
        best = max((one for one in NAMES if one != "tau_run"), key=lambda one: each[one].value)
        word = words[f"{name} is a function of {NAMES['tau_run']}"]
        ends = {"holds": "collapses", "fails": "does not collapse"}.get(word, "is not told to collapse or not")
        own_share = max(0.0, each["tau_run"].value)
        said.append(
            f"{name} {ends} on tau/epochs, which explains {own_share:.0%} of the variance between settings "
            f"({NAMES[best]} explains {each[best].value:.0%})"
        )
    text = "; ".join(said)
    eta = in_words(
        runs.eta.values, np.exp(log_lmbda.isel(epochs=-1).transpose("eta", "seed").values), "from rate to rate"
    )
    number = f"over eta the best lmbda of the longest runs has {eta}, where it would be −1 if the optimum kept tau"
    return f"{text[0].upper()}{text[1:]}; {number}." + (f" {lost}." if lost else "")


def _shares_table(shares: dict[str, dict[str, Estimate]]) -> Table:
    rows = [(words, *(str(shares[which][name]) for which in MEASURES)) for name, words in NAMES.items()]
    note = "1: a function of this number alone. Bins of a factor 2; noise of the seeds and what bins explain by chance "
    return Table(
        "Share of the variance between settings that is explained",
        ("by", *MEASURES.values()),
        tuple(rows),
        note + "are taken off, so that a number that says nothing has about 0.",
    )


def _optimum_table(preset: Settings, runs: xr.Dataset, log_lmbda: xr.DataArray) -> Table:
    rows = []
    cost = runs.cost.sel(split="validation")
    for eta in runs.eta.values:
        for epochs in runs.epochs.values:
            found = t_interval(log_lmbda.sel(eta=eta, epochs=epochs).values)
            best = exp(found)
            tau = preset.batch_size / (eta * best.value)
            low, high = edges(runs.lmbda, cost.sel(eta=eta, epochs=epochs).transpose("lmbda", "seed").values)
            said = ", ".join(f"{count} at the {end} end" for count, end in ((low, "low"), (high, "high")) if count)
            numbers = (f"{tau:.3g}", f"{tau / epochs:.3g}") if np.isfinite(tau) else ("", "")
            shown = f"{best.value:.3g} [{best.low:.3g}, {best.high:.3g}]" if np.isfinite(best.value) else ""
            rows.append((f"{eta:g}", int(epochs), shown, *numbers, said or "none"))
    columns = ("eta", "epochs", "best lmbda", "tau", "tau/epochs", "seeds at the edge of the grid")
    note = "By validation cost; the geometric mean over seeds whose optimum lies inside of the grid."
    return Table("The best decay", columns, tuple(rows), note)


def _draw(
    preset: Settings,
    runs: xr.Dataset,
    numbers: dict[str, xr.DataArray],
    shares: dict[str, dict[str, Estimate]],
    log_lmbda: xr.DataArray,
) -> "Figure":
    from experiments.laboratory.timescale_collapse import figure

    return figure.figure(preset, runs, numbers, shares, log_lmbda)
