"""Decoupled decay seen through an average of weights: half of it and less, at first, or later, or always."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.laws.elsewhere.averaged_decay import averages as averages
from derivations.laws.elsewhere.averaged_decay import schedule_free as schedule_free
from derivations.laws.elsewhere.averaged_decay.averages import LAGS, SMALL, eta, inner_steps, slow_share, weight_decay
from derivations.laws.elsewhere.averaged_decay.schedule_free import EARLIER, MIXED, ORDERS, count, mixing, step
from derivations.scope import Scope
from derivations.step import Assumption

PARTS = (averages, schedule_free)


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> point = build().formulas["schedule_free_point"]
    >>> round(point(eta=0.1, weight_decay=0.01, mixing=0.9, step=10), 7)
    0.9940629
    """
    steps = tuple(one for part in PARTS for one in part.steps())
    return Derivation(
        name="averaged_decay",
        statement="Schedule-free keeps an average x of all its points z, and takes decay at y = (1 - beta) z + beta x: "
        "in k steps x loses half of what decoupled decay takes, for small k eta L, in every order exactly. A moving "
        "average of weights decays as fast as they do and lags; Lookahead takes the share alpha.",
        assumptions=(
            Assumption("The gradient of the data cost vanishes: decay acts alone."),
            Assumption("A step removes less than the whole weight: eta L < 1.", SMALL),
            Assumption("The moving average forgets faster than the weight decays.", LAGS, ("ema", "ema_settled")),
            Assumption("The slow weights do not go further than the fast ones.", slow_share <= 1),
            Assumption("The point is no average alone: beta < 1.", MIXED),
            Assumption("An order j below k - 1, after which none is left.", EARLIER, ORDERS),
            Assumption("Schedule-free at a constant learning rate, without warm-up: all points weigh the same."),
        ),
        steps=steps,
        formulas={formula.name: formula for part in PARTS for formula in part.formulas(steps)},
        scope=Scope(("schedule_free",), "none"),
        scopes={"ema": Scope(("averaged",), "none"), "lookahead": Scope(("lookahead",), "none")},
        validity=(
            Assumption(
                "Schedule-free weighs a point by the square of the largest learning rate so far: a rate that falls "
                "changes nothing of the weights, one that rises (a warm-up) makes early points count less."
            ),
            Assumption(
                "Lookahead's slow weights start where the fast ones do. Some libraries (timm) let them start at the "
                "first synchronisation, which then changes nothing: there is one cycle less."
            ),
        ),
        references=(
            "A. Defazio et al. 2024, The Road Less Scheduled, arXiv 2405.15682, and schedulefree 1.4.1, which takes "
            "decay at y [code read; the sum over orders is derived here].",
            "M. Zhang et al. 2019, Lookahead, arXiv 1907.08610 [second-hand; derived here].",
        ),
        ranges={
            eta: (0.01, 0.5),
            weight_decay: (0.01, 1),
            mixing: (0.3, 0.95),
            step: (6, 12),  # so that draws see every order
            count: (0, 5),
            inner_steps: (2, 7),
        },
    )
