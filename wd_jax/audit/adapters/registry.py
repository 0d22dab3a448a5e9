"""Which adapter drives what: by the library's name, and by the module that an object comes from.

Every file of this folder with a ``LIBRARY`` is an adapter; a new one needs no entry anywhere.
"""

import difflib
import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from wd_jax.audit import adapters
from wd_jax.audit.adapters.library import Library
from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.spec import Spec, parse


def find(text: str) -> BlackBox:
    """Make the optimiser that a text names.

    Parameters
    ----------
    text : str
        ``LIBRARY:NAME(options)``, or a label of a library's settings after the colon.

    Returns
    -------
    BlackBox

    Raises
    ------
    ValueError
        In one line: for an unknown library or optimiser, with the nearest names; for a library that is not installed,
        with the command that installs it; for what could not be read.
    """
    if ":" not in text and text.strip():
        raise ValueError(_without_a_colon(text.strip()))
    spec = parse(text)
    library = named(spec.library)
    _check(spec, library)
    if not installed(library):
        raise ValueError(f"{text}: {library.distribution} is not installed: {remedy(library)}{_stored(spec, library)}")
    return library.find(spec.name, spec.options, spec.label)


def named(name: str) -> Library:
    """Give the library of a name, an alias, or the name of its distribution."""
    wanted = _plain(name)
    for library in libraries():
        if wanted in map(_plain, (library.name, library.distribution, *library.aliases)):
            return library
    known = sorted(library.name for library in libraries())
    raise ValueError(f"{name}: unknown library: {nearest(name, known)}one of {', '.join(known)}")


def recognise(thing: Any) -> Library | None:
    """Find the library that an object, a class or a function comes from; nothing is imported for it."""
    classes = thing.__mro__ if isinstance(thing, type) else type(thing).__mro__
    modules = [thing.__module__] if isinstance(getattr(thing, "__module__", None), str) else []
    modules += [each.__module__ for each in classes]
    for module in modules:
        for library in libraries():
            if any(module == prefix or module.startswith(f"{prefix}.") for prefix in library.modules):
                return library
    return None


@cache
def libraries() -> tuple[Library, ...]:
    """Import every adapter, none of which imports its library, and give them by name."""
    found = []
    for file in pkgutil.iter_modules(adapters.__path__):
        module = importlib.import_module(f"{adapters.__name__}.{file.name}")
        one = getattr(module, "LIBRARY", None)
        found += [*getattr(module, "LIBRARIES", ()), *([one] if isinstance(one, Library) else [])]
    return tuple(sorted(found, key=lambda library: library.name))


def installed(library: Library) -> bool:
    """Say whether Python finds every module of the library, without importing it."""
    try:
        return all(importlib.util.find_spec(module.partition(".")[0]) is not None for module in library.modules[:1])
    except (ImportError, ValueError):
        return False


def remedy(library: Library) -> str:
    """Say how a library is installed."""
    quoted = (f'"{one}"' if " " in one else one for one in library.requirements)  # a condition: "; sys_platform == ..."
    return f"pip install {' '.join(quoted) or library.distribution}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Word a hint at the known names closest to `word`; empty if none is close.

    Examples
    --------
    >>> nearest("adaw", ["adamw", "sgd"])
    'did you mean adamw? '
    """
    plain = {_plain(name): name for name in known}
    close = difflib.get_close_matches(_plain(word), list(plain), n=3)
    return f"did you mean {' or '.join(plain[name] for name in close)}? " if close else ""


def unknown(library: str, name: str, known: Iterable[str]) -> ValueError:
    """Make the error of an optimiser that a library does not have, for adapters to raise."""
    known = list(known)
    return ValueError(f"{library}:{name}: unknown optimiser: {nearest(name, known)}it has {_few(known)}")


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _without_a_colon(text: str) -> str:
    """Answer the name of a library with its optimisers, and that of an optimiser with its libraries."""
    try:
        library = named(text)
    except ValueError:
        name = _plain(text.partition("(")[0])
        there = [f"{each.name}:{one}" for each in libraries() for one in each.settings if _plain(one) == name]
        there.sort(key=lambda spec: not spec.startswith(("optax:", "torch:", "keras:")))
        return f"{text}: no optimiser: write LIBRARY:NAME, such as {_few(there) or 'torch:AdamW'}"
    example = next((one for one in library.settings if _plain(one) == "adamw"), *library.settings[:1])
    return f"{text}: a library: write {library.name}:NAME, such as {library.name}:{example}; {_few(library.settings)}"


def _stored(spec: Spec, library: Library) -> str:
    """Word what was measured of an optimiser whose library is not here; empty where nothing was."""
    from wd_jax.audit import catalogue

    wanted = _plain("".join(spec.label.split()))
    for record in catalogue.stored():
        if record["library"] == library.name and _plain("".join(record["optimiser"].split())) == wanted:
            kind, more, formula = catalogue.named(record)
            told = f"{kind}, {more}" if more else kind
            return f"; as measured with {record['version']} on {record['date']}: {told}: {formula}"
    return ""


def _check(spec: Spec, library: Library) -> None:
    """Refuse what was typed and would be ignored."""
    if spec.label in (" ".join(label.split()) for label in library.settings):
        return
    if spec.unread and not library.reads_labels and spec.unread.strip("() ") not in library.words:
        raise ValueError(f"{spec}: {spec.unread} is no option: write NAME(option=value, flag), or a label of its list")
    numbers = [name for name, value in spec.options.items() if not isinstance(value, bool | str)]
    fixed = next((name for name in ("lr", "learning_rate", "weight_decay") if name in numbers), None)
    if fixed:
        raise ValueError(
            f"{spec}: {fixed} is set by the audit: give it as --{'lr' if 'l' == fixed[0] else 'weight-decay'}"
        )


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").strip()
