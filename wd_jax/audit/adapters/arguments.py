"""What an optimiser's signature takes and what a label asks of it, for the adapters of libraries with classes."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wd_jax.audit.spec import literal

_HEAD = re.compile(r"(?P<name>[A-Za-z_][\w.]*)\s*")
_WORD = re.compile(r"[A-Za-z_][\w.]*")


@dataclass(frozen=True)
class Label:
    """A setting as the catalogue spells it, taken apart.

    Attributes
    ----------
    name : str
        ``"NesterovAG"`` of ``"NesterovAG(.9) + hook"``.
    positional : tuple
        Values without a name: ``(0.9,)``.
    flags : tuple of str
        Words without a value: ``("nesterov",)``.
    options : mapping
        Values with a name.
    rest : str
        What follows the brackets: ``"+ hook"``.
    """

    name: str
    positional: tuple[Any, ...]
    flags: tuple[str, ...]
    options: Mapping[str, Any]
    rest: str


def read(label: str) -> Label:
    """Take a label apart; nothing is evaluated but literals.

    Examples
    --------
    >>> read("NesterovAG(.9) + hook")
    Label(name='NesterovAG', positional=(0.9,), flags=(), options={}, rest='+ hook')
    >>> read("SGD(momentum=.9,nesterov)").flags
    ('nesterov',)
    """
    head = _HEAD.match(label.strip())
    if head is None:
        raise ValueError(f"{label}: no name at its start: write NAME(option=value)")
    after = label.strip()[head.end() :]
    inside, rest = _brackets(after)
    positional: list[Any] = []
    flags: list[str] = []
    options: dict[str, Any] = {}
    for piece in _pieces(inside):
        named, equals, value = piece.partition("=")
        if equals:
            options[named.strip()] = literal(value)
        elif _WORD.fullmatch(piece):
            flags.append(piece)
        else:
            positional.append(literal(piece))
    return Label(head["name"], tuple(positional), tuple(flags), options, rest)


def defaults(factory: Callable[..., Any]) -> dict[str, Any]:
    """Give a factory's parameters with their defaults, those of its base classes behind a ``**kwargs`` too.

    ``inspect.Parameter.empty`` stands for a parameter that has no default.
    """
    found: dict[str, Any] = {}
    layers = factory.__mro__ if isinstance(factory, type) else (factory,)
    for layer in layers:
        init = layer.__dict__.get("__init__") if isinstance(layer, type) else layer
        if init is None or layer is object:
            continue
        try:
            parameters = inspect.signature(_undecorated(init)).parameters.values()
        except (TypeError, ValueError):
            continue
        open_ended = False
        for each in parameters:
            if each.kind is each.VAR_KEYWORD:
                open_ended = True
            elif each.kind is not each.VAR_POSITIONAL and each.name != "self":
                found.setdefault(each.name, each.default)
        if not open_ended:
            break
    return found


def _undecorated(init: Any) -> Any:
    """Give the ``__init__`` inside a decorator that keeps no trace of it but its closure (MindSpore's)."""
    for cell in getattr(init, "__closure__", None) or ():
        inner = cell.cell_contents
        if callable(inner) and getattr(inner, "__name__", "") == "__init__":
            return inner
    return init


def number(value: Any) -> float | None:
    """Give a default as a number, None for one that is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Call:
    """How a factory is called: everything but the parameters, the rate and the decay.

    Attributes
    ----------
    lr, decay : str or None
        The names of the arguments; None where there is none.
    options : mapping
        All others that were asked for.
    default_lr, default_decay : float or None
        Of the signature.
    """

    lr: str | None
    decay: str | None
    options: Mapping[str, Any]
    default_lr: float | None
    default_decay: float | None

    def keywords(self, lr: float, weight_decay: float | None) -> dict[str, Any]:
        """Give the keyword arguments at a rate and a decay; None leaves the decay out."""
        chosen = dict(self.options)
        if self.lr is not None:
            chosen[self.lr] = lr
        if self.decay is not None and weight_decay is not None:
            chosen[self.decay] = weight_decay
        return chosen


def settle(
    factory: Callable[..., Any],
    label: str,
    options: Mapping[str, Any],
    lrs: Iterable[str],
    decays: Iterable[str],
    skip: Iterable[str] = (),
    rest: bool = False,
) -> Call:
    """Match what a label asks with what a factory takes.

    Parameters
    ----------
    factory : callable
        A class or a function.
    label, options
        As `Library.find` is given them. A value without a name goes to the first free parameter; a flag that is the
        name of a decay chooses that argument for the decay.
    lrs, decays : iterable of str
        What the library calls the rate and the decay, the likeliest first.
    skip : iterable of str
        Parameters that are never given by position: the weights.
    rest : bool
        The label may go on after the brackets: the adapter has read it.

    Returns
    -------
    Call

    Raises
    ------
    ValueError
        For an option that the factory does not take, and for what could not be read.
    """
    takes = defaults(factory)
    decays = tuple(decays)
    asked = read(label) if label else Label("", (), (), {}, "")
    if asked.rest and not rest:
        raise ValueError(f"{label}: {asked.rest} could not be read: write NAME(option=value, flag)")
    lr = next((name for name in lrs if name in takes), None)
    decay = next((name for name in decays if name in takes), None)
    chosen = dict.fromkeys(asked.flags, True) | dict(asked.options) | dict(options)
    for name in decays:
        if chosen.get(name) is True:
            decay = name
            del chosen[name]
    free = [name for name in takes if name not in {lr, decay, "parameters", "params", *skip}]
    chosen |= dict(zip(free, asked.positional, strict=False))
    for name in chosen:
        if name not in takes:
            raise ValueError(f"{label or factory}: it takes no {name}: it takes {', '.join(takes)}")
    if len(asked.positional) > len(free):
        raise ValueError(f"{label}: more values than it takes")
    if decay is not None and decay not in takes:
        raise ValueError(f"{label}: it takes no {decay}: it takes {', '.join(takes)}")
    return Call(lr, decay, chosen, number(takes.get(lr)) if lr else None, number(takes.get(decay)) if decay else None)


def facts(takes: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Give momentum, betas and the like by our names, of the options and else of the defaults."""
    known = {**takes, **options}
    found: dict[str, Any] = {}
    for ours, theirs in _NAMES.items():
        for name in theirs:
            value = known.get(name)
            if isinstance(value, bool):
                found.setdefault(ours, value)
            elif (real := number(value)) is not None:
                found.setdefault(ours, real)
    betas = known.get("betas")
    if isinstance(betas, tuple | list) and len(betas) >= 2:
        found.setdefault("beta1", float(betas[0]))
        found.setdefault("beta2", float(betas[1]))
    return found


_NAMES = {
    "momentum": ("momentum",),
    "nesterov": ("nesterov", "use_nesterov", "nesterovs_momentum"),
    "beta1": ("beta1", "beta_1", "b1"),
    "beta2": ("beta2", "beta_2", "b2", "rho", "alpha2"),
    "eps": ("eps", "epsilon"),
}


def _brackets(text: str) -> tuple[str, str]:
    """Split ``(inside) rest`` at the bracket that closes the first."""
    if not text.startswith("("):
        return "", text.strip()
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[1:place], text[place + 1 :].strip()
    raise ValueError(f"{text}: a bracket is not closed: write NAME(option=value)")


def _pieces(inside: str) -> list[str]:
    """Split at the commas that stand in no bracket."""
    pieces, depth = [""], 0
    for letter in inside:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    return [piece.strip() for piece in pieces if piece.strip()]
