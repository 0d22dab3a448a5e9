"""Ordinary and corrected decay under a cosine, held against the recursion, the exact map and the quasi-static form."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.corrected_decay.settings import EXACT, LAYER, LEFT, NAME, WAYS, WITHIN, Settings, shares
from experiments.laboratory.scheduled import recursion
from experiments.laboratory.scheduled.nearer import nearer
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONG = 30.0
"""From this X = eta L T on the power of X is stated."""
TITLE = "Decay in proportion to the square of the learning rate"


def analyse(preset: Settings, data: object, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge AdamW's norms against the recursion, plain SGD's layer against the exact map, and both rivals."""
    size, norm2 = np.sqrt(stored[NAME].weight_ms), stored[LAYER].weight_norm2
    theory = recursion_of(preset, size)
    turning = _ratio(norm2)
    left = np.sqrt(stored[LEFT].weight_ms)
    verdicts = (*_adamw(preset, size, theory), *_left(preset, left), *_layer(preset, norm2, turning))
    return Outcome(
        NAME,
        TITLE,
        _answer(preset, size, left, turning),
        verdicts,
        (_sizes(preset, size, theory), _left_table(left), _ratios(preset, norm2, turning)),
        lambda: _draw(preset, size, turning),
    )


def recursion_of(preset: Settings, size: xr.DataArray, scatter: bool = True) -> xr.DataArray:
    """Give the rms weight [way, step] of the recursion, over the one at rest by the leading law.

    Parameters
    ----------
    preset, size
        Numbers of the run, and what gives the steps.
    scatter : bool
        Whether AdamW's denominator scatters, as with a short average of squares: the law; or not: beta2 to 1.
    """
    rates, rest = preset.rates(False), preset.steps(False)[0]
    level = preset.epsilon / 2
    found = [
        np.sqrt(path_of(preset, rates, share, scatter) / level)[size.step.values + rest]
        for share in shares(rates).values()
    ]
    return xr.DataArray(np.stack(found), dims=("way", "step"), coords={"way": list(WAYS), "step": size.step.values})


def path_of(preset: Settings, rates: np.ndarray, share: np.ndarray, scatter: bool = True) -> np.ndarray:
    """Give AdamW's mean square of the recursion [step + 1]."""
    level = preset.epsilon / 2
    if scatter:
        return recursion.on_noise_short(rates, share, level, preset.beta1, preset.beta2)
    return recursion.on_noise(rates, share, level, preset.beta1)


def left_integral(run_decay: float, points: int = 200_001) -> float:
    r"""Give what ordinary decay leaves of the mean square at the end of a cosine: :math:`2X\int f^2 e^{-2Xs} dt`.

    Examples
    --------
    >>> round(left_integral(300.0) / (1.6 * 300 ** (-2 / 3)), 3)
    0.989
    """
    t = np.linspace(0, 1, points)
    f, s = (1 - np.cos(np.pi * t)) / 2, t / 2 - np.sin(np.pi * t) / (2 * np.pi)
    kept = float(np.exp(-run_decay))  # of the start, which is at rest: 2X s = X at t = 1
    return kept + 2 * run_decay * float(np.trapezoid(f**2 * np.exp(-2 * run_decay * s), t))


def exact_ratio(preset: Settings, start: np.ndarray) -> dict[str, np.ndarray]:
    """Iterate C3's law: |g|/|w| of each step [step, seed] by the way to decay, from the squared norms at the start.

    Phi' = B Phi/(1 + Phi^2 G^2) with G = 1, and |g|/|w| = G/|w|^2 = a Phi/eta, a what decay leaves of a weight.
    """
    laws = _formulas("schedule_law")
    rates = preset.rates(True)
    found = {}
    for way, share in shares(rates).items():
        lmbda = share / rates
        phi = np.array([laws["phi"](eta=rates[0], lmbda=lmbda[0], n=1, weight_norm2=one) for one in start])
        path = [phi]
        growth = laws["growth"].to_numpy()(
            eta=rates[:-1], lmbda=lmbda[:-1], eta_next=rates[1:], lmbda_next=lmbda[1:], n=np.float64(1)
        )
        onward = laws["phi_next"].to_numpy()
        for one in growth:
            path.append(onward(phi=path[-1], growth=one, gradient_scale=np.float64(1)))
        found[way] = np.stack(path) * ((1 - share) / rates)[:, None]
    return found


def _adamw(preset: Settings, size: xr.DataArray, theory: xr.DataArray) -> tuple[Verdict, ...]:
    later = size.step >= 0
    text = {"claim": NAME}
    noise, layer = (size.sel(gradients=one, step=later) for one in ("noise", "layer"))
    words = {"ordinary": "ordinary decay", "corrected": "decay in proportion to η²"}
    without = recursion_of(preset, size, scatter=False)
    rest, total = preset.steps(False)
    quarters = [rest + total - preset.records // 4 * (total // preset.records), rest + total - 1]
    late = xr.DataArray(
        preset.rates(False)[quarters] / preset.epsilon,
        dims="step",
        coords={"step": noise.step.values[[-1 - preset.records // 4, -1]]},
    )
    return (
        *(
            wd.compare(
                noise.sel(way=way),
                theory.sel(way=way, step=later),
                WITHIN.value,
                statement=f"{words[way]}: AdamW's rms weight follows the recursion of second moments",
                scope="noise, from the start of the cosine to its end",
                **text,
            )
            for way in WAYS
        ),
        wd.compare(
            layer,
            theory.sel(step=later),
            WITHIN.value,
            statement="the same recursion holds for a layer whose scale the cost ignores",
            scope="AdamW, both decays, from the start of the cosine to its end",
            **text,
        ),
        wd.compare(
            _over_start(layer.sel(way="corrected")),
            1.0,
            WITHIN.value,
            statement="decay in proportion to η² holds the norm",
            scope="AdamW on a layer, over the whole cosine",
            **text,
        ),
        wd.compare(
            noise,
            without.sel(step=later),
            WITHIN.value,
            kind="rival",
            statement="AdamW follows the recursion in which its denominator does not scatter (β2 → 1)",
            scope=f"noise, both decays, β2 = {preset.beta2:g}",
            **text,
        ),
        wd.compare(
            noise.sel(way="ordinary").isel(step=[-1 - preset.records // 4, -1]),
            late**0.5,
            WITHIN.value,
            kind="rival",
            statement="quasi-static: the rms weight is √(η/2L) at each learning rate",
            scope="AdamW on noise, ordinary decay, after three quarters and at the end",
            **text,
        ),
    )


def _left(preset: Settings, left: xr.DataArray) -> tuple[Verdict, ...]:
    power = _formulas("corrected_decay")["left_cosine"]
    long = left.sel(run_decay=left.run_decay >= LONG)
    cases = (
        ("prediction", left, left_integral, "ordinary decay leaves √(2X ∫ f² exp(-2Xs) dt) of the rms weight"),
        ("rival", long, power_at(power), "ordinary decay leaves √(1.6 X^(-2/3)) of the rms weight"),
    )
    return tuple(
        wd.compare(
            runs,
            runs.isel(seed=0, drop=True).copy(data=[form(float(one)) ** 0.5 for one in runs.run_decay]),
            WITHIN.value,
            claim=NAME,
            kind=kind,
            statement=statement,
            scope="plain SGD on noise, end of a cosine with X = ηLT of "
            + ", ".join(f"{x:g}" for x in runs.run_decay.values),
        )
        for kind, runs, form, statement in cases
    )


def _layer(preset: Settings, norm2: xr.DataArray, turning: xr.DataArray) -> tuple[Verdict, ...]:
    rates, rest = preset.rates(True), preset.steps(True)[0]
    text = {"claim": NAME}
    before, after = norm2.values[:, :-1], norm2.values[:, 1:]
    kept = 1 - np.stack(list(shares(rates).values()))[:, :, None]
    step = np.abs(after / (kept**2 * before + rates[None, :, None] ** 2 / before) - 1).max()
    path = exact_ratio(preset, norm2.sel(way="ordinary").values[0])
    whole = max(np.abs(1 / norm2.sel(way=way).values[:-1] / path[way] - 1).max() for way in WAYS)
    share = shares(rates)["corrected"][rest:]
    held = np.sqrt((2 - share) / rates.max())
    ratio = 1 / norm2.sel(way="corrected", step=norm2.step >= 0).transpose("step", "seed").values[: held.size]
    off = float(np.abs(ratio / held[:, None] - 1).max())
    target = float(_formulas("corrected_decay")["gradient_ratio"](eta_peak=preset.layer_epsilon, lmbda=1.0, n=1))
    far = float(np.abs(ratio / target - 1).max())
    rate = rates[rest:] / rates[0]
    last = [3 * rate.size // 4, rate.size - 1]
    return (
        exact.verdict(
            float(step),
            EXACT.value,
            statement="exact: |w'|² = (1-ε)²|w|² + η²G²/|w|² in each step",
            scope="plain SGD on a layer, both decays, float64",
            kind="identity",
            **text,
        ),
        exact.verdict(
            float(whole),
            EXACT.value,
            statement="exact: Φ' = BΦ/(1 + Φ²G²) carries |g|/|w| through the whole schedule",
            scope="plain SGD on a layer, both decays, float64",
            **text,
        ),
        exact.verdict(
            off,
            WITHIN.value,
            statement="decay in proportion to η² keeps |g|/|w| at √(L(2-ε)/η_max), ε of the step",
            scope="plain SGD on a layer, every step of the cosine, relative error",
            why=f"the largest error that was met; {far:.2g} of √(2L/η_max), the form for small decay",
            **text,
        ),
        wd.compare(
            turning.sel(way="ordinary").isel(step=last),
            xr.DataArray(rate[last] ** -0.5, dims="step", coords={"step": turning.step.values[last]}),
            WITHIN.value,
            kind="rival",
            statement="quasi-static: |g|/|w| is √(2L/η) at each learning rate",
            scope="plain SGD on a layer, ordinary decay, growth up to three quarters and to the end",
            **text,
        ),
    )


def _ratio(norm2: xr.DataArray) -> xr.DataArray:
    """|g|/|w| over what it is at the start of the cosine, from there on."""
    later = norm2.sel(step=norm2.step >= 0)
    return later.isel(step=0, drop=True) / later


def _over_start(size: xr.DataArray) -> xr.DataArray:
    return size.isel(step=slice(1, None)) / size.isel(step=0, drop=True)


def _answer(preset: Settings, size: xr.DataArray, left: xr.DataArray, turning: xr.DataArray) -> str:
    layer = (size.isel(step=-1) / size.sel(step=0)).mean("seed").sel(gradients="layer")
    noise = (size.isel(step=-1) / size.sel(step=0)).mean("seed").sel(gradients="noise")
    grown = turning.isel(step=-1).mean("seed")
    quasi = float((preset.rates(True)[-1] / preset.layer_epsilon) ** -0.5)
    return (
        f"Under a cosine AdamW's weights end at {float(noise.sel(way='ordinary')):.2f} of their size on noise "
        f"({float(layer.sel(way='ordinary')):.2f} in a layer) with ordinary decay, and at "
        f"{float(noise.sel(way='corrected')):.2f} ({float(layer.sel(way='corrected')):.2f}) with decay in proportion "
        f"to η². |g|/|w| of a layer under plain SGD grows {float(grown.sel(way='ordinary')):.2f} times with the one "
        f"and {float(grown.sel(way='corrected')):.2f} times with the other; the quasi-static form says {quasi:.0f} "
        f"times. {_forms(preset, size, left)}"
    )


def _forms(preset: Settings, size: xr.DataArray, left: xr.DataArray) -> str:
    """Say which forms are nearer where intervals tell them apart."""
    power = _formulas("corrected_decay")["left_cosine"]
    left = left.sel(run_decay=left.run_decay >= LONG)
    like = left.isel(seed=0, drop=True)
    forms = {
        name: like.copy(data=[form(float(x)) ** 0.5 for x in like.run_decay])
        for name, form in (("the integral", left_integral), ("the power of X", power_at(power)))
    }
    noise = size.sel(gradients="noise", step=size.step > 0)
    sizes = {
        name: recursion_of(preset, noise, scatter)
        for name, scatter in (("that whose denominator scatters", True), ("that without scatter", False))
    }
    return (
        f"Of what ordinary decay leaves, {nearer(left, forms)}. Of the recursions for AdamW on noise, "
        f"{nearer(noise, sizes)}."
    )


def power_at(law: Any) -> Any:
    """Make the power of X a function of X alone, also below the X for which it is stated."""
    raw = law.to_numpy()
    return lambda run_decay: float(raw(run_decay=np.float64(run_decay)))


def _left_table(left: xr.DataArray) -> Table:
    power = power_at(_formulas("corrected_decay")["left_cosine"])
    rows = tuple(
        (
            f"{float(x):g}",
            f"{left_integral(float(x)) ** 0.5:.4f}",
            f"{power(float(x)) ** 0.5:.4f}",
            str(t_interval(left.sel(run_decay=x).values)),
        )
        for x in left.run_decay.values
    )
    columns = ("X = ηLT", "√ of the integral", "√(1.6 X^(-2/3))", "measured")
    note = f"The power of X is stated for X of {LONG:g} and more."
    return Table("Ordinary decay: rms weight at the end of a cosine, over √(η_max/2L)", columns, rows, note)


def _sizes(preset: Settings, size: xr.DataArray, theory: xr.DataArray) -> Table:
    rows = []
    chosen = np.unique(np.linspace(0, preset.records, 5).round().astype(int))
    later = size.sel(step=size.step >= 0)
    quasi = np.sqrt(
        np.append(preset.rates(False)[preset.steps(False)[0] :: preset.steps(False)[1] // preset.records], 0)
    )
    quasi[-1] = np.sqrt(preset.rates(False)[-1])
    for i in chosen:
        step = int(later.step[i])
        for way in WAYS:
            found = [str(t_interval(later.sel(gradients=one, way=way, step=step).values)) for one in ("noise", "layer")]
            still = f"{quasi[i] / np.sqrt(preset.epsilon):.4f}" if way == "ordinary" else "1"
            rows.append((str(step), way, f"{float(theory.sel(way=way, step=step)):.4f}", *found, still))
    columns = ("step", "decay", "recursion", "measured on noise", "measured in a layer", "quasi-static")
    return Table("AdamW: rms weight over √(η_max/2L)", columns, tuple(rows))


def _ratios(preset: Settings, norm2: xr.DataArray, turning: xr.DataArray) -> Table:
    path = exact_ratio(preset, norm2.sel(way="ordinary").values[0])
    rest, total = preset.steps(True)
    rate = preset.rates(True)[rest:] / preset.layer_epsilon
    rows = []
    for i in np.linspace(0, total - 1, 5).round().astype(int):
        for way in WAYS:
            law = (path[way][rest + i] / path[way][rest]).mean()
            still = f"{rate[i] ** -0.5:.4g}" if way == "ordinary" else "1"
            rows.append((str(i), way, f"{law:.6f}", f"{float(turning.sel(way=way).isel(step=i).mean()):.6f}", still))
    return Table(
        "Plain SGD on a layer: growth of |g|/|w|",
        ("step", "decay", "exact law", "measured", "quasi-static"),
        tuple(rows),
    )


def _formulas(name: str) -> Any:
    import derivations

    return derivations.derive(name).formulas


def _draw(preset: Settings, size: xr.DataArray, turning: xr.DataArray) -> "Figure":
    from experiments.laboratory.corrected_decay import figure

    return figure.figure(preset, size, turning)
