"""Judge what was simulated: decay alone, the rate against noise, weights on a sphere."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

import derivations
import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.adam_l2_and_adamw import settings as own
from experiments.laboratory.adam_l2_and_adamw.settings import NAME, Settings
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Adam with L2 against AdamW"
ALONE, SPHERE = f"{NAME}_alone", f"{NAME}_sphere"
DEEPEST = 1.5
"""The rate is taken down to exp(-1.5) of the weights at the end of the warm-up, if the run is that long."""


def analyse(preset: Settings, data: wd.data.Dataset | None, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the three measurements."""
    alone, noise, sphere = (stored[name] for name in (ALONE, NAME, SPHERE))
    rates = measured_rates(preset, noise)
    verdicts = (*_alone(preset, alone), *_against_noise(preset, noise, rates), *_on_sphere(preset, sphere))
    tables = (
        _left_alone(preset, alone),
        _scaling(preset, alone),
        _rates_table(rates),
        _sphere_table(preset, sphere),
    )
    answer = _answer(preset, alone, rates)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(preset, alone, rates))


def _alone(preset: Settings, alone: xr.Dataset) -> tuple[Verdict, ...]:
    course, eta = alone.adam_l2.values, preset.alone_eta
    law = np.exp(alone.step.values * np.log1p(-eta * alone.lmbda.values[:, None]))
    first = (1 - alone.stabilised.isel(step=1).values) / eta
    damping = derivations.derive("adam_l2").formulas["stabiliser_factor"](
        lmbda=alone.small_lmbda.values, n=1, adam_epsilon=preset.adam_epsilon, weight_rms=1.0
    )
    values = ", ".join(f"{value:g}" for value in alone.lmbda.values)
    steps = f"{preset.alone_steps} steps, eta = {eta:g}"
    scope = f"no gradient, adam_epsilon = 0, lmbda = {values}, {steps}"
    sizes = ", ".join(f"{value:.3g}" for value in alone.factor.values)
    return (
        exact.verdict(
            _worst(course / course[:1] - 1),
            own.FORGETS.value,
            claim=NAME,
            statement="decay alone under Adam with L2 does not depend on lmbda",
            scope=scope,
        ),
        exact.verdict(
            _worst(alone.similar.values / alone.similar.sel(factor=1.0).values - 1),
            own.SIMILAR.value,
            claim=NAME,
            statement="decay alone under Adam with L2 is w_0 f(t, eta/w_0)",
            scope=f"eta and w_0 both times {sizes}, {steps}",
        ),
        exact.verdict(
            _worst(_faster(alone)),
            own.SCALING.value,
            claim=NAME,
            kind="rival",
            statement="decay alone under Adam with L2 is a function of eta t alone",
            scope=f"eta = {eta:g} for {preset.long_steps} steps, {2 * eta:g} for {preset.long_steps // 2}",
        ),
        exact.verdict(
            _worst(first / damping - 1),
            own.ONE_STEP.value,
            claim=NAME,
            statement="adam_epsilon leaves 1/(1 + adam_epsilon/(L w)) of the first step",
            scope=f"adam_epsilon = {preset.adam_epsilon:g}, w = 1, L from {preset.small_lmbda[0]:g}",
        ),
        exact.verdict(
            _worst(alone.adamw.values - law),
            own.EXACT.value,
            claim=NAME,
            statement="decay alone under AdamW is (1 - eta L)^t",
            scope=f"no gradient, L = {values}, {steps}",
        ),
    )


def _faster(alone: xr.Dataset) -> np.ndarray:
    """Give w at twice eta over w at eta, less 1, at every time eta t."""
    return alone.faster.values / alone.slower.values[::2] - 1


def measured_rates(preset: Settings, noise: xr.Dataset) -> xr.Dataset:
    """Give the decay rate per step against noise, measured and by the laws.

    Parameters
    ----------
    preset : Settings
        Its eta, beta1 and warm-up.
    noise : xarray.Dataset
        ``left`` [rule, sigma, lmbda, seed, step].

    Returns
    -------
    xarray.Dataset
        ``measured`` [rule, sigma, lmbda, seed]; ``law`` (to second order), ``leading`` (eta L/sigma) and ``adamw``
        (eta L) [sigma, lmbda].
    """
    decay = preset.eta * noise.lmbda
    leading = (decay / noise.sigma).transpose("sigma", "lmbda")
    rms = np.sqrt(noise.sigma**2 + noise.lmbda * preset.eta * noise.sigma / 2)  # with the penalty's, at rest
    factor = derivations.derive("adam_l2").formulas["decay_factor"](
        eta=preset.eta, lmbda=noise.lmbda.values, n=1, batch_gradient_rms=rms.values, beta1=preset.beta1
    )
    from_start = noise.left.sel(step=slice(preset.warm_up, None))
    begun = from_start.isel(step=0)
    length = from_start.step - from_start.step[0]
    per_step = xr.where(noise.rule == "adamw", decay, leading)
    deep = (length * per_step).where(length * per_step <= DEEPEST, -1).argmax("step")
    end = deep.clip(1)
    measured = np.log(begun / from_start.isel(step=end)) / length.isel(step=end)
    laws = {"law": rms.copy(data=-np.log(factor)), "leading": leading, "adamw": xr.broadcast(decay, leading)[0]}
    return xr.Dataset({"measured": measured.drop_vars("step"), **laws}).transpose("rule", "sigma", "lmbda", "seed")


def _against_noise(preset: Settings, noise: xr.Dataset, rates: xr.Dataset) -> tuple[Verdict, ...]:
    measured = rates.measured.sel(rule="adam_l2", drop=True)
    within = own.RATE.value
    law = np.exp(noise.step * np.log1p(-preset.eta * noise.lmbda))
    over = f"noise of deviation {preset.sigma[0]:g} to {preset.sigma[-1]:g}, L = {preset.lmbda[0]:g} to "
    over += f"{preset.lmbda[-1]:g}, beta1 = {preset.beta1:g}, beta2 = {preset.beta2:g}"
    said: dict[str, Any] = {"claim": NAME, "scope": over}
    return (
        wd.compare(measured, rates.leading, within, statement="rate under Adam with L2 is eta L/sigma", **said),
        wd.compare(measured, rates.law, within, statement="rate under Adam with L2 is eta L/s to second order", **said),
        wd.compare(measured, rates.adamw, within, statement="rate under Adam with L2 is eta L", kind="rival", **said),
        exact.verdict(
            _worst((noise.left.sel(rule="adamw") - law).values),
            own.EXACT.value,
            statement="the mean weight under AdamW is (1 - eta L)^t whatever the noise",
            **said,
        ),
    )


def sphere_laws(preset: Settings, sphere: xr.Dataset) -> xr.Dataset:
    """Give norm and rotation by the laws, ``norm`` [lmbda, gradient_scale] and ``rotation`` [rule, ...]."""
    cells = {"eta": preset.sphere_eta, "lmbda": sphere.lmbda.values[:, None], "n": 1}
    size = {"n_w": preset.sphere_weights, "gradient_scale": sphere.gradient_scale.values}
    adam_l2, adamw = (derivations.derive(name).formulas for name in ("adam_l2", "adamw"))
    norm = adam_l2["weight_norm_scale_invariant"](**cells, **size)
    turning = adam_l2["rotation_scale_invariant"](**cells, **size, beta1=preset.beta1)
    steady = adamw["rotation_leading"](**cells, beta1=preset.beta1) + 0 * turning
    dims = ("lmbda", "gradient_scale")
    return xr.Dataset(
        {"norm": (dims, norm), "rotation": (("rule", *dims), np.stack([turning, steady]))},
        {"rule": ["adam_l2", "adamw"], "lmbda": sphere.lmbda, "gradient_scale": sphere.gradient_scale},
    )


def _on_sphere(preset: Settings, sphere: xr.Dataset) -> tuple[Verdict, ...]:
    laws, within = sphere_laws(preset, sphere), own.SPHERE.value
    coupled, decoupled = (sphere.sel(rule=rule, drop=True) for rule in ("adam_l2", "adamw"))
    said: dict[str, Any] = {"claim": NAME}
    said["scope"] = f"{preset.sphere_weights} weights, gradients across them of norm G/|w|, at rest"
    turning, steady = (laws.rotation.sel(rule=rule, drop=True) for rule in ("adam_l2", "adamw"))
    what = "scale-invariant weights under Adam with L2"
    return (
        wd.compare(coupled.norm, laws.norm, within, statement=f"{what}: |w|^3 = eta G sqrt(n_w)/(2 L)", **said),
        wd.compare(coupled.rotation, turning, within, statement=f"{what}: their rotation depends on G", **said),
        wd.compare(
            coupled.rotation, steady, within, statement=f"{what}: they turn as under AdamW", kind="rival", **said
        ),
        wd.compare(
            decoupled.rotation,
            steady,
            within,
            statement="scale-invariant weights under AdamW: their rotation does not depend on G",
            **said,
        ),
    )


def _worst(error: np.ndarray) -> float:
    """Largest absolute value; NaN if there is one."""
    return float(np.max(np.abs(error)))


def _answer(preset: Settings, alone: xr.Dataset, rates: xr.Dataset) -> str:
    first, last = alone.lmbda.values[[0, -1]]
    left = alone.isel(step=-1)
    ratio = (rates.measured / rates.adamw).mean(("seed", "lmbda")).sel(rule="adam_l2")
    adam_l2, adamw = left.adam_l2.values, left.adamw.values
    middle = len(ratio) // 2
    sigmas = ", ".join(f"{value:g}" for value in ratio.sigma.values[[0, middle, -1]])
    times = ", ".join(f"{value:.2f}" for value in ratio.values[[0, middle, -1]])
    return (
        f"With nothing to learn, Adam with L2 shrinks a weight to {adam_l2[0]:.4f} of itself in {preset.alone_steps} "
        f"steps, be lmbda {first:g} or {last:g}; AdamW leaves {adamw[0]:.4f} or {adamw[-1]:.4f}. Against noise of "
        f"deviation {sigmas} its decay is {times} times that of AdamW with the same numbers: weights with large "
        "gradients are decayed less."
    )


def _left_alone(preset: Settings, alone: xr.Dataset) -> Table:
    rows = [
        (f"{value:g}", f"{float(alone.adam_l2[i, -1]):.12f}", "0", f"{float(alone.adamw[i, -1]):.6f}")
        for i, value in enumerate(alone.lmbda.values)
    ]
    rows += [
        (f"{value:g}", f"{float(alone.stabilised[i, -1]):.12f}", f"{preset.adam_epsilon:g}", "")
        for i, value in enumerate(alone.small_lmbda.values)
    ]
    note = "With adam_epsilon, lmbda comes back where lmbda w is not large against it."
    columns = ("lmbda", "left under Adam with L2", "adam_epsilon", "left under AdamW")
    return Table(f"Decay alone: w/w_0 after {preset.alone_steps} steps", columns, tuple(rows), note)


def _scaling(preset: Settings, alone: xr.Dataset) -> Table:
    slower, off = alone.slower.values, _faster(alone)
    shown = [round(len(off) * part) - 1 for part in (0.125, 0.25, 0.5, 1)]
    rows = [(2 * t, f"{slower[2 * t]:.4f}", f"{off[t]:+.2%}") for t in shown]
    note = f"The average of squares remembers {1 / (1 - preset.beta2):.0f} steps, whatever eta is."
    columns = (f"step at eta = {preset.alone_eta:g}", "w/w_0", "w at twice eta and half the steps")
    return Table("Decay alone under Adam with L2 at the same eta t", columns, tuple(rows), note)


def _rates_table(rates: xr.Dataset) -> Table:
    rows = []
    for sigma in rates.sigma.values:
        for lmbda in rates.lmbda.values:
            one = rates.sel(sigma=sigma, lmbda=lmbda)
            found = [t_interval(one.measured.sel(rule=rule).values) for rule in ("adam_l2", "adamw")]
            laws = [f"{float(value):.5g}" for value in (one.leading, one.law, one.adamw)]
            rows.append((f"{sigma:g}", f"{lmbda:g}", str(found[0]), *laws[:2], str(found[1]), laws[2]))
    columns = ("sigma", "L", "Adam with L2", "eta L/sigma", "second order", "AdamW", "eta L")
    return Table("Decay per step against noise", columns, tuple(rows))


def _sphere_table(preset: Settings, sphere: xr.Dataset) -> Table:
    laws = sphere_laws(preset, sphere)
    rows = []
    for lmbda in sphere.lmbda.values:
        for scale in sphere.gradient_scale.values:
            one, law = (part.sel(lmbda=lmbda, gradient_scale=scale) for part in (sphere, laws))
            found = [t_interval(one.norm.sel(rule="adam_l2").values)]
            found += [t_interval(one.rotation.sel(rule=rule).values) for rule in ("adam_l2", "adamw")]
            known = [law.norm, *law.rotation]
            pairs = [part for e, k in zip(found, known, strict=True) for part in (str(e), f"{float(k):.5g}")]
            rows.append((f"{lmbda:g}", f"{scale:g}", *pairs))
    columns = ("L", "G", "norm, Adam with L2", "law", "rotation, Adam with L2", "law", "rotation, AdamW", "law")
    return Table("Scale-invariant weights at rest (rotation in radians per step)", columns, tuple(rows))


def _draw(preset: Settings, alone: xr.Dataset, rates: xr.Dataset) -> "Figure":
    from experiments.laboratory.adam_l2_and_adamw import figure

    return figure.figure(preset, alone, rates)
