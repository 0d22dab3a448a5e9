"""Claim 3's candidates, tables and answer."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from experiments.exercise.tail_off.late_weights import NETWORK, TO_GO
from wd_jax.display import formatted
from wd_jax.results import divergence
from wd_jax.stats.estimates import exponent, local_exponents, t_interval
from wd_jax.stats.outcome import Table
from wd_jax.stats.verdict import Kind


@dataclass(frozen=True)
class Candidate:
    """What a candidate for the size of late weights rests on, and as what it is judged."""

    of_the_book: bool
    inputs: str
    kind: Kind
    said: str = ""


CANDIDATES = {
    "1/√n_w": Candidate(True, "none", "prediction"),
    "1/n_w": Candidate(True, "none", "rival"),
    "1/√n_in": Candidate(False, "none", "rival"),
    "virial, full-batch gradient": Candidate(False, "⟨W,∇C₀⟩ of the same run and window", "rival", "the virial size"),
    "noise floor": Candidate(
        False,
        "rms minibatch gradient of the same run; assumes independent batches",
        "rival",
        "the noise floor of independent batches",
    ),
    "norm balance": Candidate(False, "Q of the same run: an identity", "identity"),
}


def answer(widths: xr.Dataset, runs: xr.Dataset) -> str:
    """Say what the numbers say: exponents, size, and why."""
    gone = divergence.counted(runs)
    kept = widths.dropna("hidden", subset=["weight_rms"])
    if kept.sizes["hidden"] < 3:
        few = f"Decay has tailed off in {kept.sizes['hidden']} of {widths.sizes['hidden']} widths only: no exponent."
        return f"{few} {gone}." if gone else few
    powers = []
    for part in kept.part.values:
        cells = kept.n_w.sel(part=part), kept.weight_rms.sel(part=part).transpose("hidden", "seed")
        found, local = exponent(*cells), [one.exponent.value for one in local_exponents(*cells)]
        one = f"{min(local):.3f} to {max(local):.3f} from width to width" if found.curved else ""
        powers.append(f"{one or found.with_digits('.3f', '.3f')} ({part})")
    network = kept.sel(part=NETWORK)
    ratio = (network.weight_rms * np.sqrt(network.n_w)).mean("seed")
    balance = np.sqrt(float(runs.n / runs.lmbda) * network.Q.mean("seed"))
    changes = [
        f"{q[-1] / q[0] - 1:+.0%} ({part})"
        for part, q in ((p, kept.Q.sel(part=p).mean("seed").values) for p in kept.part.values)
    ]
    return (
        f"At fixed inputs and outputs weight_rms scales as n_w to the power {', '.join(powers)}. The network's is "
        f"{ratio.min():.3g} to {ratio.max():.3g} times 1/√n_w: √(nQ/λ), with Q what the gradient supplies, is "
        f"{balance.min():.3g} to {balance.max():.3g}. From the narrowest to the widest network Q changes by "
        f"{', '.join(changes)}." + (f" {gone}." if gone else "")
    )


def late_table(late: xr.Dataset, axis: str) -> Table:
    """Every cell's late weights, what holds them there, and how far they still have to go."""
    rows = []
    for value in late[axis].values:
        cell = late.sel({axis: value})
        gone = int(divergence.lost(cell).sum())
        for part in late.part.values:
            here = cell.sel(part=part)
            still = bool(here.weight_rms.notnull().any())
            rows.append(
                (
                    f"{value:g}",
                    str(part),
                    f"{here.n_w.item():g}",
                    f"{gone} of {late.sizes['seed']} diverged" if gone else formatted(here.moved.item(), "+.1%"),
                    str(t_interval(here.weight_rms)) if still else "still moving",
                    _to_go(here),
                    str(t_interval(here.Q)),
                    formatted(here.drift_share.mean().item(), ".0%"),
                    formatted(here.cost.mean().item(), ".4f"),
                    formatted(here.reg_over_cost.mean().item(), ".3f"),
                )
            )
    columns = (axis, "part", "n_w", "moved", "weight_rms", "still to go", "Q", "drift in Q", "C₀", "ρ = reg/C₀")
    first, last = late["first"].item(), late["last"].item()
    note = (
        f"Means over epochs {first:g} to {last:g} and 95 % intervals over seeds. Moved: the largest change between "
        "thirds of this window; a layer counts if all are shown to be below 1 %. Still to go: what an exponential "
        "approach would add to the mean, with its 95 % interval, for time constants up to five runs; it is no part "
        "of the numbers. Q = n_w λ w²/n is what the gradient supplies."
    )
    return Table(f"Weights late in the run, by {axis}", columns, tuple(rows), note)


def _to_go(here: xr.Dataset) -> str:
    value, low, high = (formatted(here[name].item(), "+.1%", "unbounded") for name in TO_GO)
    return f"{value} [{low}, {high}]"


def candidate_table(late: xr.Dataset, candidates: xr.DataArray) -> Table:
    """Ratio of every candidate to the measurement, with the measured inputs it uses."""
    rows = []
    for part in late.part.values:
        for name in candidates.candidate.values:
            ratio = (candidates.sel(candidate=name, part=part) / late.weight_rms.sel(part=part)).mean("seed")
            ratios = [formatted(one, ".3g") for one in ratio.values]
            rows.append((str(part), str(name), *ratios, CANDIDATES[str(name)].inputs))
    columns = ("part", "candidate", *(f"h={h}" for h in late.hidden.values), "measured inputs")
    return Table("Candidates: ratio of each to the measurement", columns, tuple(rows), "1 would be right.")
