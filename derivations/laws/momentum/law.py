"""A4: pure decay and stationary noise under heavy ball, Nesterov's momentum and SGDW."""

from __future__ import annotations

from derivations.derivation import Derivation
from derivations.laws.momentum import heavy_ball as heavy_ball
from derivations.laws.momentum import moments as moments
from derivations.laws.momentum import nesterov as nesterov
from derivations.laws.momentum import norms as norms
from derivations.laws.momentum.heavy_ball import eta, lmbda, m, mu, n, step
from derivations.scope import Scope
from derivations.step import Assumption
from derivations.without_decay import WithoutDecay

PARTS = (heavy_ball, nesterov, moments, norms)


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> weight = build().formulas["weight"]
    >>> round(weight(w_0=1, step=2000, eta=0.1, lmbda=1e-3, n=1, momentum=0.9), 10)
    0.1339695713
    """
    steps = tuple(one for part in PARTS for one in part.steps())
    return Derivation(
        name="momentum",
        statement="Heavy ball decays a weight 1/(1 - mu) times as fast as no momentum does while epsilon = eta lmbda/n "
        "is small, and 1/(1 - sqrt mu) times as fast at epsilon = (1 - sqrt mu)^2. Beyond, up to (1 + sqrt mu)^2, "
        "weights oscillate and shrink by sqrt mu per step whatever lmbda is; Nesterov's oscillate beyond "
        "((1-mu)/(1+mu))^2. SGDW decays by 1 - epsilon. Stationary variances under independent noise in closed form.",
        assumptions=(
            Assumption("Momentum below 1.", mu < 1),
            Assumption(
                "Decay alone, or besides it noise of mean 0 and the same variance V in every step, independent of all "
                "before; no curvature. The norm balance needs neither: any gradients, averages that have settled."
            ),
            Assumption("For the path of a weight: the velocity starts at 0."),
            Assumption(
                "Overdamped: epsilon below (1 - sqrt mu)^2.", heavy_ball.OVERDAMPED, heavy_ball.OVERDAMPED_STEPS
            ),
            Assumption(
                "Overdamped: epsilon below ((1 - mu)/(1 + mu))^2.", nesterov.OVERDAMPED, nesterov.OVERDAMPED_STEPS
            ),
            Assumption("An epoch has M steps of m examples each: n = M m.", heavy_ball.BATCHES, ("factor",)),
            Assumption("The gradient does not pull inwards more than the steps push out.", norms.HELD, ("norm_held",)),
        ),
        steps=steps,
        formulas={formula.name: formula for part in PARTS for formula in part.formulas(steps)},
        scope=Scope(("momentum",), "none"),
        scopes={
            **dict.fromkeys(
                ("nesterov_slow_root", "nesterov_weight", "nesterov_critical_lmbda"), Scope(("nesterov",), "none")
            ),
            **dict.fromkeys(
                ("weight_variance", "weight_velocity_covariance", "velocity_variance"),
                Scope(("momentum",), "noise", ("iid",)),
            ),
            "nesterov_weight_variance": Scope(("nesterov",), "noise", ("iid",)),
            "sgdw_weight_variance": Scope(("sgdw",), "noise", ("iid",)),
            "sgdw_weight": Scope(("sgd", "sgdw"), "none"),
            "weight_norm2_at_rest": Scope(("momentum",), "any"),
        },
        without_decay={
            **dict.fromkeys(
                ("weight_variance", "nesterov_weight_variance", "sgdw_weight_variance"),
                WithoutDecay(words="weights on noise do not settle"),
            ),
            "weight_norm2_at_rest": WithoutDecay(words="nothing holds the norm against what the gradient supplies"),
        },
        validity=(
            Assumption("0 < mu < 1, and each formula's own limit on eta lmbda/n."),
            Assumption(
                "Along a direction of curvature h put lmbda + n h for lmbda (SGDW excepted), and count the weight from "
                "its resting value."
            ),
            Assumption("per_epoch_factor is the slow mode's: it is the weight's once the fast mode has died out."),
            Assumption("The velocity as PyTorch counts it: v <- mu v + g + L w, w <- w - eta v."),
        ),
        references=(
            "Heavy ball and Nesterov's momentum as PyTorch's SGD has them, SGDW after I. Loshchilov and F. Hutter, "
            "1711.05101 [opening read]; derived here from these updates.",
        ),
        ranges={eta: (0.01, 0.1), lmbda: (0.1, 1), n: (10, 100), m: (1, 10), mu: (0.1, 0.8), step: (0, 3)},
    )
