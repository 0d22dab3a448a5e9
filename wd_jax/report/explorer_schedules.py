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
    from derivations.laws.schedules.parts import formulas

    return {
        name: formula
        for schedule, parts in PARTS.items()
        for name, formula in formulas(schedule, parts, WORDS[schedule]).items()
    }


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
