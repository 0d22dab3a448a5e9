"""The laws that a sweep's page asks, each with what is measured for it, and when it says nothing."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

from wd_jax.report.of_sweep import tolerances
from wd_jax.report.of_sweep.courses import DEEPEST, course
from wd_jax.report.of_sweep.forms import ANGLES, SIZES, Form
from wd_jax.report.of_sweep.formulas import Silent, evaluated, unmeasured
from wd_jax.report.of_sweep.parts import Part
from wd_jax.report.of_sweep.resting import Rest, rest, size_needed
from wd_jax.report.of_sweep.tolerances import Allowed
from wd_jax.stats.verdict import Kind


@dataclass(frozen=True)
class Asked:
    """A law held against a part.

    Attributes
    ----------
    measured : xarray.DataArray [axes, layer, seed]
        With the coordinate ``diverged_at``.
    theory : xarray.DataArray
        Of the same cells; NaN where the law says nothing.
    formula : str
        Behind it.
    of : str
        What both are.
    exact : bool
        Whether chance plays no part in it, so that numbers are judged without an interval.
    note : str
        What was left out, a sentence without its full stop; empty where nothing was.
    of_logarithm : bool
        Whether both are logarithms of what is left: a ratio below 0 is of weights that grew.
    """

    measured: xr.DataArray
    theory: xr.DataArray
    formula: str
    of: str
    exact: bool = False
    note: str = ""
    of_logarithm: bool = False


Ask = Callable[[Part], Asked | Silent]


@dataclass(frozen=True)
class Law:
    """A law of the page.

    Attributes
    ----------
    name : str
        Short, unique.
    title : str
        As a heading.
    statement : str
        What is claimed, a sentence without its full stop.
    kind : {"prediction", "rival", "identity"}
        As of a `wd_jax.Verdict`.
    allowed : callable
        Whether of the laboratory -> its tolerance.
    ask : callable
        Part -> what is held against what, or why nothing is.
    """

    name: str
    title: str
    statement: str
    kind: Kind
    allowed: Callable[[bool], Allowed]
    ask: Ask


def _without_gradient(part: Part) -> Asked | Silent:
    """Ask of weights on which decay alone acts: of inputs that are always zero, or of the laboratory."""
    runs = part.runs
    if part.of_laboratory:
        if runs.gradients.item() != "none":
            return Silent("made-up gradients act on every weight, and it is for weights without any")
        rms = runs.weight_rms.isel(layer=0, drop=True)
    elif "dead_input_rms" not in runs or not bool(runs.dead_input_rms.notnull().any()):
        return Silent("no input of these data is always zero, so every weight has a gradient")
    else:
        rms = runs.dead_input_rms
    return _shrinks(part, rms)


def _column_sums(part: Part) -> Asked | Silent:
    """Ask of the sums over the outputs of the layer before a softmax, whose gradients add up to zero."""
    runs = part.runs
    loss = str(runs.loss.item()) if "loss" in runs.coords else ""
    if part.of_laboratory or loss != "softmax":
        return Silent(f"it is for the loss softmax, and here it is {loss or 'none'}")
    if "sums_over_outputs" not in runs:
        return unmeasured("sums_over_outputs")
    scoped = evaluated("symmetry", "decayed", part, w_0=1.0, step=1.0)
    if isinstance(scoped, Silent):
        return scoped
    if "dtype" in runs.coords and str(runs.dtype.item()) == "bfloat16":
        return Silent("weights of bfloat16 are rounded by more than the sums are: they do not cancel")
    return _shrinks(part, runs.sums_over_outputs.isel(layer=-1, drop=True), SUMS_DEEPEST)


SUMS_DEEPEST = -4.0
"""The same as `DEEPEST` for sums whose gradients cancel but for rounding: below a fiftieth of the start that shows."""


def _shrinks(part: Part, size: xr.DataArray, deepest: float = DEEPEST) -> Asked | Silent:
    """Hold the logarithm of what is left of a size, at the last record where it is measured well, against the law."""
    found = course(part)
    if isinstance(found, Silent):
        return found
    left, formula = found
    left = left.where((left >= deepest) & (left.epoch > 0))
    if not bool((left < 0).any()):
        return Silent("there is no decay, or it is too strong for the formula, so nothing shrinks as it says")
    start = size.sel(epoch=0, drop=True)
    with np.errstate(all="ignore"):
        shrunk = xr.ufuncs.log(size / start)
    last = _last_place(left)
    theory, measured = left.isel(epoch=last), shrunk.isel(epoch=last)
    note = f"at the last record, epoch {float(part.runs.epoch[-1]):g}, or the last at which enough is left"
    of = "logarithm of what is left of the weights"
    return Asked(
        measured.drop_vars("epoch", errors="ignore"), theory.reset_coords(drop=True), formula, of, True, note, True
    )


def _last_place(left: xr.DataArray) -> xr.DataArray:
    """Give the place of the last record with a number, in every cell; 0 where there is none."""
    places = xr.DataArray(np.arange(left.sizes["epoch"]), dims="epoch")
    return places.where(left.notnull(), 0).max("epoch").astype(int).reset_coords(drop=True)


def _layer(first: bool) -> Ask:
    """Hold decay alone up beside layers that learn: at the end of the first epoch, or of the run."""

    def ask(part: Part) -> Asked | Silent:
        runs = part.runs
        if part.of_laboratory:
            return Silent("it is for the layers of a network")
        later = runs.epoch.values[runs.epoch.values > 0]
        if not later.size or (first and later[-1] <= 1):
            return Silent("the run is one epoch long: see the whole run")
        found = course(part)
        if isinstance(found, Silent):
            return found
        left, formula = found
        at = float(later[np.argmin(abs(later - 1))]) if first else float(later[-1])
        theory = left.sel(epoch=at, drop=True)
        if not bool((theory < 0).any()):
            return Silent("there is no decay, or it is too strong for the formula, so nothing shrinks as it says")
        start = runs.weight_rms.sel(epoch=0, drop=True)
        with np.errstate(all="ignore"):
            measured = xr.ufuncs.log(runs.weight_rms.sel(epoch=at) / start)
        of = "logarithm of what is left of a layer's rms weight"
        return Asked(measured, theory, formula, of, False, f"at epoch {at:g}", True)

    return ask


def _at_rest(form: Form) -> Ask:
    """Ask for a size or an angle at rest by the formula of a rule."""

    def ask(part: Part) -> Asked | Silent:
        found: Rest | Silent | None = None
        given = {}
        if form.measured_noise and part.of_laboratory:
            return Silent("in the laboratory noise is set, not measured")
        if form.measured_noise:
            found = rest(part)
            if isinstance(found, Silent):
                scoped = evaluated(form.derivation, form.formula, part, batch_gradient_rms=1.0)
                return scoped if isinstance(scoped, Silent) else found
            if "budget_noise" not in part.runs:
                return unmeasured("budget_noise")
            noise = found.mean(part, "budget_noise") / part.runs.steps_per_epoch / part.runs.n_w
            per_record = float(part.runs.epoch[1] - part.runs.epoch[0])
            given["batch_gradient_rms"] = ((noise / per_record) ** 0.5 / part.runs.eta).reset_coords(drop=True)
        theory = evaluated(form.derivation, form.formula, part, **given)
        if isinstance(theory, Silent):
            return theory
        if form.scale_free and (scaled := _scale_matters(part)) is not None:
            return scaled
        found = rest(part) if found is None else found
        if isinstance(found, Silent):
            return found
        measured = size_needed(found, form.of)
        if isinstance(measured, Silent):
            return measured
        still = found.still
        if form.scale_free and not part.of_laboratory:  # the output layer is before no normalisation
            still = still.where(still.layer < part.runs.layer.values[-1], False)
        with np.errstate(all="ignore"):
            theory = form.turned(theory)
        return _of_rest(form.words, measured, theory, form.name, still, found)

    return ask


def _scale_matters(part: Part) -> Silent | None:
    """Say why the cost does not ignore the scale of the hidden layers; None where it does."""
    runs = part.runs
    if part.of_laboratory:
        return None
    if "norm" not in runs.coords or runs.norm.item() == "none":
        return Silent("it is for layers whose scale the cost ignores, as before a normalisation")
    if "biases" not in runs.coords or bool(runs.biases.any()):
        why = "biases are added before the normalisation, so that the cost does not ignore the layers' scale"
        return Silent(why, "train a model without them: wd.mlp(widths, norm='layer', biases=False)")
    return None


def _virial(part: Part) -> Asked | Silent:
    """Ask for the size at which the full-batch gradient balances the penalty."""
    if part.of_laboratory:
        return Silent("in the laboratory there is no full batch")
    scoped = evaluated("tail_off", "virial_rms", part, weight_dot_gradient=-1.0)
    if isinstance(scoped, Silent):
        return scoped
    if "weight_dot_gradient" not in part.runs:
        return unmeasured("weight_dot_gradient")
    found = rest(part)
    if isinstance(found, Silent):
        return found
    theory = evaluated(
        "tail_off", "virial_rms", part, weight_dot_gradient=_bare(found.mean(part, "weight_dot_gradient"))
    )
    if isinstance(theory, Silent):
        return theory
    return _of_rest("rms weight of a layer", found.size, theory, "tail_off.virial_rms", found.still, found)


def _of_rest(
    of: str, measured: xr.DataArray, theory: xr.DataArray, formula: str, still: xr.DataArray, found: Rest
) -> Asked:
    cells = theory.isel(seed=0, drop=True) if "seed" in theory.dims else theory
    there = cells.notnull().broadcast_like(still)
    out = int((there & ~still).sum())
    note = found.said + (f"; {out} of {still.size} cells left out: not shown to be at rest" if out else "")
    return Asked(measured, theory.where(still), formula, of, False, note)


def _bare(array: xr.DataArray) -> xr.DataArray:
    return array.reset_coords(drop=True)


def _network(of_laboratory: bool) -> Allowed:
    return tolerances.LABORATORY if of_laboratory else tolerances.NETWORK


LAWS: tuple[Law, ...] = (
    Law(
        "decay alone",
        "Weights without gradient",
        "weights on which no gradient acts shrink as by decay alone (logarithm of what is left)",
        "prediction",
        lambda _: tolerances.ALONE,
        _without_gradient,
    ),
    Law(
        "column sums",
        "Sums over the outputs of the last layer",
        "the weights' sums over the outputs before a softmax shrink as by decay alone (logarithm of what is left)",
        "prediction",
        lambda _: tolerances.ALONE,
        _column_sums,
    ),
    *(
        Law(
            form.name,
            form.title,
            f"{form.words} at rest is that of {form.name}",
            "prediction",
            _network,
            _at_rest(form),
        )
        for form in (*SIZES, *ANGLES)
    ),
    Law(
        "virial",
        "Size where the full-batch gradient balances the penalty",
        "at rest the full-batch gradient balances the penalty: the rms weight is the virial's",
        "prediction",
        lambda _: tolerances.NETWORK,
        _virial,
    ),
    Law(
        "layers, first epoch",
        "Decay alone beside the layers: first epoch",
        "a layer that learns shrinks as by decay alone over the first epoch (logarithm of what is left)",
        "rival",
        lambda _: tolerances.LAYER,
        _layer(first=True),
    ),
    Law(
        "layers, whole run",
        "Decay alone beside the layers: whole run",
        "a layer that learns shrinks as by decay alone over the whole run (logarithm of what is left)",
        "rival",
        lambda _: tolerances.LAYER,
        _layer(first=False),
    ),
)
"""In the order in which the page shows them."""
