"""``wd.rule``: any transformation of optax as an update rule, learning rate and decay inside."""

from collections.abc import Sequence
from typing import Any

from wd_jax.inputs import checks
from wd_jax.optimisers import rules
from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.optimisers.decays import whole
from wd_jax.optimisers.decays.decay import Direction
from wd_jax.optimisers.rule import Rule

UNNAMED = "own_rule"


def rule(
    update: Direction,
    coefficients: Sequence[Coefficient | str] = (),
    name: str = "",
    equations: Sequence[str] = (),
) -> Rule:
    """Make an update rule of a whole optax transformation.

    The library takes the step and nothing else: the transformation has the learning rate and the decay in it. What of a
    step is decay is measured: the same step is computed with lmbda = 0, from the same state and the same gradient.

    Parameters
    ----------
    update : callable
        h -> `optax.GradientTransformation`, as ``lambda h: optax.adamw(h.eta, weight_decay=h.weight_decay)``. h has
        ``eta``, ``lmbda``, ``n``, ``weight_decay`` = lmbda/n and each of the coefficients; they may be traced, so no
        ``if`` may ask for them. Biases decay too unless ``mask=wd.rules.weights_only``.
    coefficients : sequence of Coefficient or str
        Numbers that it reads besides: each can be swept. The library's own are given by name, ``("beta1", "beta2")``.
    name : str
        As a result names it; that of the function unless told.
    equations : sequence of str
        What it does, in words for the reader of a result.

    Returns
    -------
    Rule
        For ``wd.Setup(rule=...)``.

    Raises
    ------
    TypeError
        For an update that is no function, or coefficients that are none.
    ValueError
        For a coefficient that the library does not know by name.

    Examples
    --------
    >>> import optax
    >>> lamb = rule(
    ...     lambda h: optax.lamb(h.eta, b1=h.beta1, weight_decay=h.weight_decay, mask=rules.weights_only),
    ...     coefficients=("beta1",),
    ...     name="lamb",
    ... )
    >>> lamb.names
    ('eta', 'lmbda', 'init_scale', 'beta1')
    """
    if not callable(update):
        given = checks.shown(update)
        raise TypeError(f"update={given}: give a function of the numbers, lambda h: optax.adamw(h.eta)")
    own = getattr(update, "__name__", UNNAMED)
    if not isinstance(coefficients, tuple | list):
        raise TypeError(f"coefficients={checks.shown(coefficients)}: give a tuple, such as ('beta1',)")
    found = tuple(_coefficient(one) for one in coefficients)
    chosen = name or (own if own.isidentifier() else UNNAMED)
    return Rule(chosen, update, found, equations=tuple(equations), decay=whole.DECAY)


def _coefficient(given: Any) -> Coefficient:
    """Give a coefficient; one of the library's by its name."""
    known = {one.name: one for one in rules.NUMBERS if one.name not in ("eta", "lmbda", "init_scale")}
    if isinstance(given, Coefficient):
        return given
    if isinstance(given, str) and given in known:
        return known[given]
    raise ValueError(
        f"coefficients: {checks.shown(given)} is not one of {', '.join(known)}: "
        f"give wd.rules.Coefficient({given!r}, 0.9, 'what it is')"
        if isinstance(given, str)
        else f"coefficients: {checks.shown(given)}: give a wd.rules.Coefficient, or the name of the library's"
    )
