"""`wd_jax.lab`: an update rule on weights whose gradients are made up."""

import pathlib
from collections.abc import Sequence
from typing import Any

import xarray as xr

from wd_jax import files
from wd_jax.inputs import checks
from wd_jax.laboratory import arguments, dataset, measured, run
from wd_jax.measurement import Probes
from wd_jax.optimisers.rule import Rule
from wd_jax.results import netcdf
from wd_jax.sweeps import workers


def lab(
    rule: str | Rule = "sgd",
    gradients: str = "independent",
    *,
    steps: int,
    shape: int | Sequence[int] = 1000,
    seeds: int | Sequence[int] = 4,
    burn_in: int = 0,
    records: int = 1,
    n: int = 1,
    batch_size: int = 1,
    dtype: str = "float32",
    probes: Probes = measured.USUAL,
    devices: Sequence[Any] | None = None,
    out: str | pathlib.Path | None = None,
    overwrite: bool = False,
    **axes: Any,
) -> xr.Dataset:
    """Step weights on made-up gradients: what a law assumes of gradients holds here by construction.

    There is no network and no data: one tensor of weights, started at N(0, init_scale^2), and gradients that are drawn.
    All settings of a seed see the same drawn numbers.

    Parameters
    ----------
    rule : str or Rule
        Update rule: a name, as of ``Setup(optimiser=...)``, or a value.
    gradients : {"independent", "shuffled", "scale_invariant", "signal_plus_noise", "none"}
        Independent noise; n examples with fixed gradients, reshuffled each epoch; noise at right angles to the weights,
        of norm ``gradient_scale / |W|``; ``mean_gradient + curvature w`` plus noise; zero.
    steps : int
        Steps of each member, those of `burn_in` among them.
    shape : int or (int, int)
        Number of weights, or rows and columns of a matrix, which muon needs.
    seeds : int or sequence of int
        A number of seeds (0, 1, ...), or the seeds: each draws its own start and gradients.
    burn_in : int
        Steps before the first record. The result has the weights at their end as well; what is of a record's steps
        (budgets, angles, means) is NaN there.
    records : int
        Parts of equal length into which the other steps are cut. Budgets, angles and means are over one.
    n, batch_size : int
        Examples and minibatch size: a step takes the share eta lmbda / n off, and an epoch has n / batch_size steps.
        With the default of 1 lmbda is what optax and PyTorch call weight_decay, and an epoch is a step.
    dtype : {"float32", "float64"}
        Of weights and arithmetic.
    probes : Probes
        What is measured: those that look at data are left out. Budget, rotation and relative update unless told.
    devices : sequence of jax.Device, optional
        As for `wd_jax.sweep`.
    out, overwrite
        As for `wd_jax.sweep`.
    **axes
        What the rule reads (`eta`, `lmbda`, `init_scale`, `momentum`, ...) and the gradients (`gradient_std` of one
        example, `mean_gradient`, `curvature`, `gradient_scale`): a number, or a list that becomes a dimension.

    Returns
    -------
    xarray.Dataset
        As of `wd_jax.sweep`, over the swept axes, seed, layer (one) and epoch; coordinate ``step`` counts steps.
        ``weight_rms`` is at the end of each record, ``weight_rms_mean`` over all its steps. What laws ask for of the
        gradients (``batch_noise``, ``gradient_std``, ...) are coordinates, so `wd_jax.theory.evaluate` finds them.

    Raises
    ------
    ValueError
        For an argument that cannot be meant, in one line.
    TypeError
        For probes or devices that are none.
    FileExistsError
        If `out` exists and `overwrite` is not set.

    Examples
    --------
    >>> import wd_jax as wd
    >>> runs = lab("adamw", "independent", steps=600, burn_in=300, shape=200, eta=0.01, lmbda=[1.0, 2.0], beta2=0.999)
    >>> runs.weight_rms_mean.dims
    ('lmbda', 'seed', 'layer', 'epoch')
    >>> law = wd.theory.evaluate("adamw", "weight_rms", runs)
    >>> bool(abs(runs.weight_rms_mean.isel(epoch=-1).mean("seed") / law - 1).max() < 0.1)
    True
    """
    checks.flag("overwrite", overwrite)
    sizes = {"seeds": seeds, "steps": steps, "burn_in": burn_in, "records": records, "n": n, "batch_size": batch_size}
    asked = arguments.read(rule, gradients, shape, axes, **sizes, dtype=dtype, probes=probes, stacklevel=2)
    target = files.claim_file(out, overwrite) if out is not None else None
    where = workers.chosen(devices)
    runs = dataset.assemble(asked, run.run(asked, where), where)
    if target is not None:
        netcdf.write(runs, target)
    return runs
