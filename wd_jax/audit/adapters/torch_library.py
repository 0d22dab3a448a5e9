"""Makes an audit's black box of a class or a factory that follows torch.optim.Optimizer's protocol, by asking it."""

import contextlib
import importlib.metadata
import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wd_jax.audit.adapters import torch_groups
from wd_jax.audit.adapters.torch_protocol import Construct, TorchOptimiser
from wd_jax.audit.black_box import BlackBox, Params

DTYPES = ("float32", "bfloat16", "float16", "float64")
DTYPE_WORDS = {"bf16": "bfloat16", "fp16": "float16", "fp64": "float64", **{name: name for name in DTYPES}}
PROBE: dict[str, tuple[int, ...]] = {
    "matrix": (4, 4),
    "vector": (4,),
    "norm": (4,),
    "embedding": (4, 4),
    "bias": (4,),
}
SLOW = 0.05
"""Seconds of a step on small parameters past which an audit asks for fewer."""
WRAPPED_WORDS = ("optimizer", "base", "opt", "base_optimizer")


class CannotMakeAgainError(ValueError):
    """What a user's optimiser lacks to be made on other parameters: one line."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one optimiser is made.

    Attributes
    ----------
    construct : callable
        ``construct(named, lr, weight_decay)``.
    default_lr, default_weight_decay : float or None
        What acts where nothing is said.
    note : str
        What had to be done to drive it.
    point : str
        ``"train"`` or ``"eval"``.
    dtype : str or None
        A dtype that the label fixes.
    takes_lr, takes_decay : bool
        Whether it has the argument.
    around : callable
        A context entered for each call of the library.
    facts : mapping
        By our names.
    """

    construct: Construct
    default_lr: float | None = None
    default_weight_decay: float | None = None
    note: str = ""
    point: str = "train"
    dtype: str | None = None
    takes_lr: bool = True
    takes_decay: bool = True
    around: Callable[[], Any] = contextlib.nullcontext
    facts: Mapping[str, Any] = field(default_factory=dict)


def version(distribution: str) -> str:
    """Give the release that is installed."""
    return importlib.metadata.version(distribution)


def number(value: Any) -> float | None:
    """Give a float, or None for what is no number."""
    try:
        return None if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError):
        return None


def default_of(factory: Callable[..., Any], *words: str) -> Any:
    """Give the default of the first of these arguments that the factory has; None where it has none of them."""
    known = inspect.signature(factory).parameters
    word = next((word for word in words if word in known), None)
    value = None if word is None else known[word].default
    return None if value is inspect.Parameter.empty else value


def accepts(factory: Callable[..., Any], word: str) -> bool:
    """Whether it has an argument of this name, written out."""
    return word in inspect.signature(factory).parameters


def swallows(factory: Callable[..., Any]) -> bool:
    """Whether it takes keyword arguments that it does not list."""
    return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in inspect.signature(factory).parameters.values())


def decay_argument(factory: Callable[..., Any]) -> str | None:
    """Give the factory's word for weight decay; None where it has no such argument."""
    word = torch_groups.decay_word(inspect.signature(factory).parameters)
    if word is None and swallows(factory):
        owner: Any = factory.__mro__[1] if isinstance(factory, type) else object
        inherits = owner.__init__ is not object.__init__ and _module(owner) == _module(factory)
        return decay_argument(owner) if inherits else None
    return word


def _module(cls: Any) -> str:
    return str(getattr(cls, "__module__", "")).partition(".")[0]


def arguments(
    factory: Callable[..., Any], options: Mapping[str, Any], lr: float | None, weight_decay: float | None
) -> dict[str, Any]:
    """Give the keyword arguments of one call: the options, and the rate and the decay by the factory's own words."""
    word = decay_argument(factory)
    given = dict(options)
    if lr is not None and (accepts(factory, "lr") or swallows(factory)):
        given["lr"] = lr
    if weight_decay is not None and word is not None:
        given[word] = weight_decay
    return given


def from_class(
    factory: Callable[..., Any],
    options: Mapping[str, Any],
    arrange: Callable[..., Any] = torch_groups.plain,
    **more: Any,
) -> Recipe:
    """Give the recipe of a class or function called as ``factory(parameters, lr=..., weight_decay=..., **options)``."""

    def construct(named: dict[str, Any], lr: float | None, weight_decay: float | None) -> Any:
        handed = arrange(named, lr, weight_decay)
        handed = handed if isinstance(handed, tuple) else (handed,)
        return factory(*handed, **arguments(factory, options, lr, weight_decay))

    word = decay_argument(factory)
    recipe: dict[str, Any] = {
        "default_lr": number(options.get("lr", default_of(factory, "lr"))),
        "default_weight_decay": number(options.get(word, default_of(factory, word))) if word else None,
        "takes_decay": word is not None,
    }
    return Recipe(construct=construct, **{**recipe, **more})


def wraps(factory: Any) -> bool:
    """Whether the class wraps another optimiser (Lookahead, OrthoGrad, ...): its first argument is one."""
    known = list(inspect.signature(factory).parameters)
    return bool(known) and known[0] in WRAPPED_WORDS


def from_wrapper(factory: Any, inner: Any, options: Mapping[str, Any], **more: Any) -> Recipe:
    """Give the recipe of a wrapper around an inner optimiser; rate and decay are the inner one's."""
    base = from_class(inner, {})

    def construct(named: dict[str, Any], lr: float | None, weight_decay: float | None) -> Any:
        return factory(base.construct(named, lr, weight_decay), **options)

    recipe: dict[str, Any] = {
        "default_lr": base.default_lr,
        "default_weight_decay": base.default_weight_decay,
        "note": f"wrapped around {inner.__name__}, which is given the decay",
    }
    return Recipe(construct=construct, **{**recipe, **more})


def facts_of(optimizer: Any) -> dict[str, Any]:
    """Give the coefficients of an optimiser's first group by our names: momentum, beta1, beta2, eps, ..."""
    groups = getattr(optimizer, "param_groups", [])
    group = {**getattr(optimizer, "defaults", {}), **{k: v for k, v in (dict(groups[0]) if groups else {}).items()}}
    facts: dict[str, Any] = {}
    betas = group.get("betas")
    if isinstance(betas, tuple | list):
        facts |= {f"beta{k}": number(beta) for k, beta in enumerate(betas, 1) if number(beta) is not None}
    for ours, theirs in (
        ("beta1", "beta1"),
        ("beta2", "beta2"),
        ("momentum", "momentum"),
        ("momentum", "mom"),
        ("beta2", "sqr_mom"),
        ("eps", "eps"),
    ):
        if number(group.get(theirs)) is not None:
            facts.setdefault(ours, number(group[theirs]))
    for word in ("dampening", "alpha"):
        if number(group.get(word)) is not None:
            facts[word] = number(group[word])
    facts |= {word: group[word] for word in ("nesterov", "amsgrad", "centered") if isinstance(group.get(word), bool)}
    return facts


def box(library: str, name: str, release: str, recipe: Recipe) -> BlackBox:
    """Give the black box of a recipe, after small steps that show what it takes.

    Raises
    ------
    ValueError
        In one line, where no way to make it and to step it is found.
    """
    takes, curved, optimizer, seconds = _takes(recipe, f"{library}:{name}")

    def make(lr: float | None = 0.1, weight_decay: float | None = 0.01, dtype: str = "float32") -> TorchOptimiser:
        return _make(recipe, curved, lr, weight_decay, dtype)

    dtypes = (recipe.dtype,) if recipe.dtype else tuple(kind for kind in DTYPES if _steps(make, takes, kind))
    notes = [recipe.note] if recipe.note else []
    notes += ["its gradients come from a loss whose Hessian is the identity"] if curved else []
    notes += [] if recipe.takes_decay else ["it has no weight_decay argument"]
    return BlackBox(
        library=library,
        name=name,
        version=release,
        make=make,
        default_lr=recipe.default_lr,
        default_weight_decay=recipe.default_weight_decay,
        dtypes=dtypes or ("float32",),
        takes=takes,
        note="; ".join(notes),
        facts={"stream": "torch", **facts_of(optimizer), **recipe.facts, **({"slow": True} if seconds > SLOW else {})},
    )


def _make(recipe: Recipe, curved: bool, lr: float | None, weight_decay: float | None, dtype: str) -> TorchOptimiser:
    return TorchOptimiser(
        recipe.construct,
        lr if recipe.takes_lr else None,
        weight_decay if recipe.takes_decay else None,
        dtype=recipe.dtype if recipe.dtype and dtype == "float32" else dtype,
        curved=curved,
        point=recipe.point,
        around=recipe.around,
    )


def _probe(roles: tuple[str, ...]) -> Params:
    return {role: np.ones(PROBE[role], np.float32) for role in roles}


def _steps(make: Callable[..., TorchOptimiser], roles: tuple[str, ...], dtype: str) -> bool:
    try:
        _one_step(make(dtype=dtype), roles)
    except Exception:  # whatever a library raises means that it does not take this
        return False
    return True


def _one_step(optimiser: TorchOptimiser, roles: tuple[str, ...], steps: int = 1) -> tuple[Any, float]:
    """Take steps, and give the library's object and the seconds of the fastest."""
    params = _probe(roles)
    optimiser.init(params)
    # Not zero: an optimiser that cannot bear zero gradients still has answers to the rest of the audit.
    grads = {role: (0.01 * np.arange(1, w.size + 1, dtype=w.dtype)).reshape(w.shape) for role, w in params.items()}
    fastest = float("inf")
    for _ in range(steps):
        begun = time.perf_counter()
        params = optimiser.step(params, grads)
        fastest = min(fastest, time.perf_counter() - begun)
    return optimiser.optimizer, fastest


def _takes(recipe: Recipe, what: str) -> tuple[tuple[str, ...], bool, Any, float]:
    """Find the kinds of parameters that it takes, all or matrices alone (Muon), and whether it asks for a graph."""
    first: Exception | None = None
    for curved in (False, True):
        for roles in (tuple(PROBE), ("matrix", "embedding"), ("matrix",)):
            try:
                optimizer, seconds = _one_step(_make(recipe, curved, 0.1, 0.01, "float32"), roles, 3)
            except Exception as error:  # a library may raise anything here
                first = first or error
            else:
                return roles, curved, optimizer, seconds
        if "require grad" not in str(first):
            break
    raise ValueError(f"{what}: {reason(first)}")


def reason(error: Exception | None) -> str:
    """Say in one line why an optimiser could not be made or stepped, and what helps."""
    if isinstance(error, CannotMakeAgainError):
        return str(error)
    said = " ".join(str(error).split())[:200] or type(error).__name__
    if "closure" in said.lower():
        return "it needs a closure that computes the loss again, and an audit gives it gradients only"
    return f"it could not be made and stepped ({type(error).__name__}: {said})"


def dtype_in(options: Mapping[str, Any], factory: Any) -> tuple[dict[str, Any], str | None]:
    """Take a bare dtype word (``AdamW(bfloat16)``) out of the options, unless the factory has such an argument."""
    words = [word for word in options if word in DTYPE_WORDS and options[word] is True and not accepts(factory, word)]
    kept = {key: value for key, value in options.items() if key not in words}
    return kept, DTYPE_WORDS[words[0]] if words else None
