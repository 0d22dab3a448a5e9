"""Measure what rounding leaves of a decay, and hold it against the laws."""

import functools
from typing import Any

import numpy as np
import xarray as xr

from experiments.laboratory import exact
from experiments.laboratory.bfloat16 import laws, torch_table
from experiments.laboratory.bfloat16.settings import (
    DITHER,
    MEAN,
    NAME,
    NOISE_EPSILON,
    NOISE_STEPS,
    NOTHING,
    RATE,
    REST,
    SPREAD,
    TORCH,
    Settings,
)
from wd_jax.data import Dataset
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

TITLE = "bfloat16: decay that rounding takes"


def measure(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Simulate weights that are rounded in every step, and add what was measured of PyTorch.

    Returns
    -------
    xarray.Dataset
        Over `seed`: logarithms of what is left, shares that have not moved, means and spreads.
    """
    from experiments.laboratory.bfloat16 import simulation as sim

    seeds, few = preset.seeds_of(preset.seeds), {"weights": preset.weights}
    steps = {name: [preset.steps(e) for e in getattr(preset, name)] for name in ("nearest", "at_random")}
    left, stuck, moved = sim.over(functools.partial(sim.alone_nearest, **few), seeds, preset.nearest, steps["nearest"])
    mean, spread = sim.over(functools.partial(sim.alone_at_random, **few), seeds, preset.at_random, steps["at_random"])
    noisy = functools.partial(sim.beside_noise, weights=preset.weights, steps=NOISE_STEPS)
    (beside,) = sim.over(noisy, seeds, [NOISE_EPSILON] * len(preset.spaces), preset.spaces)
    fused = functools.partial(sim.adamw_once, weights=preset.weights, steps=torch_table.STEPS)
    ((without, with_it),) = sim.over(fused, seeds, [torch_table.ETA] * 2, [0.0, torch_table.DECAY])
    factor = np.float32(1) - np.asarray(preset.float32, np.float32)
    single = functools.partial(sim.factor_in_float32, **few, steps=preset.float32_steps)
    (lost,) = sim.over(single, seeds, list(factor))
    asked = -preset.float32_steps * np.log1p(-np.asarray(preset.float32))
    ways = list(torch_table.WAYS)
    torch = {name: [torch_table.MEASURED[name][way] for way in ways] for name in ("left", "lost")}
    return xr.Dataset(
        {
            "log_left": (("nearest", "seed"), left),
            "stuck": (("nearest", "seed"), stuck),
            "moved": (("nearest", "seed"), moved),
            "mean": (("at_random", "seed"), mean),
            "spread": (("at_random", "seed"), spread),
            "beside": (("spaces", "seed"), beside),
            "adamw_lost": ("seed", without - with_it),
            "single": (("float32", "seed"), lost / asked[:, None]),
            "torch_left": (("way", "torch_seed"), torch["left"]),
            "torch_lost": (("way", "torch_seed"), torch["lost"]),
            "torch_version": torch_table.MEASURED["version"],
        },
        {
            "seed": list(seeds),
            "nearest": list(preset.nearest),
            "at_random": list(preset.at_random),
            "spaces": list(preset.spaces),
            "float32": list(preset.float32),
            "way": ways,
            "torch_seed": list(range(torch_table.SEEDS)),
        },
    )


def analyse(preset: Settings, data: Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge what is left of weights, their spread, the noise that helps, and PyTorch."""
    found = stored[NAME]
    theory = laws.theory(preset, found)
    verdicts = (*_nearest(found, theory), *_at_random(found, theory), *_noise(found, theory), *_torch(found))
    tables = (
        _left(found, theory),
        _spreads(found, theory),
        _helped(found, theory),
        _torch_table(found),
        _single(found, theory),
    )

    def draw() -> Any:
        from experiments.laboratory.bfloat16 import figure

        return figure.figure(preset, found, theory)

    return Outcome(NAME, TITLE, _answer(found, theory), verdicts, tables, draw)


def _nearest(found: xr.Dataset, theory: xr.Dataset) -> tuple[Verdict, ...]:
    still = found.moved.where(found.nearest <= laws.STILL, drop=True)
    most = float(still.max()) if still.size else np.nan
    rate = found.log_left / -theory.asked
    fast = {"scope": "above 2^-8, to the nearest"}
    return (
        exact.verdict(
            most,
            NOTHING.value,
            claim=NAME,
            statement="rounding to the nearest moves no weight at all",
            scope="decay up to 2^-9 a step",
            why="the largest change of any weight",
        ),
        laws.compare(
            np.exp(found.log_left),
            theory.rest,
            REST.value,
            statement="what is left of weights that have stopped: exp(-ln²(512 ε)/(2 ln 2))",
            scope="between 2^-9 and 2^-8, to the nearest",
        ),
        laws.compare(
            rate, theory.kept, RATE.value, statement="rate of the decay, by its ways through the numbers", **fast
        ),
        laws.compare(
            rate,
            xr.ones_like(theory.kept).where(theory.kept.notnull()),
            RATE.value,
            kind="rival",
            statement="rate of the decay as if nothing were rounded",
            **fast,
        ),
    )


def _at_random(found: xr.Dataset, theory: xr.Dataset) -> tuple[Verdict, ...]:
    where = {"scope": "rounded at random"}
    return (
        laws.compare(found["mean"], theory["mean"], MEAN.value, statement="on average (1 - ε)^T is left", **where),
        laws.compare(
            found.spread,
            theory.path_spread,
            SPREAD.value,
            statement="spread: Var ln w is the sum of φ(1 - φ) u²/w² along the way",
            **where,
        ),
        laws.compare(
            found.spread,
            theory.spread,
            SPREAD.value,
            statement="spread: Var ln w = T (ε/(256 ln 2) - ε²)",
            scope="rounded at random, below 2^-8",
        ),
        laws.compare(
            found.spread,
            theory.usual_spread,
            SPREAD.value,
            kind="rival",
            statement="spread if rounding errors were uniform: Var ln w = T/(2^18 ln 2)",
            **where,
        ),
    )


def _noise(found: xr.Dataset, theory: xr.Dataset) -> tuple[Verdict, ...]:
    every = {"scope": "a factor of float32, 1 - ε rounded"}
    return (
        laws.compare(
            found.beside,
            theory.beside,
            DITHER.value,
            statement="share of the decay that is kept beside normal noise of so many spaces",
            scope=f"to the nearest, ε = {NOISE_EPSILON:g}",
        ),
        laws.compare(
            found.single, theory.single, RATE.value, statement="rate of the decay, weights rounded too", **every
        ),
        laws.compare(
            found.single,
            theory.factor,
            RATE.value,
            kind="rival",
            statement="rate of the decay as if the factor alone were rounded",
            **every,
        ),
    )


def _torch(found: xr.Dataset) -> tuple[Verdict, ...]:
    where = f"PyTorch {found.torch_version.item()}, bfloat16, measured once and stored"
    left, lost = (found[name].rename(torch_seed="seed") for name in ("torch_left", "torch_lost"))
    unfused = float(abs(lost.sel(way=["loop", "foreach"])).max())
    fused = lost.sel(way="fused").assign_coords(seed=lost.seed + 10**6)
    law = laws.torch_left(found.way.values.tolist(), torch_table.ALONE, torch_table.ALONE_STEPS)
    beside = f"{where}, ε = {torch_table.ETA * torch_table.DECAY:g} beside N(0, 1) gradients"
    due = -np.expm1(torch_table.STEPS * np.log1p(-torch_table.ETA * torch_table.DECAY))
    return (
        laws.compare(
            left,
            law,
            REST.value,
            kind="identity",
            statement="stored numbers: AdamW of PyTorch without gradient, what is left",
            scope=f"{where}, ε = {torch_table.ALONE:g}",
        ),
        exact.verdict(
            unfused,
            NOTHING.value,
            claim=NAME,
            kind="identity",
            statement="stored numbers: AdamW of PyTorch, not fused, moves no weight by its decay",
            scope=beside,
            why="the largest mean that decay took off",
        ),
        laws.compare(
            fused,
            found.adamw_lost,
            TORCH.value,
            fitted=True,
            kind="identity",
            statement="stored numbers: fused AdamW of PyTorch loses what a step of float32 that is rounded once loses",
            scope=beside,
        ),
        laws.compare(
            fused,
            due,
            TORCH.value,
            kind="rival",
            statement="stored numbers: fused AdamW of PyTorch loses what is due, 1 - (1 - ε)^50",
            scope=beside,
        ),
    )


def _answer(found: xr.Dataset, theory: xr.Dataset) -> str:
    still = found.nearest.values[found.nearest.values <= laws.STILL]
    slow = f"up to a decay of 2^-9 = 0.00195 a step (lr times weight_decay) {_moved(found, still)}"
    sd = np.sqrt(found.spread.mean("seed"))
    off = float(abs(found["mean"].mean("seed") / theory["mean"] - 1).max())
    fused = t_interval(found.torch_lost.sel(way="fused").values)
    return (
        f"Not when weights are rounded to the nearest number: {slow}, and up to 2^-8 they stop on the way. Rounded at "
        f"random they keep (1 - ε)^T on average, {off:.2%} off at most, and their logarithms spread by "
        f"{float(sd.min()):.3f} to {float(sd.max()):.3f}. Noise of {_noise_of(found)} spaces gives {_half(found)} of "
        f"the decay back: so AdamW of PyTorch {found.torch_version.item()} (stored numbers; torch is not run here) "
        "loses nothing to a decay of 0.001 in 50 steps unless it is fused, and then "
        f"{fused.value:.2%} where 4.88 % is due."
    )


def _moved(found: xr.Dataset, still: np.ndarray) -> str:
    if not still.size:
        return "nothing was measured"
    moved = float(found.moved.sel(nearest=still).max())
    return "no weight moves" if moved == 0 else f"weights move by up to {moved:.1e}"


def _noise_of(found: xr.Dataset) -> str:
    return f"{found.spaces.sel(spaces=0.5, method='nearest').item():g}"


def _half(found: xr.Dataset) -> str:
    at = found.beside.sel(spaces=0.5, method="nearest")
    return f"{float(at.mean()):.0%}"


def _left(found: xr.Dataset, theory: xr.Dataset) -> Table:
    rows = []
    for e in found.nearest.values:
        at, law = found.sel(nearest=e), theory.sel(nearest=e)
        by = law.rest.item() if np.isfinite(law.rest) else np.exp(-law.asked * law.kept).item()
        by = 1.0 if e <= laws.STILL else by
        rows.append(
            (
                f"{e:g}",
                str(t_interval(np.exp(at.log_left.values))),
                f"{by:.4f}",
                f"{np.exp(-law.asked.item()):.4f}",
                f"{at.stuck.mean().item():.3f}",
            )
        )
    columns = (
        "decay ε a step",
        "left, measured",
        "left, by the law",
        "left without rounding",
        "share that never moved",
    )
    return Table(
        "Rounded to the nearest", columns, tuple(rows), "Geometric means over the weights' start, after 1/ε steps."
    )


def _spreads(found: xr.Dataset, theory: xr.Dataset) -> Table:
    rows = [
        (
            f"{e:g}",
            str(t_interval(found["mean"].sel(at_random=e).values)),
            f"{theory['mean'].sel(at_random=e).item():.5f}",
            str(t_interval(found.spread.sel(at_random=e).values)),
            *(_number(theory[name].sel(at_random=e).item()) for name in ("path_spread", "spread", "usual_spread")),
        )
        for e in found.at_random.values
    ]
    columns = ("decay ε a step", "mean left", "(1 - ε)^T", "Var ln w", "along the way", "closed form", "if uniform")
    return Table("Rounded at random", columns, tuple(rows), "The closed form is for decays below 2^-8.")


def _helped(found: xr.Dataset, theory: xr.Dataset) -> Table:
    rows = [
        (f"{s:g}", str(t_interval(found.beside.sel(spaces=s).values)), f"{theory.beside.sel(spaces=s).item():.4f}")
        for s in found.spaces.values
    ]
    note = "Noise, in spaces from a number to the next, that a gradient adds in a step; to the nearest."
    return Table("Beside noise", ("noise, spaces", "share of the decay kept", "by the law"), tuple(rows), note)


def _torch_table(found: xr.Dataset) -> Table:
    rows = tuple(
        (str(way), *(str(t_interval(found[name].sel(way=way).values)) for name in ("torch_left", "torch_lost")))
        for way in found.way.values
    )
    rows = (*rows, ("own simulation, rounded once", "", str(t_interval(found.adamw_lost.values))))
    columns = ("AdamW", "left without gradient, ε = 0.003", "lost beside gradients, ε = 0.001, 50 steps")
    note = (
        f"PyTorch {found.torch_version.item()}, measured once and stored; loop is foreach=False, and foreach rounds "
        "1 - ε first."
    )
    return Table("PyTorch", columns, rows, note)


def _single(found: xr.Dataset, theory: xr.Dataset) -> Table:
    rows = [
        (
            f"{e:g}",
            str(t_interval(found.single.sel(float32=e).values)),
            *(f"{theory[name].sel(float32=e).item():.4f}" for name in ("single", "factor")),
        )
        for e in found.float32.values
    ]
    columns = ("decay ε a step", "rate over the rate asked for", "by the law", "if the factor alone were rounded")
    return Table("A factor of float32", columns, tuple(rows), "Weights multiplied by 1 - ε in float32, step by step.")


def _number(value: float) -> str:
    return f"{value:.4g}" if np.isfinite(value) else ""
