"""E5: a solvable twin. An erf unit with decay learns on-line from another one: averages, rates, thresholds."""

from __future__ import annotations

import sympy as sp

from derivations.derivation import Derivation
from derivations.formula import Formula
from derivations.proofs import Continuity, Identity, Root
from derivations.proofs.gaussian import ContinuousComposite, GaussianPrimitive, Instance, ParameterDerivative
from derivations.step import Assumption, Step, solved
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, gamma, n_in, output_noise, Q, R, v, a, b, t, x, y, z = symbols(
    "eta gamma n_in output_noise student_variance overlap residual_variance a b t x y z"
)
LINE = (z, -sp.oo, sp.oo)
TWO_PI = 2 / sp.pi
VARIANCE = _eq(Q, R**2 + v)
SEEN = R**2 + v  # Q in terms of what is left of it, given the teacher's field
D, LAMBDA = 1 + 2 * Q, 2 * (1 + Q) - R**2
DELTA_Y = TWO_PI * ((1 + Q - R**2) / ((1 + Q) * sp.sqrt(LAMBDA)) - R / ((1 + Q) * sp.sqrt(D)))
DELTA_X = TWO_PI * (R / ((1 + Q) * sp.sqrt(LAMBDA)) - Q / ((1 + Q) * sp.sqrt(D)))
SLOPE2 = TWO_PI / sp.sqrt(D)
TEACHER, STUDENT = sp.asin((D - 2 * R**2) / (2 * (D - R**2))), sp.asin(Q / (D + Q))
CROSS = sp.asin(R / sp.sqrt(2 * (D - R**2) * (D + Q)))
DELTA2 = SLOPE2 * TWO_PI * (TEACHER + STUDENT - 2 * CROSS)
RATE_Q = 2 * eta * DELTA_X + eta**2 * (DELTA2 + output_noise * SLOPE2) - 2 * gamma * Q
RATE_R = eta * DELTA_Y - gamma * R
DRIFT = TWO_PI * Q / ((1 + Q) * sp.sqrt(D))
NOISE = SLOPE2 * TWO_PI * (sp.pi / 6 + STUDENT)
TRAFFIC = eta * (2 * DRIFT + eta * NOISE) / (2 * Q)
NET = eta * (2 * DRIFT - eta * NOISE) / (2 * Q)
ARCS = TWO_PI * (sp.asin(sp.Rational(1, 2)) + sp.asin(sp.Rational(1, 3)))
WIDE = sp.sqrt(2) * sp.pi

AVERAGES = {
    name: sp.Function(name)
    for name in (
        "teacher_y", "student_y", "teacher_x", "student_x", "slope_square", "teacher_square", "student_square", "cross",
    )
}  # fmt: skip
Pair = tuple[Step, Step]
drifting, shaking, moving, half, whole = (sp.Function(name) for name in ("X", "S", "W", "T", "U"))


def bell(width: sp.Expr) -> sp.Expr:
    """Return exp(-width z^2/2) / sqrt(2 pi)."""
    return sp.exp(-width * z**2 / 2) / sp.sqrt(2 * sp.pi)


def erf(slope: sp.Expr) -> sp.Expr:
    """Return the output of a unit whose field is slope z."""
    return sp.erf(slope * z / sp.sqrt(2))


def _primitive(slope: sp.Expr, width: sp.Expr, factor: sp.Expr) -> GaussianPrimitive:
    """Return the primitive of factor z erf(slope z/sqrt 2) bell(width)."""
    total = width + slope**2
    height = factor * slope / (width * sp.sqrt(2 * sp.pi) * sp.sqrt(total))
    return GaussianPrimitive(-factor * erf(slope) * bell(width) / width, height, sp.sqrt(total / 2))


def _lemmas() -> tuple[Step, ...]:
    root = sp.sqrt(2 / sp.pi)
    width = 1 + b**2
    shifted = sp.exp(-(z**2 + (y + b * z) ** 2) / 2) / sp.sqrt(2 * sp.pi)
    return (
        Step(
            "split_by_teacher",
            "equality",
            _eq((x**2 - 2 * R * x * y + SEEN * y**2) / v, y**2 + (x - R * y) ** 2 / v),
            "Exponent of the joint density of student's field x and teacher's y: given y, x is Gaussian, mean R y and "
            "variance v = Q - R^2.",
            Identity(),
        ),
        Step(
            "split_by_student",
            "equality",
            _eq((x**2 - 2 * R * x * y + SEEN * y**2) / v, x**2 / SEEN + (y - R * x / SEEN) ** 2 * SEEN / v),
            "Given x, y is Gaussian, mean R x/Q and variance v/Q.",
            Identity(),
        ),
        Step(
            "mean_output",
            "equality",
            _eq(
                sp.Integral((sp.erf((y + b * z) / sp.sqrt(2)) - sp.erf(y / sp.sqrt(2))) * bell(1), LINE),
                sp.erf(y / sp.sqrt(2 * width)) - sp.erf(y / sp.sqrt(2)),
            ),
            "Mean output of a unit whose field has mean y and deviation b: as if its field were y/sqrt(1 + b^2).",
            ParameterDerivative(
                b,
                GaussianPrimitive(
                    -root * shifted / width,
                    -y * b / (width * sp.sqrt(width)) * sp.exp(-(y**2) / (2 * width)) / sp.sqrt(2 * sp.pi),
                    sp.sqrt(width / 2),
                    y * b / sp.sqrt(2 * width),
                ),
            ),
        ),
        Step(
            "moment",
            "equality",
            _eq(sp.Integral(z * erf(a) * bell(t), LINE), root * a / (t * sp.sqrt(t + a**2))),
            "By parts.",
            _primitive(a, t, sp.S.One),
        ),
        Step(
            "arcsine",
            "equality",
            _eq(
                sp.Integral(erf(a) * erf(b) * bell(t), LINE),
                TWO_PI / sp.sqrt(t) * sp.asin(a * b / sp.sqrt((t + a**2) * (t + b**2))),
            ),
            "Price: the derivative by b is a moment; both sides vanish at b = 0.",
            ParameterDerivative(b, _primitive(a, t + b**2, root)),
        ),
    )


def _averages() -> tuple[Step, ...]:
    root, q = sp.sqrt(2 / sp.pi), R**2 + v
    beta = R / sp.sqrt(R**2 + 2 * v)
    big, lam = 1 + 2 * R**2 + 2 * v, 2 + R**2 + 2 * v
    narrow, thin = sp.sqrt(1 + v), sp.sqrt(1 + 2 * v)

    def instance(name: str, reason: str, proof: Instance | GaussianPrimitive, inside: sp.Expr, value: sp.Expr) -> Pair:
        mean = AVERAGES[name](R, v)
        return (
            Step(f"{name}_average", "definition", _eq(mean, sp.Integral(inside, LINE)), reason),
            Step(name, "equality", _eq(mean, value), "In closed form.", proof),
        )

    def moment(name: str, reason: str, slope: sp.Expr, width: sp.Expr, factor: sp.Expr, value: sp.Expr) -> Pair:
        proof = Instance("moment", ((a, slope), (t, width)), factor)
        return instance(name, reason, proof, factor * z * erf(slope) * bell(width), value)

    def arc(
        name: str, reason: str, slopes: tuple[sp.Expr, sp.Expr], width: sp.Expr, factor: sp.Expr, inside: sp.Expr
    ) -> Pair:
        one, two = slopes
        proof = Instance("arcsine", ((a, one), (b, two), (t, width)), factor)
        value = TWO_PI**2 / sp.sqrt(big) * sp.asin(inside)
        return instance(name, reason, proof, factor * erf(one) * erf(two) * bell(width), value)

    pairs = (
        moment(
            "teacher_y",
            "<g'(x) g(y) y>, y = z: g'(x) = sqrt(2/pi) exp(-x^2/2), averaged first over x.",
            sp.S.One,
            1 + R**2 / (1 + v),
            root / narrow,
            TWO_PI * (1 + v) / ((1 + q) * sp.sqrt(lam)),
        ),
        moment(
            "student_y",
            "<g'(x) g(x) y>, x = sqrt(Q) z, y averaged first.",
            sp.sqrt(q),
            1 + q,
            root * R / sp.sqrt(q),
            TWO_PI * R / ((1 + q) * sp.sqrt(big)),
        ),
        moment(
            "teacher_x",
            "<g'(x) g(y) x>, y averaged first, by mean_output.",
            beta,
            1 + q,
            root * sp.sqrt(q),
            TWO_PI * R / ((1 + q) * sp.sqrt(lam)),
        ),
        moment(
            "student_x",
            "<g'(x) g(x) x>.",
            sp.sqrt(q),
            1 + q,
            root * sp.sqrt(q),
            TWO_PI * q / ((1 + q) * sp.sqrt(big)),
        ),
        instance(
            "slope_square",
            "<g'(x)^2>, what noise on the output is multiplied by.",
            GaussianPrimitive(sp.S.Zero, 1 / (sp.pi * sp.sqrt(big)), sp.sqrt(big / 2)),
            TWO_PI * bell(big),
            TWO_PI / sp.sqrt(big),
        ),
        arc(
            "teacher_square",
            "<g'(x)^2 g(y)^2>, x averaged first.",
            (sp.S.One, sp.S.One),
            1 + 2 * R**2 / (1 + 2 * v),
            TWO_PI / thin,
            (1 + 2 * v) / (2 * (1 + R**2 + 2 * v)),
        ),
        arc(
            "student_square",
            "<g'(x)^2 g(x)^2>.",
            (sp.sqrt(q), sp.sqrt(q)),
            big,
            TWO_PI,
            q / (big + q),
        ),
        arc(
            "cross",
            "<g'(x)^2 g(x) g(y)>, y averaged first, by mean_output.",
            (beta, sp.sqrt(q)),
            big,
            TWO_PI,
            R / sp.sqrt(2 * (1 + R**2 + 2 * v) * (big + q)),
        ),
    )
    return tuple(step for pair in pairs for step in pair)


def _rates() -> tuple[Step, ...]:
    mean = {name: head(R, v) for name, head in AVERAGES.items()}
    arcs = ("teacher_square", "student_square", "cross")
    moved = (1 - gamma / n_in) ** 2 * Q + 2 * (1 - gamma / n_in) * eta / n_in * a + eta**2 / n_in * b
    change = 2 * eta * a + eta**2 * b - 2 * gamma * Q + (gamma**2 * Q - 2 * gamma * eta * a) / n_in

    def difference(name: str, one: str, two: str, value: sp.Expr, reason: str) -> Step:
        claim = _eq(mean[one] - mean[two], value)
        return Step(name, "equality", claim, reason, Identity(using=(one, two), given=(VARIANCE,)))

    return (
        difference("delta_y", "teacher_y", "student_y", DELTA_Y, "<delta y>, delta = g'(x) (g(y) - g(x))."),
        difference("delta_x", "teacher_x", "student_x", DELTA_X, "<delta x>."),
        Step(
            "delta_square",
            "equality",
            _eq(mean[arcs[0]] + mean[arcs[1]] - 2 * mean[arcs[2]], DELTA2),
            "<delta^2> without output noise.",
            Identity(using=arcs, given=(VARIANCE,)),
        ),
        Step(
            "noise_weight",
            "equality",
            _eq(mean["slope_square"], SLOPE2),
            "<g'(x)^2>.",
            Identity(using=("slope_square",), given=(VARIANCE,)),
        ),
        Step("change", "definition", _eq(moving(n_in), change), "What a step adds to Q, times N."),
        Step(
            "one_example",
            "equality",
            _eq(n_in * (moved - Q), moving(n_in)),
            "Change of Q = |J|^2 per example, times N: J' = (1 - gamma/N) J + (eta/N) delta xi, a = delta x, "
            "b = delta^2, |xi|^2 = N.",
            Identity(),
        ),
        Step(
            "per_example",
            "limit",
            _eq(sp.Limit(moving(n_in), n_in, sp.oo, "-"), 2 * eta * a + eta**2 * b - 2 * gamma * Q),
            "For many inputs.",
            Continuity(),
        ),
        Step(
            "overlap_per_example",
            "equality",
            _eq(n_in * ((1 - gamma / n_in) * R + eta / n_in * y - R), eta * y - gamma * R),
            "The same for R, y standing for delta y.",
            Identity(),
        ),
        Step(
            "rate_Q",
            "definition",
            _eq(sp.Function("Qdot")(gamma), RATE_Q),
            "per_example with the averages; Q self-averages. Time alpha is examples/N.",
        ),
        Step("rate_R", "definition", _eq(sp.Function("Rdot")(gamma), RATE_R), "The same for R."),
    )


def _thresholds() -> tuple[Step, ...]:
    wide = Q * sp.sqrt(Q)
    return (
        Step("drift_at", "definition", _eq(drifting(Q, R), DELTA_X), "As a function of Q and R."),
        Step("noise_at", "definition", _eq(shaking(Q, R), DELTA2), "As a function of Q and R."),
        Step(
            "drift_alone",
            "equality",
            _eq(-drifting(Q, 0), DRIFT),
            "Before it has learned anything, R = 0, the gradient shrinks the student as well.",
            Identity(),
        ),
        Step("noise_alone", "equality", _eq(shaking(Q, 0), NOISE), "And <delta^2> there.", Identity()),
        Step(
            "traffic",
            "solution",
            solved(_eq(2 * gamma * Q, 2 * eta * DRIFT + eta**2 * NOISE), gamma, TRAFFIC),
            "Decay is half of the traffic of Q: it equals |drift| + noise.",
            Root(gamma, 2 * Q),
        ),
        Step(
            "net",
            "solution",
            solved(_eq(2 * gamma * Q, 2 * eta * DRIFT - eta**2 * NOISE), gamma, NET),
            "Decay equals the net loss by the gradient; where noise wins, the same with the other sign.",
            Root(gamma, 2 * Q),
        ),
        Step("traffic_at", "definition", _eq(half(Q), TRAFFIC), "The first threshold as a function of Q."),
        Step("net_at", "definition", _eq(whole(Q), NET), "The second one."),
        Step(
            "traffic_wide",
            "limit",
            _eq(sp.Limit(half(Q) * wide, Q, sp.oo, "-"), eta * (2 + eta * ARCS) / WIDE),
            "For saturated starts; .5497 = (2/pi)(asin 1/2 + asin 1/3).",
            ContinuousComposite(),
        ),
        Step(
            "net_wide",
            "limit",
            _eq(sp.Limit(whole(Q) * wide, Q, sp.oo, "-"), eta * (2 - eta * ARCS) / WIDE),
            "It vanishes at eta = 2/.5497 = 3.64, where drift and noise balance.",
            ContinuousComposite(),
        ),
    )


def _formulas() -> tuple[Formula, ...]:
    inside, one = (R**2 < Q,), "1"
    rows = (
        ("delta_y", DELTA_Y, (Q, R), "mean of delta times the teacher's field", "delta_y", inside),
        ("delta_x", DELTA_X, (Q, R), "mean of delta times the student's field", "delta_x", inside),
        ("delta_square", DELTA2, (Q, R), "mean square of delta", "delta_square", inside),
        ("rate_Q", RATE_Q, (eta, gamma, Q, R, output_noise), "dQ/d alpha", "rate_Q", inside),
        ("rate_R", RATE_R, (eta, gamma, Q, R), "dR/d alpha", "rate_R", inside),
        (
            "critical_gamma",
            TRAFFIC,
            (eta, Q),
            "gamma above which decay is most of Q's traffic, at R = 0",
            "traffic",
            (),
        ),
        (
            "critical_gamma_net",
            NET,
            (eta, Q),
            "gamma above which decay outweighs the gradient's net loss, at R = 0",
            "net",
            (2 * DRIFT > eta * NOISE,),
        ),
        (
            "critical_gamma_wide",
            eta * (2 + eta * ARCS) / WIDE,
            (eta,),
            "limit of critical_gamma Q^(3/2)",
            "traffic_wide",
            (),
        ),
        (
            "critical_gamma_net_wide",
            eta * (2 - eta * ARCS) / WIDE,
            (eta,),
            "limit of critical_gamma_net Q^(3/2); below 0 where noise wins",
            "net_wide",
            (),
        ),
    )
    return tuple(Formula(name, expr, given, what, one, step, valid) for name, expr, given, what, step, valid in rows)


def build() -> Derivation:
    """Return the derivation.

    Examples
    --------
    >>> round(build().formulas["critical_gamma"](eta=1, student_variance=25), 5)
    0.0044
    """
    averaged = ("delta_y", "delta_x", "delta_square", "noise_weight")
    return Derivation(
        name="online_perceptron",
        statement="An erf unit with weight decay that learns example by example from another one obeys closed "
        "equations for Q = |J|^2 and R = J.B. Started wide, Q large and R = 0, decay is most of the traffic of Q once "
        "gamma is above about eta (2 + .55 eta)/(sqrt 2 pi Q^(3/2)): any decay dominates a start that is wide enough.",
        assumptions=(
            Assumption("Output g(x) = erf(x/sqrt 2); cost (g(y) - g(x))^2/2 per example; teacher of norm 1."),
            Assumption(
                "Inputs are independent N(0,1), each seen once, their number N large: fields x, y are Gaussian."
            ),
            Assumption("Step eta/N, decay gamma/N per example."),
            Assumption("Q = R^2 + v, v the part that the teacher's field does not explain.", VARIANCE, averaged),
            Assumption("The gradient shrinks Q more than its noise makes it grow.", 2 * DRIFT > eta * NOISE, ("net",)),
        ),
        steps=(*_lemmas(), *_averages(), *_rates(), *_thresholds()),
        formulas={formula.name: formula for formula in _formulas()},
        validity=(
            Assumption("|J.B| at most |J| |B|: R^2 < Q.", R**2 < Q),
            Assumption("N large: at N = 600 a single run is within a few per cent."),
        ),
        references=("D. Saad, S. Solla 1995, the equations without decay [remembered]; derived here.",),
        ranges={
            Q: (0.1, 30),
            v: (0.1, 20),
            R: (0.1, 2),
            eta: (0.1, 3),
            a: (0.1, 4),
            b: (0.1, 4),
            t: (0.2, 5),
            n_in: (5, 500),
        },
    )
