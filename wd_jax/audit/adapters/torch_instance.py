"""An optimiser that a user has made, with groups of parameters: the same settings on the audit's parameters."""

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from wd_jax.audit.adapters import torch_groups
from wd_jax.audit.adapters.torch_library import CannotMakeAgainError, Recipe, box, from_class, number, version
from wd_jax.audit.black_box import BlackBox

PLAIN = bool | int | float | str | tuple | None


def wrap(library: str, distribution: str, thing: Any, *, arrange: Any = torch_groups.plain, **more: Any) -> BlackBox:
    """Give the black box of a class, of a partial of one, or of an instance with its own groups.

    Raises
    ------
    ValueError
        In one line, where the instance cannot be made again on other parameters.
    """
    if isinstance(thing, functools.partial):
        options = dict(thing.keywords)
        label = f"{thing.func.__name__}({','.join(f'{k}={v}' for k, v in options.items())})"
        return box(library, label, version(distribution), from_class(thing.func, options, arrange, **more))
    if isinstance(thing, type) or not hasattr(thing, "param_groups"):
        return box(library, thing.__name__, version(distribution), from_class(thing, {}, arrange, **more))
    return box(library, type(thing).__name__, version(distribution), from_instance(thing, **more))


def from_instance(optimizer: Any, **more: Any) -> Recipe:
    """Give the recipe of an instance: its class, made anew with its settings, its groups in the same roles.

    A matrix of the audit goes to the first group that holds a matrix, a vector to the first that holds a vector. The
    rate and the decay that are asked for are those of the matrices' group; the others keep their proportion to it.
    """
    groups = list(optimizer.param_groups)
    word = torch_groups.decay_word(groups[0])
    decays = [number(group.get(word)) or 0.0 for group in groups] if word else [0.0] * len(groups)
    rates = [number(group.get("lr")) or 0.0 for group in groups]
    first = _group_of(groups, 2)
    rate, decay = rates[first], decays[first] or max(decays, key=abs)
    kept = settings(optimizer)

    def construct(named: dict[str, Any], lr: float | None, weight_decay: float | None) -> Any:
        made = []
        for k, group in enumerate(groups):
            mine = [value for value in named.values() if _group_of(groups, value.ndim) == k]
            if not mine:
                continue
            new = {key: value for key, value in group.items() if key not in ("params", "param_names", "initial_lr")}
            if lr is not None and "lr" in new:
                new["lr"] = lr * (rates[k] / rate) if rate and rates[k] != rate else lr
                new |= {key: lr * (new[key] / rates[k]) for key in OTHER_RATES if new.get(key) and rates[k]}
            if word and weight_decay is not None:
                share = decays[k] / decay if decay else 1.0
                new[word] = weight_decay if share == 1 else weight_decay * share
            made.append({"params": mine, **{key: value for key, value in new.items() if key not in STATE}})
        made = [{key: False if key in GPU_ALONE else value for key, value in group.items()} for group in made]
        arguments = {**kept, **({"lr": lr} if lr is not None and "lr" in kept else {})}
        arguments |= {key: lr * (kept[key] / rate) for key in OTHER_RATES if lr and rate and kept.get(key)}
        try:
            return alike(optimizer, type(optimizer)(made, **arguments), rate, lr)
        except Exception as error:
            raise CannotMakeAgainError(
                f"it cannot be made again on other parameters ({type(error).__name__}: {short(error)}); "
                "give a class, or an object with init and step"
            ) from error

    facts = {"groups": describe(groups, word)}
    recipe: dict[str, Any] = {
        "default_lr": number(groups[first].get("lr")),
        "default_weight_decay": decay if word else None,
        "takes_decay": word is not None,
        "note": "; ".join(facts["groups"]) if len(groups) > 1 or not decay else "",
        "facts": facts,
    }
    return Recipe(construct=construct, **{**recipe, **more})


GPU_ALONE = ("capturable", "triton")
"""Switches that are put off here: they change where a step is reckoned and no number."""
OTHER_RATES = ("max_lr",)
"""Keys that hold a learning rate too: they stay in proportion to it."""
STATE = ("step", "k", "train_mode", "weight_sum", "lr_max", "scheduled_lr", "initial_lr", "d", "counter")
"""Keys of a group that an optimiser writes for itself as it runs: the audit's own begins without them."""


def settings(optimizer: Any) -> dict[str, Any]:
    """Give the arguments that the instance was made with, as far as its defaults and attributes show them."""
    known = inspect.signature(type(optimizer)).parameters
    defaults: Mapping[str, Any] = getattr(optimizer, "defaults", {})
    skipped = ("self", "params", "args", "kwargs")
    kept = {key: defaults[key] for key in known if key in defaults and key not in skipped}
    for key in known:
        value = vars(optimizer).get(key)
        if key not in kept and key not in skipped and key in vars(optimizer) and isinstance(value, PLAIN):
            kept[key] = value
    if "momentum" in known and "momentum" not in kept and "betas" in defaults:  # bitsandbytes
        kept["momentum"] = defaults["betas"][0]
    return {key: False if key in GPU_ALONE else value for key, value in kept.items()}


def alike(old: Any, new: Any, rate: float | None, lr: float | None) -> Any:
    """Give the new optimiser the switches and numbers that the old one keeps as attributes of its own.

    An argument may be kept under another name than it was given (lion-pytorch's ``decoupled_weight_decay``).
    """
    for key, value in vars(old).items():
        if key in STATE or key.startswith(("_step", "_opt", "_warned")) or key not in vars(new):
            continue
        if isinstance(value, float) and value == rate and lr is not None:
            value = lr
        if isinstance(value, bool | float | str) and vars(new)[key] != value:
            setattr(new, key, value)
    return new


def describe(groups: Sequence[Mapping[str, Any]], word: str | None) -> list[str]:
    """Say of each group what it holds and how it decays, one sentence each."""
    lines = []
    for k, group in enumerate(groups):
        tensors = list(group["params"])
        names = group.get("param_names")
        dims = " and ".join(str(ndim) for ndim in sorted({tensor.ndim for tensor in tensors}))
        held = ", ".join(list(names)[:3]) + (", ..." if len(names) > 3 else "") if names else f"of {dims} dimensions"
        decay = number(group.get(word)) if word else None
        says = "no weight decay" if not decay else f"weight decay {decay:g}"
        lines.append(f"group {k} ({len(tensors)} tensors: {held}): {says}")
    return lines


def short(error: Exception) -> str:
    """Give what an error says, in one line."""
    return " ".join(str(error).split())[:200]


def _group_of(groups: Sequence[Mapping[str, Any]], ndim: int) -> int:
    """Give the group for a tensor of so many dimensions: the first that holds its like, or else the first."""
    matrix = ndim >= 2
    return next((k for k, group in enumerate(groups) if any((t.ndim >= 2) == matrix for t in group["params"])), 0)
