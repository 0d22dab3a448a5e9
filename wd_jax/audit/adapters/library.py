"""What every adapter file says of its library: how it is installed, recognised, and which settings are catalogued."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wd_jax.audit.black_box import BlackBox


@dataclass(frozen=True, kw_only=True)
class Library:
    """One library of optimisers.

    Attributes
    ----------
    name : str
        As on the shell, before the colon: ``torch:AdamW``.
    distribution : str
        What its users install; the version is this distribution's.
    modules : tuple of str
        Top-level modules by which an object of it is recognised without importing anything.
    requirements : tuple of str
        Pinned releases for a virtual environment of its own (``python -m benchmarks.audit NAME``).
    python : str
        The interpreter that these need, ``"3.11"``.
    find : callable
        ``find("SGD", {"momentum": 0.9, "nesterov": True}, label)`` imports the library and gives a `BlackBox`; raises
        ValueError in one line, with the names that are known, for one that is not.
    wrap : callable or None
        Gives the `BlackBox` of an object that is recognised: a class, a factory, or an instance.
    settings : tuple of str
        What the catalogue lists: labels such as ``"SGD(momentum=.9,nesterov)"``.
    words : tuple of str
        What a label may say beside options, such as ``"eval x"``: `find` reads it in the label.
    build : tuple of str
        What must be installed before the requirements can be built; empty where they are built already.
    reads_labels : bool
        `find` reads the whole label itself, ``"NesterovAG(.9) + hook"``, and refuses what it cannot read.
    aliases : tuple of str
        Other names for it: ``("pytorch",)``.
    """

    name: str
    distribution: str
    modules: tuple[str, ...]
    requirements: tuple[str, ...]
    find: Callable[[str, Mapping[str, Any], str], BlackBox]
    wrap: Callable[[Any], BlackBox] | None = None
    settings: tuple[str, ...] = ()
    python: str = "3.11"
    words: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    reads_labels: bool = False
    aliases: tuple[str, ...] = field(default=())
