"""What is left of a weight after some steps of a schedule: the sums of `derivations.laws.schedules`, part by part."""

from typing import TYPE_CHECKING

from wd_jax import siblings

if TYPE_CHECKING:
    from derivations import Formula

SHARES = {"warmup_steps": 0.1, "cooldown_steps": 0.2}
"""Of the run, for warm-up and cool-down, as `wd_jax.schedules.wsd` has them by default."""
PARTS = {
    # schedule on the page: what it is made of, and what the lengths of its parts are called
    "constant": (("constant", "total_steps"),),
    "linear": (("linear", "total_steps"),),
    "cosine": (("cosine", "total_steps"),),
    "warm_up_cosine": (("warmup", "warmup_steps"), ("cosine", "stable_steps")),
    "wsd": (("warmup", "warmup_steps"), ("constant", "stable_steps"), ("linear", "cooldown_steps")),
}
WORDS = {
    "constant": "constant",
    "linear": "linear to 0",
    "cosine": "cosine to 0",
    "warm_up_cosine": "warm-up (10 % of the run), then cosine to 0",
    "wsd": "warm-up (10 %), stable, linear to 0 (20 %)",
}


def formulas() -> dict[str, "Formula"]:
    """Return, for each schedule, what is left after k steps, its first order, and the timescale as a share of the run.

    Returns
    -------
    dict of str to Formula
        ``run_factor_NAME``, ``run_factor_limit_NAME`` and ``run_timescale_NAME``. The first is exact at a constant
        rate, and of second order in eta*lmbda/n under the others (`beyond_second_order` bounds the rest).

    Examples
    --------
    >>> found = formulas()
    >>> rates = {"eta": 3e-4, "lmbda": 1e5, "n": 1e6}
    >>> round(found["run_factor_cosine"](**rates, step=100_000, total_steps=100_000), 4)
    0.2231
    >>> round(found["run_timescale_cosine"](**rates, total_steps=100_000), 4)
    0.6667
    """
    siblings.check("derivations")
    import sympy as sp

    from derivations import Formula
    from derivations.laws.schedules.law import CONSTANT, SUMS, T, eta, falling, lmbda, log_factor, n, step
    from derivations.laws.shared.openings import STEP_DECAY
    from derivations.symbols import symbols

    def sums(part: str, length: sp.Symbol, done: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        """Return the rates of `done` steps of a part added up, and their squares, the largest rate being 1."""
        found = {**SUMS, "constant": (step, step), "linear": falling(length)}[part]
        at = {T: length, step: done}
        return found[0].subs(at, simultaneous=True), found[1].subs(at, simultaneous=True)

    made = []
    for name, parts in PARTS.items():
        lengths = [symbols(length)[0] for _, length in parts]
        starts = [sum(lengths[:k], sp.S.Zero) for k in range(len(lengths))]
        done = [step] if len(parts) == 1 else [
            sp.Min(length, sp.Max(0, step - start)) for start, length in zip(starts, lengths, strict=True)
        ]  # fmt: skip
        each = [sums(part, length, k) for (part, _), length, k in zip(parts, lengths, done, strict=True)]
        first, second = (sum(one) for one in zip(*each, strict=True))
        whole = sum(sums(part, length, length)[0] for (part, _), length in zip(parts, lengths, strict=True))
        logarithm = log_factor(first, second) if name != "constant" else CONSTANT.subs(T, step)
        rates, small = (eta, lmbda, n), (STEP_DECAY < 1,)
        made += [
            Formula(
                f"run_factor_{name}",
                sp.exp(logarithm),
                (*rates, step, *lengths),
                f"share left of a weight after k steps of decay alone: {WORDS[name]}",
                "1",
                "second_order_upper",
                small,
            ),
            Formula(
                f"run_factor_limit_{name}",
                sp.exp(-STEP_DECAY * first),
                (*rates, step, *lengths),
                f"the same for eta lmbda << n: {WORDS[name]}",
                "1",
                "second_order_upper",
            ),
            Formula(
                f"run_timescale_{name}",
                1 / (STEP_DECAY * whole),
                (*rates, *lengths),
                f"timescale as a share of the run, 1 over all its decays: {WORDS[name]}",
                "1",
                "second_order_upper",
            ),
        ]
    return {formula.name: formula for formula in made}


def data() -> list[dict[str, object]]:
    """Return what the page has to know of each schedule: its name, its words, and the shares of its parts.

    A part without a share has the steps that the others leave.

    Examples
    --------
    >>> data()[-1]["parts"]
    [['warmup_steps', 0.1], ['stable_steps', None], ['cooldown_steps', 0.2]]
    """
    return [
        {"name": name, "label": WORDS[name], "parts": [[length, SHARES.get(length)] for _, length in parts]}
        for name, parts in PARTS.items()
    ]
