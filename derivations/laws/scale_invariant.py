"""C1, C2: where weights settle whose scale does not matter, and by which angle they turn in a step."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.laws.shared.openings import STEP_DECAY, WEIGHTS, budget, decay_per_step, g, i, w
from derivations.prover.rules import Identity, Root, Termwise
from derivations.scope import Scope
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols
from derivations.without_decay import WithoutDecay

eta, lmbda, n, mu, epsilon, s, a, y, weight_norm2, gradient_norm2 = symbols(
    "eta lmbda n momentum epsilon s a y weight_norm2 gradient_norm2"
)
gradient_scale, along_weights, velocity_overlap, velocity_norm2 = symbols(
    "gradient_scale along_weights velocity_overlap velocity_norm2"
)
h, v = sp.IndexedBase("h"), sp.IndexedBase("v")
SMALL = STEP_DECAY < 1
FADES = mu < 1
SHARE = _eq(along_weights, sp.Sum(w[i] * h[i], WEIGHTS) / sp.Sum(w[i] ** 2, WEIGHTS))
PERPENDICULAR = _eq(g[i], h[i] - along_weights * w[i])
NORM = _eq(weight_norm2, sp.Sum(w[i] ** 2, WEIGHTS))
SCALE = _eq(gradient_scale, sp.sqrt(sp.Sum(g[i] ** 2, WEIGHTS) * weight_norm2))
NORM2 = sp.sqrt(eta * n * gradient_scale**2 / (lmbda * (2 - STEP_DECAY)))
TANGENT = sp.sqrt(STEP_DECAY * (2 - STEP_DECAY)) / (1 - STEP_DECAY)
RELAXATION = 1 - 4 * STEP_DECAY + 2 * STEP_DECAY**2
RATE = sp.sqrt(STEP_DECAY * (2 - STEP_DECAY)) / gradient_scale
OVERLAP = lmbda * weight_norm2 / (n * (1 + mu))
VELOCITY2 = 2 * lmbda * weight_norm2 / (n * eta * (1 + mu))
NORM2_MOMENTUM = sp.sqrt(eta * n * gradient_scale**2 * (1 + mu) / (lmbda * (1 - mu) * (2 * (1 + mu) - STEP_DECAY)))


def _geometry() -> tuple[Step, ...]:
    cost, ratio = sp.Function("C_0"), sp.Function("f")
    q = 1 - epsilon
    slopes = (sp.Derivative(cost(a, y), a), sp.Derivative(cost(a, y), y))
    scaled = (sp.Derivative(cost(s * a, s * y), a) / s, sp.Derivative(cost(s * a, s * y), y) / s)
    squares, inner = sp.Sum(w[i] ** 2, WEIGHTS), sp.Sum(w[i] * g[i], WEIGHTS)
    moved = q * w[i] - eta * g[i]
    return (
        decay_per_step(),
        Step(
            "cost",
            _eq(cost(a, y), ratio(y / a)),
            "Where a weight a is not 0, a cost that scaling leaves alone depends on the ratios of the others to it. "
            "Written for one other weight; each further one adds its own ratio.",
        ),
        Step(
            "orthogonal",
            _eq(a * slopes[0] + y * slopes[1], sp.S.Zero),
            "The gradient is perpendicular to the weights.",
            Identity(),
        ),
        Step(
            "homogeneous",
            _eq(scaled[0] ** 2 + scaled[1] ** 2, (slopes[0] ** 2 + slopes[1] ** 2) / s**2),
            "At s times the weights the gradient is 1/s of it (the 1/s on the left undoes the chain rule): "
            "|g| = G/|w|, G depending on the direction alone.",
            Identity(),
        ),
        budget(),
        Step(
            "projected",
            _eq(inner, sp.Sum(w[i] * h[i], WEIGHTS) - along_weights * squares),
            "A vector perpendicular to w is some vector h without its part along w, which is h_∥ w.",
            Termwise((PERPENDICULAR,)),
        ),
        Step(
            "perpendicular",
            _eq(squares + inner, squares),
            "The part along w is what was taken away: <w,g> adds nothing.",
            Identity(given=(SHARE,), less=(("projected", sp.S.One),)),
        ),
        Step(
            "one_step",
            _eq(sp.Sum(moved**2, WEIGHTS), q**2 * weight_norm2 + eta**2 * gradient_scale**2 / weight_norm2),
            "The drift part is gone and |g| = G/|w|: decay shrinks the norm, every gradient step makes it grow.",
            Identity(given=(SCALE, NORM), less=(("budget", sp.S.One), ("perpendicular", -2 * eta * q))),
        ),
        Step(
            "overlap_by_parts",
            _eq(sp.Sum(w[i] * moved, WEIGHTS), q * squares - eta * inner),
            "Inner product of the weights before and after the step.",
            Termwise(),
        ),
        Step(
            "overlap",
            _eq(sp.Sum(w[i] * moved, WEIGHTS), q * weight_norm2),
            "Only the decayed part of the weights is along them.",
            Identity(given=(NORM,), less=(("overlap_by_parts", sp.S.One), ("perpendicular", -eta))),
        ),
    )


def _equilibrium() -> tuple[Step, ...]:
    after = sp.Function("N")
    q = 1 - epsilon
    moved = q * w[i] - eta * g[i]
    along = (1 - STEP_DECAY) * weight_norm2
    turn = along / sp.sqrt(along**2 + eta**2 * gradient_scale**2)
    return (
        Step(
            "map",
            _eq(after(weight_norm2), q**2 * weight_norm2 + eta**2 * gradient_scale**2 / weight_norm2),
            "The right-hand side of one_step, as a function of the squared norm.",
        ),
        Step(
            "mapped",
            _eq(sp.Sum(moved**2, WEIGHTS), after(weight_norm2)),
            "So it is the squared norm after a step.",
            Identity(less=(("one_step", sp.S.One),)),
        ),
        Step(
            "cosine",
            _eq(sp.Sum(w[i] * moved, WEIGHTS) / sp.sqrt(weight_norm2 * sp.Sum(moved**2, WEIGHTS)), turn),
            "Cosine of the angle between the weights before and after a step, at any norm: (1 - epsilon)|w|^2 along, "
            "eta G across, both over |w|.",
            Identity(using=("overlap", "one_step"), positive=(q,)),
        ),
        Step(
            "equilibrium",
            solved(_eq(after(weight_norm2), weight_norm2), weight_norm2, NORM2),
            "Decay takes what the gradient step brings.",
            Root(
                weight_norm2,
                -(STEP_DECAY * (1 + (1 - STEP_DECAY)) + eta**2 * gradient_scale**2 / weight_norm2**2),
                (1 - STEP_DECAY,),
            ),
        ),
        Step(
            "rotation",
            _eq(turn.subs(weight_norm2, NORM2), 1 - STEP_DECAY),
            "The cosine at the equilibrium norm: G and |w| drop out.",
            Identity(),
        ),
        Step(
            "angle",
            _eq(sp.atan(eta * gradient_scale / ((1 - STEP_DECAY) * NORM2)), sp.atan(TANGENT)),
            "The same angle, from its two legs: eta |g| across, (1 - epsilon)|w| along. Near sqrt(2 epsilon).",
            Identity(positive=(1 - STEP_DECAY,)),
        ),
        Step(
            "relaxation",
            _eq(sp.Subs(sp.Derivative(after(weight_norm2), weight_norm2), weight_norm2, NORM2), RELAXATION),
            "Factor per step of a small deviation of the squared norm.",
            Identity(),
        ),
        Step(
            "effective_rate",
            _eq(eta / NORM2, RATE),
            "Learning rate of the direction w/|w|: it depends on eta and lmbda through their product alone.",
            Identity(positive=(1 - STEP_DECAY,)),
        ),
    )


def _momentum() -> tuple[Step, ...]:
    decay = lmbda / n
    squares, inner = sp.Sum(w[i] ** 2, WEIGHTS), sp.Sum(w[i] * v[i], WEIGHTS)
    force = mu * v[i] + g[i] + decay * w[i]
    crossed = 2 * mu * sp.Sum(v[i] * g[i], WEIGHTS) + 2 * decay * sp.Sum(w[i] * g[i], WEIGHTS)
    at_balance = {velocity_overlap: OVERLAP, velocity_norm2: VELOCITY2}
    shaken = (
        mu**2 * velocity_norm2
        + gradient_scale**2 / weight_norm2
        + decay**2 * weight_norm2
        - 2 * mu * decay * velocity_overlap
    )
    return (
        Step(
            "velocity_budget",
            _eq(
                sp.Sum(force**2, WEIGHTS),
                mu**2 * sp.Sum(v[i] ** 2, WEIGHTS)
                + sp.Sum(g[i] ** 2, WEIGHTS)
                + decay**2 * squares
                + 2 * mu * decay * inner
                + crossed,
            ),
            "Heavy ball, v' = mu v + g + L w with L = lmbda/n: squared norm of v'. The terms with g v and g w "
            "vanish: g is perpendicular to w, and by assumption on average to v.",
            Termwise(),
        ),
        Step(
            "moved_budget",
            _eq(
                sp.Sum((w[i] - eta * v[i]) ** 2, WEIGHTS),
                squares - 2 * eta * inner + eta**2 * sp.Sum(v[i] ** 2, WEIGHTS),
            ),
            "w' = w - eta v', with v for v'.",
            Termwise(),
        ),
        Step(
            "overlap_budget",
            _eq(sp.Sum((w[i] - eta * v[i]) * v[i], WEIGHTS), inner - eta * sp.Sum(v[i] ** 2, WEIGHTS)),
            "Inner product of w' and v'.",
            Termwise(),
        ),
        Step(
            "velocity_overlap",
            solved(
                _eq(
                    -velocity_overlap,
                    decay * weight_norm2 - mu * velocity_overlap - 2 * (decay * weight_norm2 - mu * velocity_overlap),
                ),
                velocity_overlap,
                OVERLAP,
            ),
            "Stationary P = -<w,v>: moved_budget gives eta |v|^2 = 2 <w,v'>, v' = mu v + g + L w gives "
            "<w,v'> = L|w|^2 - mu P, and overlap_budget -P = <w,v'> - eta |v|^2.",
            Root(velocity_overlap, -(1 + mu)),
        ),
        Step(
            "velocity",
            _eq(2 * (decay * weight_norm2 - mu * OVERLAP) / eta, VELOCITY2),
            "The velocity that keeps the norm.",
            Identity(),
        ),
        Step(
            "equilibrium_momentum",
            solved(_eq(velocity_norm2.subs(at_balance), shaken.subs(at_balance)), weight_norm2, NORM2_MOMENTUM),
            "The velocity's own balance, from velocity_budget: the squared norm.",
            Root(
                weight_norm2,
                decay * (1 - mu**2) / (eta * (1 + mu) ** 2) * ((1 + 2 * mu) + (1 - STEP_DECAY))
                + gradient_scale**2 / weight_norm2**2,
                (1 - STEP_DECAY, 1 - mu**2),
            ),
        ),
        Step(
            "rotation_momentum",
            _eq((weight_norm2 - eta * (decay * weight_norm2 - mu * OVERLAP)) / weight_norm2, 1 - STEP_DECAY / (1 + mu)),
            "Cosine of the angle turned in a step, <w,w'>/|w|^2 with <w,w'> = |w|^2 - eta <w,v'>.",
            Identity(),
        ),
    )


def _formulas(steps: tuple[Step, ...]) -> tuple[Formula, ...]:
    at, small, one = (eta, lmbda, n), (SMALL,), "1"
    fades = (SMALL, FADES)
    return (
        Formula.of(
            steps, "weight_norm2", (*at, gradient_scale), "squared norm at equilibrium", one, "equilibrium", small
        ),
        Formula.of(steps, "cos_angle", at, "cosine of the angle turned in a step", one, "rotation", small),
        Formula.of(steps, "angle", at, "angle turned in a step", "rad", "angle", small),
        Formula.of(steps, "relaxation_factor", at, "factor per step of a small deviation", one, "relaxation", small),
        Formula.of(
            steps,
            "effective_rate",
            (*at, gradient_scale),
            "learning rate of the direction",
            one,
            "effective_rate",
            small,
        ),
        Formula.of(
            steps,
            "weight_norm2_momentum",
            (*at, mu, gradient_scale),
            "squared norm at equilibrium with heavy ball",
            one,
            "equilibrium_momentum",
            fades,
        ),
        Formula.of(
            steps,
            "cos_angle_momentum",
            (*at, mu),
            "cosine of the angle turned in a step with heavy ball",
            one,
            "rotation_momentum",
            fades,
        ),
    )


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["angle"](eta=0.1, lmbda=0.01, n=1), 5)
    0.04473
    """
    turned = ("projected", "perpendicular", "one_step", "overlap", "mapped", "cosine")
    steps = (*_geometry(), *_equilibrium(), *_momentum())
    return Derivation(
        name="scale_invariant",
        statement="Weights whose scale the cost ignores settle where |w|^4 = eta G^2/(L(2 - eta L)), L = lmbda/n, and "
        "then turn in every step by an angle of cosine 1 - eta L exactly, however large the gradient. With momentum mu "
        "and gradient noise the cosine is 1 - eta L/(1 + mu).",
        assumptions=(
            Assumption("The cost does not change when all weights of the layer are multiplied by a positive number."),
            Assumption("A step removes less than the whole weight: eta lmbda/n < 1.", SMALL),
            Assumption("h_∥ w is the part along w of a vector h, any vector.", SHARE, turned),
            Assumption(
                "The gradient is perpendicular to the weights: some h without its part along w.", PERPENDICULAR, turned
            ),
            Assumption("|w|^2 is the sum of squares.", NORM, ("one_step", "overlap", "mapped", "cosine")),
            Assumption("G is |g| |w|.", SCALE, ("one_step", "mapped", "cosine")),
            Assumption(
                "G is the same in every step. Where it fluctuates, take the mean of G^2: norm and angle then hold as "
                "far as |w| does not fluctuate with it."
            ),
            Assumption("Momentum below 1.", mu**2 < 1),
            Assumption(
                "With momentum, gradients are on average perpendicular to the velocity, and the squared norms "
                "fluctuate little: gradient noise in many dimensions."
            ),
        ),
        steps=steps,
        formulas={formula.name: formula for formula in _formulas(steps)},
        scope=Scope(("sgd",), "perpendicular", network={"scale_invariant": ("yes",)}),
        scopes=dict.fromkeys(
            ("weight_norm2_momentum", "cos_angle_momentum"),
            Scope(("momentum",), "perpendicular", network={"scale_invariant": ("yes",)}),
        ),
        without_decay=dict.fromkeys(
            ("weight_norm2", "weight_norm2_momentum"), WithoutDecay(words="the norm grows without end")
        ),
        validity=(
            Assumption("eta lmbda < n.", SMALL),
            Assumption(
                "Settled: many more than 1/(4 eta L) steps at constant eta, L and G while eta L << 1. A deviation of "
                "the squared norm keeps the share 2 (1 - eta L)^2 - 1 of a step: near eta L = 1 it changes its sign in "
                "every step and dies out over 1/(2 (1 - eta L)^2) steps, however large eta L is."
            ),
            Assumption("Biases, and gains of normalisation layers, are not scale-invariant."),
        ),
        references=(
            "T. van Laarhoven, arXiv 1706.05350, effective learning rate eta/|w|^2 [second-hand]; derived here.",
            "R. Wan et al., arXiv 2006.08419, rotation sqrt(2 eta L/(1 + mu)) [second-hand]: the leading term of the "
            "cosine derived here.",
        ),
    )
