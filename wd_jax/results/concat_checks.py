"""Which results can be joined, and along what: each refusal names the difference and the remedy, in one line."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import display
from wd_jax.engine.probes import registry
from wd_jax.inputs import checks
from wd_jax.optimisers.rules import COMMON
from wd_jax.results import coefficients
from wd_jax.results.validity import lacking
from wd_jax.setup import SCHEDULES

UNKNOWN = "unknown"
"""What stands for a text that one of the results does not say."""
USUAL = {
    "eta_schedule": "constant",
    "lmbda_schedule": "constant",
    "norm": "none",
    "biases": True,
    "decays": "layers",
    "rounding": "nearest",
    "model": "mlp",
}
"""Coordinates that a result has only where they are not this."""
SHAPE = ("hidden", "depth")
OF_GRADIENTS = ("gradient_std", "mean_gradient", "curvature", "gradient_scale")
SAME_RECORDS = "run both with the same records, for as long"
TWO_MODELS = "two models are no two values of one setting; compare them side by side"
ALIKE = {
    "dataset_sha256": "two data sets answer two questions; compare them side by side, or run both on one",
    "n": "run both on one data set, or with one n",
    "target_kind": "run both on one data set",
    "independent_seeds": "run both with order='seed'",
    "model": TWO_MODELS,
    "layer_name": TWO_MODELS,
    "update_rule": "two rules of one name; give one of them another name and run it again",
}
"""Coordinates that must be the same whatever the dimension, with the remedy."""
MAY_LACK = ("init", "activation", "loss", "optimiser", "sampling", "dtype", "gradients", *SHAPE)
"""Settings that older results, other kinds of models or the laboratory do not say."""
NO_SETTING = (
    *("layer", "split", "epoch", "step", "diverged_at", "status"),  # labels, and what was measured
    *("dataset", "environment", "method", "config", "config_hash", "accuracy_means"),  # where it is from
    *("m", "steps_per_epoch", "n_w", "n_in", "per_step_factor", "decay_kept", "no_budget"),  # follow from settings
    "decay_measured",
    *("eta_mean", "eta_last", "lmbda_mean", "lmbda_last", "decay_log_factor", "batch_noise", "batch_gradient_rms"),
    *("total_steps", "warmup_steps", "stable_steps", "cooldown_steps", "t_c"),
)
"""Coordinates that are no settings; each other one is, also one that no list names. Rates: see `concat_plans`."""
FIXES_UPDATE = ("optimiser", "biases", "norm", "decays")
"""Settings that the words of an update depend on."""


def whole_results(given: Any) -> tuple[xr.Dataset, ...]:
    """Give the results; refuse what is none, or only one."""
    if isinstance(given, xr.Dataset | str) or not isinstance(given, list | tuple):
        raise TypeError(f"results: got {checks.shown(given)}; give a list, wd.concat([runs_a, runs_b])")
    for number, runs in enumerate(given):
        if not isinstance(runs, xr.Dataset):
            raise TypeError(f"results[{number}]: got {checks.shown(runs)}; give what sweep, lab or open returned")
        if lack := "" if "config_hash" in runs.attrs else lacking(runs):
            raise ValueError(f"results[{number}]: no whole result, with {lack}: give what sweep, lab or open returned")
    if len(given) < 2:
        raise ValueError(f"results: got {len(given)} of them; give two or more, wd.concat([runs_a, runs_b])")
    return tuple(given)


def same_kind(parts: Sequence[xr.Dataset]) -> None:
    """Refuse results of a sweep beside those of the laboratory, other formats, and other variables."""
    first = parts[0]
    for number, runs in enumerate(parts[1:], start=1):
        both = f"results[0] and results[{number}]"
        if ("gradients" in first.coords) != ("gradients" in runs.coords):
            raise ValueError(f"{both}: one is of wd.sweep, one of wd.lab: join those of one kind, compare the two")
        for name in ("format", "convention"):
            here, there = first.attrs.get(name), runs.attrs.get(name)
            if here != there:
                raise ValueError(
                    f"{both}: their {name} is {checks.shown(here)} and {checks.shown(there)}: "
                    "open both with wd.open, or run the older one again"
                )
        for one, other, where in ((first, runs, number), (runs, first, 0)):
            if missing := [str(name) for name in one.data_vars if name not in other.data_vars]:
                switch = registry.switch_of(missing[0])
                on = "..." if switch and switch.option == "splits" else "True"
                asked = f"wd.Probes({switch.option}={on})" if switch else "the same probes"
                raise ValueError(
                    f"{missing[0]}: results[{where}] has none: run both with {asked}, "
                    f"or leave it out of the other, runs.drop_vars({missing!r})"
                )


def dimension(parts: Sequence[xr.Dataset], asked: str | None) -> str:
    """Find along what results differ, and refuse those that differ in anything else.

    Parameters
    ----------
    parts : sequence of xarray.Dataset
        Of one kind.
    asked : str, optional
        The dimension that was named.
    """
    for name, remedy in ALIKE.items():
        _demand_alike(parts, name, remedy)
    found = [name for name in _settings(parts) if _differs(parts, name)]
    if asked is not None:
        _check_asked(parts, asked)
    if not found:
        return asked or "seed"  # the same members twice, as the caller will see
    chosen = asked or _only(parts, found)
    _check_fit(parts, chosen)
    beside = [name for name in found if name != chosen and not _follows(parts, name, chosen)]
    if beside:
        values = _values_of(parts, beside[0])
        raise ValueError(
            f"{beside[0]}={values}: differs too, and results are joined along {chosen} alone: "
            f"{_remedy(parts, beside[0], chosen)}"
        )
    return chosen


def same_labels(parts: Sequence[xr.Dataset], dim: str) -> None:
    """Refuse results that are measured at other epochs, of other layers or splits, or over other cells."""
    first = parts[0]
    for number, runs in enumerate(parts[1:], start=1):
        here, there = (set(map(str, one.weight_rms.dims)) for one in (first, runs))
        if here != there:
            name = sorted(here ^ there)[0]
            raise ValueError(
                f"{name}: a dimension of one of results[0] and results[{number}] alone: select with a list, "
                f"sel({name}=[...]), or join along {name} first"
            )
        for name in map(str, dict.fromkeys((*first.dims, *runs.dims))):
            if name == dim or (name == "layer" and dim in SHAPE) or name not in first.dims or name not in runs.dims:
                continue
            if name in first.coords and np.array_equal(first[name], runs[name]):
                continue
            if name not in first.coords and first.sizes[name] == runs.sizes[name]:
                continue
            raise ValueError(_other_labels(name, first, runs, number))
    for name in () if dim in SHAPE else ("n_w", "n_in"):
        _demand_alike(parts, name, "weights of other shapes; join along hidden or depth where that is what differs")


def _other_labels(name: str, first: xr.Dataset, runs: xr.Dataset, number: int) -> str:
    if name not in first.coords:
        return f"{name}: results[0] and results[{number}] have weights of other shapes: drop them, runs.drop_vars(...)"
    one, other = (np.ravel(part[name].values) for part in (first, runs))
    if name == "epoch":
        both = f"results[0] and results[{number}] end at epoch {one[-1]:g} and {other[-1]:g}, with {len(one)} and "
        short, long = sorted((one, other), key=len)
        shared = 1 < len(short) < len(long) and np.array_equal(short, long[: len(short)])
        remedy = f"take the part that both have, runs.sel(epoch=slice(0, {short[-1]:g}))" if shared else SAME_RECORDS
        if any(name in run.coords and (run[name] != "constant").any() for run in (first, runs) for name in SCHEDULES):
            return (
                f"epoch: {both}{len(other)} records, and a schedule may follow the run's length: run both for as long"
            )
        return f"epoch: {both}{len(other)} records: {remedy}"
    words = " and ".join(display.listed(part.tolist(), between=", ") for part in (one, other))
    return f"{name}: results[0] and results[{number}] have {words}: select what both have, runs.sel({name}=[...])"


def numbers(parts: Sequence[xr.Dataset]) -> tuple[str, ...]:
    """Name the numbers that rules, or the laboratory's gradients, may read."""
    return tuple(dict.fromkeys((*(name for runs in parts for name in coefficients.names(runs)), *OF_GRADIENTS)))


def _settings(parts: Sequence[xr.Dataset]) -> list[str]:
    """Name what tells runs apart and may be a dimension: seed, and the settings; m goes as batch_size."""
    swept = [str(dim) for runs in parts for dim in runs.weight_rms.dims]
    held = [str(name) for runs in parts for name in runs.coords]
    names = dict.fromkeys(("seed", *swept, *numbers(parts), *USUAL, *held, "batch_size"))
    there = [name for name in names if any(name in runs.coords for runs in parts) or name == "batch_size"]
    return [name for name in there if name not in (*NO_SETTING, *ALIKE)]


def _of(runs: xr.Dataset, name: str) -> list[Any] | None:
    name = "m" if name == "batch_size" else name
    if name not in runs.coords:
        return [USUAL[name]] if name in USUAL else None
    return list(dict.fromkeys("" if value != value else value for value in np.ravel(runs[name].values).tolist()))


def _differs(parts: Sequence[xr.Dataset], name: str) -> bool:
    """Whether it has other values in one result; what older ones do not say is no difference, where that is known."""
    held = [values for values in _each(parts, name) if values is not None]
    if any(values != held[0] for values in held[1:]):
        return True
    there = [runs[name] for runs in parts if name in runs.coords]
    same = [one for one in there[1:] if one.dims == there[0].dims and one.shape == there[0].shape]
    if any(not there[0].variable.equals(one.variable) for one in same):
        return True  # the same values, of other cells
    said = name in (*ALIKE, *MAY_LACK, *USUAL, "dataset", "batch_size", *numbers(parts), *NO_SETTING)
    swept = any(name in runs.dims for runs in parts)
    return not (said or swept) and len(held) < len(parts)


def _follows(parts: Sequence[xr.Dataset], name: str, dim: str) -> bool:
    """Whether a number may differ because the rules, or the gradients, or the shapes do that `dim` joins."""
    own = {one for runs in parts for one in coefficients.names(runs)} - {one.name for one in COMMON}
    if dim == "optimiser" and name in own:  # what a rule does not read is no setting of it
        return any(_of(runs, name) in (None, [""]) for runs in parts)
    if dim == "gradients":
        return name in (*OF_GRADIENTS, "sampling")
    return dim == "depth" and name == "hidden" and any(values in ([0], [""]) for values in _each(parts, name))


def _each(parts: Sequence[xr.Dataset], name: str) -> list[list[Any] | None]:
    return [_of(runs, name) for runs in parts]


def _values_of(parts: Sequence[xr.Dataset], name: str) -> str:
    held = [values for values in _each(parts, name) if values is not None]
    words = [display.listed(values, between=", ") for values in held]
    shown = [f"[{text}]" if max(map(len, held)) > 1 else text for text in words]
    return " and ".join(dict.fromkeys(shown))


def _check_asked(parts: Sequence[xr.Dataset], asked: Any) -> None:
    known = [name for name in _settings(parts) if all(_of(runs, name) is not None for runs in parts)]
    if asked in ("layer", "split", "epoch"):
        raise ValueError(f"dim={asked!r}: results are joined along seeds or settings: {', '.join(known)}")
    if not isinstance(asked, str) or asked not in known:
        raise ValueError(f"dim={checks.shown(asked)}: all of them have {', '.join(known)}: choose one of these")


def _only(parts: Sequence[xr.Dataset], found: Sequence[str]) -> str:
    """Give the one setting that differs, those that follow from another left out."""
    leading = [name for name in found if not any(_follows(parts, name, other) for other in found if other != name)]
    if len(leading) > 1:
        named = ", ".join(f"{name}={_values_of(parts, name)}" for name in leading[:3])
        raise ValueError(
            f"{named}: results differ in {len(leading)} settings, and one can be the dimension: join those that differ "
            "in one first, or sweep all of them at once"
        )
    return leading[0]


def _check_fit(parts: Sequence[xr.Dataset], name: str) -> None:
    """Refuse as a dimension what one result does not say, or what differs between its cells or layers."""
    for runs in parts:
        coordinate = "m" if name == "batch_size" and name not in runs.coords else name
        if runs[coordinate].dims in ((), (name,)) if coordinate in runs.coords else name in USUAL:
            continue
        raise ValueError(
            f"{name}={_values_of(parts, name)}: it differs and can be no dimension, as it is not one value of each "
            f"result: run both with one {name}"
        )


def _remedy(parts: Sequence[xr.Dataset], name: str, dim: str) -> str:
    swept = any(name in runs.dims for runs in parts)
    return (
        f"select what both have, runs.sel({name}=[...])" if swept else f"run both with one {name}, or give dim={name!r}"
    )


def _demand_alike(parts: Sequence[xr.Dataset], name: str, remedy: str) -> None:
    if name == "update_rule" and any(_differs(parts, setting) for setting in FIXES_UPDATE):
        return
    if not _differs(parts, name):
        return
    if name != "dataset_sha256":
        raise ValueError(f"{name}={_values_of(parts, name)}: {remedy}")
    named = _values_of(parts, "dataset")
    raise ValueError(f"dataset={named}{'' if _differs(parts, 'dataset') else ' of other content'}: {remedy}")
