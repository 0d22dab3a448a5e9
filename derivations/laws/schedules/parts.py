"""Schedules made of parts, one after the other: what is left of a weight after some of their steps."""

from collections.abc import Sequence

import sympy as sp

from derivations.formula import Formula
from derivations.laws.schedules.law import CONSTANT, SUMS, T, eta, falling, lmbda, log_factor, n, step
from derivations.laws.shared.openings import STEP_DECAY
from derivations.symbols import symbols


def formulas(name: str, parts: Sequence[tuple[str, str]], words: str) -> dict[str, Formula]:
    """Return what is left of a weight after k steps, its first order, and the timescale as a share of the run.

    Parameters
    ----------
    name : str
        Of the schedule; the formulas are called after it.
    parts : sequence of (str, str)
        Of each part its kind, "constant", "linear", "cosine" or "warmup", and the name of its length in steps.
    words : str
        The schedule in words.

    Returns
    -------
    dict of str to Formula
        ``run_factor_NAME``, exact at a constant rate and of second order in eta*lmbda/n under another
        (`beyond_second_order` bounds the rest), ``run_factor_limit_NAME`` and ``run_timescale_NAME``.

    Examples
    --------
    >>> found = formulas("cosine", (("cosine", "total_steps"),), "cosine to 0")
    >>> left = found["run_factor_cosine"](eta=3e-4, lmbda=1e5, n=1e6, step=100_000, total_steps=100_000)
    >>> round(left, 4)
    0.2231
    """
    lengths = [symbols(length)[0] for _, length in parts]
    starts = [sum(lengths[:k], sp.S.Zero) for k in range(len(lengths))]
    done = [step]
    if len(parts) > 1:
        done = [sp.Min(length, sp.Max(0, step - start)) for start, length in zip(starts, lengths, strict=True)]
    each = [_sums(part, length, k) for (part, _), length, k in zip(parts, lengths, done, strict=True)]
    first, second = (sum(one) for one in zip(*each, strict=True))
    whole = sum(_sums(part, length, length)[0] for (part, _), length in zip(parts, lengths, strict=True))
    constant = len(parts) == 1 and parts[0][0] == "constant"
    logarithm = CONSTANT.subs(T, step) if constant else log_factor(first, second)
    rates, by = (eta, lmbda, n), "second_order_upper"
    made = (
        Formula(
            f"run_factor_{name}",
            sp.exp(logarithm),
            (*rates, step, *lengths),
            f"share left of a weight after k steps of decay alone: {words}",
            "1",
            by,
            (STEP_DECAY < 1,),
        ),
        Formula(
            f"run_factor_limit_{name}",
            sp.exp(-STEP_DECAY * first),
            (*rates, step, *lengths),
            f"the same for eta lmbda << n: {words}",
            "1",
            by,
        ),
        Formula(
            f"run_timescale_{name}",
            1 / (STEP_DECAY * whole),
            (*rates, *lengths),
            f"timescale as a share of the run, 1 over all its decays: {words}",
            "1",
            by,
        ),
    )
    return {formula.name: formula for formula in made}


def _sums(part: str, length: sp.Symbol, done: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return the rates of `done` steps of a part added up, and their squares, the largest rate being 1."""
    found = {**SUMS, "constant": (step, step), "linear": falling(length)}[part]
    at = {T: length, step: done}
    return found[0].subs(at, simultaneous=True), found[1].subs(at, simultaneous=True)
