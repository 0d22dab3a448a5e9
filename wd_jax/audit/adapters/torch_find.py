"""Finds an optimiser of torch's protocol by its name in a module, and says which names there are."""

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from wd_jax.audit.adapters import registry, torch_groups
from wd_jax.audit.adapters.torch_library import (
    box,
    dtype_in,
    from_class,
    from_wrapper,
    swallows,
    version,
    wraps,
)
from wd_jax.audit.black_box import BlackBox

EVAL = re.compile(r"\beval\b|\bx\b")
POINTS = ("eval x", "train y", "eval", "train", "x", "y", "x(eval", "y(train")
"""What a label says of the point that is read, without brackets at its ends."""
TRAIN = re.compile(r"\btrain\b|\by\b")


def names(module: Any) -> list[str]:
    """List the optimisers of a module: public classes with a `step` that are no base class."""
    return sorted(
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and hasattr(value, "step") and name not in ("Optimizer", "BaseOptimizer")
    )


def pick(library: str, name: str, module: Any, known: Callable[[Any], list[str]] = names) -> Any:
    """Give the class or function of this name, whatever its capitals.

    Raises
    ------
    ValueError
        In one line, with the names that come near.
    """
    found = getattr(module, name, None)
    if callable(found):
        return found
    there = known(module)
    same = [other for other in there if other.lower() == name.lower()]
    if same:
        return getattr(module, same[0])
    raise registry.unknown(library, name, there)


def unknown_options(library: str, label: str, factory: Any, options: Mapping[str, Any]) -> None:
    """Refuse an option that the factory has not, where it would be swallowed or raise later."""
    parameters = inspect.signature(factory).parameters
    if swallows(factory):
        return
    wrong = next((word for word in options if word not in parameters), None)
    if wrong is not None:
        there = [word for word in parameters if word not in ("self", "params")]
        near = difflib.get_close_matches(wrong, there, n=3, cutoff=0.4) or there[:8]
        raise ValueError(f"{library}:{label}: no option {wrong!r}; there is {', '.join(near)}")


def point_of(label: str) -> str:
    """Give where a schedule-free optimiser is read: ``"eval"`` for x, ``"train"`` for y and where nothing is said."""
    words = re.sub(r"[\w.]+=[\w.]+", "", label)
    return "eval" if EVAL.search(words) and not TRAIN.search(words) else "train"


def by_name(
    library: str,
    distribution: str,
    module: Any,
    name: str,
    options: Mapping[str, Any],
    label: str,
    *,
    arrange: Callable[..., Any] = torch_groups.plain,
    known: Callable[[Any], list[str]] = names,
    inner: str = "AdamW",
    **more: Any,
) -> BlackBox:
    """Give the black box of the optimiser of this name with keyword options.

    Parameters
    ----------
    library, distribution : str
        The shell's word for it, and what is installed.
    module : module
        Where its classes are.
    name, options, label
        As `wd_jax.audit.adapters.library.Library.find` is given them.
    arrange : callable
        ``arrange(named, lr, weight_decay)``: what is handed over as parameters; a tuple is several arguments.
    known : callable
        Lists the names of a module.
    inner : str
        The optimiser of torch's own that a wrapper is put around.
    **more
        Fields of the `Recipe`.
    """
    factory = pick(library, name, module, known)
    given, dtype = dtype_in(options, factory)
    more = {"dtype": dtype, "point": point_of(label), **more}
    if isinstance(factory, type) and wraps(factory):
        named = next((word for word in given if given[word] is True and callable(getattr(module, word, None))), None)
        kept = {key: value for key, value in given.items() if key != named}
        around = getattr(module, named) if named else torch_class(inner)
        return box(library, label, version(distribution), from_wrapper(factory, around, kept, **more))
    unknown_options(library, label, factory, given)
    return box(library, label, version(distribution), from_class(factory, given, arrange, **more))


def torch_class(name: str) -> Any:
    """Give the class of torch's own that a wrapper is put around where its label names none."""
    import torch

    return getattr(torch.optim, name)
