"""Where weights are at rest, and how large they are there and by what angle a step turns them."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from wd_jax import display
from wd_jax.report.of_sweep.courses import rate
from wd_jax.report.of_sweep.formulas import Silent, unmeasured
from wd_jax.report.of_sweep.parts import Part
from wd_jax.report.of_sweep.tolerances import STILL
from wd_jax.results import divergence
from wd_jax.stats.plateau import agree, changes, third_of_window

ENOUGH = 0.01
"""What decay alone may have left of the distance of the mean square from its rest, where averages begin."""


@dataclass(frozen=True)
class Rest:
    """A part late in its run.

    Attributes
    ----------
    size, norm2 : xarray.DataArray [axes, seed, layer]
        Root mean square of a weight, and |W|^2: means over the window.
    angle : xarray.DataArray or None
        Root mean square angle of a step, radians; None where it was not measured.
    still : xarray.DataArray of bool [axes, layer]
        Whether the layer is shown to be at rest.
    records : slice
        The window.
    said : str
        What the means are over.
    """

    size: xr.DataArray
    norm2: xr.DataArray
    angle: xr.DataArray | None
    still: xr.DataArray
    records: slice
    said: str

    def mean(self, part: Part, name: str) -> xr.DataArray:
        """Average another variable over the window; NaN where it was never evaluated there."""
        return part.runs[name].isel(epoch=self.records).mean("epoch")


def rest(part: Part) -> Rest | Silent:
    """Look at the end of a part's run; Silent where nothing is shown to be at rest.

    Parameters
    ----------
    part : Part
        A training: the last 60 % of the run, where its thirds are shown to agree (`wd_jax.stats.plateau.agree`) and
        decay alone has forgotten the start before it. The laboratory: its last record, if the latter is so.
    """
    found = _made_up(part) if part.of_laboratory else _trained(part)
    if isinstance(found, Silent) or bool(found.still.any()):
        return found
    return _moving(part)


def _trained(part: Part) -> Rest | Silent:
    runs = part.runs
    epoch, third = runs.epoch.values, third_of_window(runs.sizes["epoch"])
    steps = np.diff(epoch)
    if third < 2 or epoch[-1] <= 0 or not np.allclose(steps, steps[0]):
        why = (
            f"with {epoch.size} record{'s' * (epoch.size != 1)} it can't be shown that weights are at rest: it takes "
            "11 at equal distances"
        )
        return Silent(why, "train for 10 epochs or more, or give --records-per-epoch")
    if runs.sizes["seed"] < 2:
        return Silent("one seed cannot show that weights are at rest: it takes an interval over seeds", "--seeds 4")
    rms = runs.weight_rms.where(~divergence.lost(runs.isel(epoch=-1))).transpose(..., "layer", "seed", "epoch")
    with np.errstate(all="ignore"):
        passed = agree(changes(rms.values, third), STILL.value)
    labels = {dim: rms[dim] for dim in rms.dims[:-2] if dim in rms.indexes}
    late = slice(epoch.size - 3 * third, None)
    still = xr.DataArray(passed, labels, rms.dims[:-2]) & _forgotten(part, float(epoch[late][0]))
    norm2 = runs.weight_norm2.isel(epoch=late).mean("epoch", skipna=False)
    said = f"means over epochs {epoch[late][0]:g} to {epoch[-1]:g}"
    return Rest((norm2 / runs.n_w) ** 0.5, norm2, _angle(runs, late), still, late, said)


def _made_up(part: Part) -> Rest | Silent:
    runs = part.runs
    if "weight_rms_mean" not in runs or runs.sizes["epoch"] < 2:
        return Silent("there is no record of the laboratory's weights over time")
    late = slice(runs.sizes["epoch"] - 1, None)
    begins = float(runs.step.values[-2]) if "step" in runs.coords else float(runs.epoch.values[-2])
    still = _forgotten(part, begins / float(runs.steps_per_epoch)).expand_dims(layer=runs.layer.values)
    last = runs.isel(epoch=-1)
    said = f"means over the steps of the last record, from step {begins:g} on"
    return Rest(last.weight_rms_mean, last.weight_norm2_mean, _angle(runs, late), still, late, said)


def _forgotten(part: Part, epoch: float) -> xr.DataArray:
    """Say in which cells decay alone has forgotten the start by then."""
    steps = epoch * part.runs.steps_per_epoch.reset_coords(drop=True)
    with np.errstate(all="ignore"):
        return np.exp(-2 * rate(part) * steps) < ENOUGH


def _angle(runs: xr.Dataset, late: slice) -> xr.DataArray | None:
    if "rotation" not in runs or not bool(runs.rotation.notnull().any()):
        return None
    return (runs.rotation**2).isel(epoch=late).mean("epoch", skipna=False) ** 0.5


def _moving(part: Part) -> Silent:
    """Say that nothing is at rest, and how long decay alone would need."""
    runs, slowest = part.runs, rate(part)
    slowest = slowest.where(slowest > 0)
    if not bool(slowest.notnull().any()):
        return Silent("there is no decay, and nothing holds the weights: they do not come to rest")
    with np.errstate(all="ignore"):
        steps = np.log(1 / ENOUGH) / 2 / slowest
    if part.of_laboratory:
        return Silent(
            f"the last record begins at step {runs.step.values[-2]:g}, before weights are at rest",
            f"give burn_in={int(np.nanmax(np.ceil(steps))) + 1} or more",
        )
    epochs = (steps / runs.steps_per_epoch.reset_coords(drop=True)).values
    least, most = np.nanmin(epochs), np.nanmax(epochs)
    span = display.listed(list(dict.fromkeys(np.ceil([least, most]))), between=" to ")
    return Silent(
        "no layer is shown to be at rest over the last 60 % of the run, within 10 %",
        f"a run longer than {float(runs.epoch[-1]):g} epochs, or more seeds: averages begin after 40 % of the run, and "
        f"by then decay alone must have forgotten 99 % of the start, which takes about {span} epochs",
    )


def size_needed(found: Rest, which: str) -> xr.DataArray | Silent:
    """Give what a law is about: "size", "norm" or "angle"."""
    if which == "angle":
        return unmeasured("rotation") if found.angle is None else found.angle
    return found.size if which == "size" else found.norm2**0.5
