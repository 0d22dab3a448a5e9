"""Names that a reader brings from other libraries, answered with ours, in Python and in the shell alike.

`hint` words the answer to a name that is unknown where it was given: ``weight_decay=0.01`` at n = 1200 is answered with
``lmbda=12``. The names are in `wd_jax.inputs.spelling_table`, what decay means elsewhere in
`wd_jax.inputs.library_conventions`.
"""

import difflib
import functools
import inspect
import shlex
from collections.abc import Callable, Collection, Iterable
from typing import Any, ParamSpec, TypeVar

from wd_jax.conventions import lmbda_from_weight_decay
from wd_jax.inputs import checks, foreign_values
from wd_jax.inputs.foreign_values import reduced
from wd_jax.inputs.spelling_table import SPELLINGS, Answer, Facts, Spelling
from wd_jax.optimisers import rules

NOTHING = Facts()
LEAST_DECAY = 1e-7
"""Weight decays that people give are 1e-7 to 1, and take less than 1 % of a weight a step."""
PLACES = (
    ("wd.sweep(..., {name}=...) and wd.Hyper", rules.NAMES),
    (
        "wd.sweep(..., {name}=...) and wd.Setup",
        ("init", "activation", "loss", "optimiser", "batch_size", "sampling", "order", "dtype", "decays", "rounding"),
    ),
    ("wd.sweep(..., {name}=...) and wd.Setup", ("eta_schedule", "lmbda_schedule")),
    ("wd.Setup", ("widths", "model", "rule")),
    ("wd.sweep(..., {name}=...)", ("hidden", "depth", "epochs", "seeds", "devices", "progress", "out")),
    (
        "wd.Probes",
        ("budget", "moved", "full_gradient", "splits", "evaluate_every", "records_per_epoch", "keep_weights", "extra"),
    ),
    (
        "wd.Probes",
        (
            *("rotation", "relative_update", "alignment", "effective_eta", "spectrum", "column_sums"),
            *("norm_difference", "gradient_noise"),
        ),
    ),
)
"""Where each of our names is given in Python."""
OF_RULES = {name for name in rules.NAMES if name not in {one.name for one in rules.COMMON}}
"""Numbers that some rules read and others do not."""


def lookup(word: str) -> Spelling | None:
    """Find a foreign name in the table; None if it is not there.

    Examples
    --------
    >>> lookup("--learning-rate") is lookup("lr"), lookup("zzz")
    (True, None)
    """
    return _table().get(reduced(word))


def hint(
    word: str, value: Any, known: Collection[str], facts: Facts = NOTHING, shell: Collection[str] | None = None
) -> str:
    """Word the answer to a name that is unknown where it was given.

    Parameters
    ----------
    word : str
        As typed, with or without dashes.
    value : object
        What it was given, None if that is not known: a number, a word, a list of them.
    known : collection of str
        Our names that may be given there.
    facts : Facts
        Numbers for the conversion.
    shell : collection of str, optional
        In a shell, the names that ``wd-jax sweep`` has as options: the answer is then ``--eta 0.1``, not ``eta=0.1``.

    Returns
    -------
    str
        What to give instead, with its value where it can be computed; empty where the word means nothing here.

    Examples
    --------
    >>> hint("weight_decay", 0.01, ["eta", "lmbda"], Facts(n=1200))
    'give lmbda=12 (lmbda = n weight_decay)'
    >>> hint("--lr", [0.1, 0.2], ["eta"], shell=["eta"]), hint("zzz", 1, ["eta"])
    ('give --eta 0.1 0.2', '')
    """
    found = lookup(word) or _misspelt(word, known)
    if found is None:
        return _elsewhere(word, shell)
    here = [answer for answer in found.answers if set(answer.names) <= set(known)]
    said = [_given(answer, value, facts, shell is not None) for answer in here]
    if here:
        return f"give {', or '.join(text for text in said if text)}"
    if found.absent or _elsewhere(word, shell):
        return found.absent or _elsewhere(word, shell)
    for answer in found.answers:
        why = f" ({answer.why})" if answer.why else ""
        if place := _elsewhere(answer.names[0], shell):
            return f"that is {' and '.join(answer.names)}{why}; {place}"
    return ""


def unknown(kind: str, names: Iterable[tuple[str, Any]], known: Collection[str], facts: Facts = NOTHING) -> str:
    """Word one line about all names that are unknown where they were given.

    Parameters
    ----------
    kind : str
        ``"sweep has no axis"``.
    names : iterable of (str, value)
        As typed.
    known : collection of str
        Our names that may be given there.
    facts : Facts
        Numbers for the conversions.

    Examples
    --------
    >>> unknown("sweep has no axis", [("lr", 0.1), ("lmdba", 5)], ["eta", "lmbda"])
    "sweep has no axis 'lr': give eta=0.1; sweep has no axis 'lmdba': did you mean 'lmbda'?"
    """
    return "; ".join(f"{kind} {name!r}: {_remedy(name, value, known, facts)}" for name, value in names)


def if_own_number(names: Iterable[tuple[str, Any]], known: Collection[str], where: str) -> str:
    """Say where the rule goes that a number may be meant for; empty where none of the names can be such a number.

    Parameters
    ----------
    names : iterable of (str, value)
        As typed, none of them known where it was given.
    known : collection of str
        Our names that may be given there.
    where : str
        Where a rule is given, as ``"Setup(rule=...)"``.

    Examples
    --------
    >>> if_own_number([("mu", 0.5)], ["momentum"], "Setup(rule=...)")
    '; or, for a rule of your own, give it: Setup(rule=...)'
    >>> if_own_number([("lr", 0.5), ("lmdba", 5)], ["eta", "lmbda"], "Setup(rule=...)")
    ''
    """
    meant = any(_number_of_a_rule(name, value, known) for name, value in names)
    return f"; or, for a rule of your own, give it: {where}" if meant else ""


def _number_of_a_rule(name: str, value: Any, known: Collection[str]) -> bool:
    """Whether a name may be a coefficient of somebody's rule: the library's is answered, or nothing at all is."""
    if isinstance(value, str | bool) or value is None:
        return False
    found = lookup(name)
    if found is not None:
        return any(OF_RULES.issuperset(answer.names) for answer in found.answers)
    near = difflib.get_close_matches(name, list(known), 1) or _misspelt(name, known) or _elsewhere(name, None)
    return not near


def if_weight_decay(eta: float, lmbda: float, n: int) -> str:
    """Name the likely meaning of a lmbda that does nothing: the weight_decay of another library; empty if it is none.

    Examples
    --------
    >>> if_weight_decay(eta=1e-3, lmbda=0.01, n=1200)
    'if 0.01 is the weight_decay of PyTorch or optax, give lmbda=12 (lmbda = n weight_decay); '
    """
    if not (LEAST_DECAY <= lmbda <= 1 and 2e-9 < eta * lmbda < 0.01):
        return ""
    meant = lmbda_from_weight_decay(lmbda, n)
    return (
        f"if {lmbda:g} is the weight_decay of PyTorch or optax, give lmbda={_number(meant)} (lmbda = n weight_decay); "
    )


P = ParamSpec("P")
R = TypeVar("R")


def answering(kind: str, known: Collection[str], facts: Facts = NOTHING) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function answer keywords that it does not know, by a TypeError in one line (see `unknown`).

    Examples
    --------
    >>> @answering("train has no argument", ["epochs"])
    ... def train(epochs: int) -> int:
    ...     return epochs
    >>> train(num_epochs=3)
    Traceback (most recent call last):
        ...
    TypeError: train has no argument 'num_epochs': give epochs=3
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            foreign = [(name, value) for name, value in kwargs.items() if name not in known]
            if foreign:
                raise TypeError(unknown(kind, foreign, known, facts))
            return function(*args, **kwargs)

        return checked

    return wrap


def answers_foreign_names(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function answer a keyword that is no argument of it (see `answering`)."""
    return answering(f"{function.__name__}() has no argument", tuple(inspect.signature(function).parameters))(function)


def _remedy(name: str, value: Any, known: Collection[str], facts: Facts) -> str:
    ours = lookup(name) is not None or _elsewhere(name, None)
    near = [] if ours else difflib.get_close_matches(name, list(known), 1)
    if near:
        return f"did you mean {near[0]!r}?"
    return hint(name, value, known, facts) or f"choose among {', '.join(known)}"


def _misspelt(word: str, known: Collection[str]) -> Spelling | None:
    """Find the foreign name that a word nearly spells."""
    near = difflib.get_close_matches(reduced(word), [word for word in _table() if len(word) > 5], 1, 0.85)
    return _table()[near[0]] if near and reduced(word) not in map(reduced, known) else None


def _elsewhere(word: str, shell: Collection[str] | None) -> str:
    """Say where one of our names belongs; empty if it is none of ours."""
    for place, names in PLACES:
        for name in names:
            if reduced(name) == reduced(word):
                if shell and name in shell:
                    return f"`wd-jax sweep` has {_dashed(name)}"
                return f"{'in Python ' if shell else ''}{name} belongs to {place.format(name=name)}"
    return ""


def _given(answer: Answer, value: Any, facts: Facts, shell: bool) -> str:
    """Write what to give, with numbers where there are any, and the conversion."""
    values, field = _converted(answer, value, facts), answer.names[0]
    choices = (facts.choices or {}).get(field, ())
    if values is None and answer.only_numbers:
        return ""
    if choices and value is not None and values is None:
        return f"{_dashed(field) if shell else field}: {foreign_values.remedy(field, value, choices)}"
    if values is None:
        text = " and ".join(_dashed(name) if shell else name for name in answer.names)
    elif shell:
        text = " ".join(f"{_dashed(name)} {_in_shell(given)}" for name, given in zip(answer.names, values, strict=True))
    else:
        text = ", ".join(f"{name}={_in_python(given)}" for name, given in zip(answer.names, values, strict=True))
    return f"{text} ({answer.why})" if answer.why else text


def _converted(answer: Answer, value: Any, facts: Facts) -> tuple[Any, ...] | None:
    """Convert a value or a list of them; None where that cannot be done."""
    if answer.convert is None or value is None:
        return None
    value = value.tolist() if hasattr(value, "tolist") else value
    try:
        if len(answer.names) == 1 and isinstance(value, list):
            return ([answer.convert(item, facts)[0] for item in value],)
        values = answer.convert(value, facts)
        return values if len(values) == len(answer.names) else None
    except (TypeError, ValueError, ArithmeticError):
        return None


def _in_python(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_in_python, value))}]"
    return _number(value) if isinstance(value, int | float) else checks.shown(value)


def _in_shell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(_in_shell, value))
    return _number(value) if isinstance(value, int | float) else shlex.quote(str(value))


def _number(value: float) -> str:
    """Write a number as it would be typed."""
    return str(value) if isinstance(value, bool | int) else f"{value:.6g}"


def _dashed(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@functools.cache
def _table() -> dict[str, Spelling]:
    return {reduced(word): spelling for spelling in SPELLINGS for word in spelling.words.split()}
