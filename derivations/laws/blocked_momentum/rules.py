"""The three rules as one linear map of weight, velocity and gradient, and its powers."""

from __future__ import annotations

import sympy as sp

from derivations.laws.shared.openings import decay_per_step
from derivations.prover.rules import Identity
from derivations.step import Step
from derivations.step import equation as _eq
from derivations.symbols import symbols

eta, lmbda, n, mu, epsilon, k = symbols("eta lmbda n momentum epsilon step")
x, y, g = symbols("z y gradient")
r, s, kept, by_velocity, by_gradient = symbols("slow_root fast_root weight_kept velocity_share gradient_share")
pull, memory, slow_mix, fast_mix = symbols("velocity_pull velocity_kept slow_mix fast_mix")
next_weight, next_velocity = sp.Function("H_A"), sp.Function("F_A")
P, Q, R, T = (sp.Function(name) for name in ("P", "Q", "R", "T"))
GAP = slow_mix - fast_mix


def steps() -> tuple[Step, ...]:
    """Return the steps."""
    return (*_rules(), *_modes(), *_powers())


def _rules() -> tuple[Step, ...]:
    velocity, ball, nesterov = sp.Function("F"), sp.Function("H"), sp.Function("H_N")
    bare, beside = sp.Function("F_W"), sp.Function("H_W")
    return (
        decay_per_step(),
        Step("velocity", _eq(velocity(x, y, g), mu * y + lmbda / n * x + g), "Coupled decay: the next velocity,"),
        Step("weight", _eq(ball(x, y, g), x - eta * velocity(x, y, g)), "and the next weight of heavy ball,"),
        Step(
            "nesterov_weight",
            _eq(nesterov(x, y, g), x - eta * (lmbda / n * x + g + mu * velocity(x, y, g))),
            "or of Nesterov's form.",
        ),
        Step("bare_velocity", _eq(bare(y, g), mu * y + g), "SGDW: the velocity without decay,"),
        Step("beside", _eq(beside(x, y, g), (1 - epsilon) * x - eta * bare(y, g)), "which stands beside it."),
        Step(
            "heavy_ball_linear",
            _eq(ball(x, y, g), (1 - epsilon) * x - eta * mu * y - eta * g),
            "Each is linear: of heavy ball, and with the other velocity of SGDW,",
            Identity(),
        ),
        Step("sgdw_linear", _eq(beside(x, y, g), (1 - epsilon) * x - eta * mu * y - eta * g), "this,", Identity()),
        Step(
            "nesterov_linear",
            _eq(nesterov(x, y, g), (1 - (1 + mu) * epsilon) * x - eta * mu**2 * y - eta * (1 + mu) * g),
            "of Nesterov's form this.",
            Identity(),
        ),
    )


def _modes() -> tuple[Step, ...]:
    mixed = [mix * next_weight(x, y, g) + next_velocity(x, y, g) for mix in (slow_mix, fast_mix)]
    return (
        Step("velocity_kept", _eq(memory, r + s - kept), "So let r and r' be the roots of any such map: their sum,"),
        Step("velocity_pull", _eq(pull, (r * s - kept * memory) / by_velocity), "and their product."),
        Step(
            "next_weight",
            _eq(next_weight(x, y, g), kept * x - by_velocity * y - by_gradient * g),
            "The map: the next weight from the weight, the velocity and the gradient,",
        ),
        Step("next_velocity", _eq(next_velocity(x, y, g), pull * x + memory * y + g), "and the next velocity."),
        Step("slow_mix", _eq(slow_mix, (s - kept) / by_velocity), "Of p w + v a step keeps the share r, with this p,"),
        Step("fast_mix", _eq(fast_mix, (r - kept) / by_velocity), "and the share r' with this one:"),
        Step(
            "slow_mode",
            _eq(mixed[0], r * (slow_mix * x + y) - (slow_mix * by_gradient - 1) * g),
            "the slow mode,",
            Identity(),
        ),
        Step(
            "fast_mode",
            _eq(mixed[1], s * (fast_mix * x + y) - (fast_mix * by_gradient - 1) * g),
            "and the fast one.",
            Identity(),
        ),
    )


def _powers() -> tuple[Step, ...]:
    """Return the steps on the entries of the k-th power of the map without gradient."""
    onward = {
        "weight_from_weight": (P, kept, kept * P(k) - by_velocity * R(k)),
        "weight_from_velocity": (Q, -by_velocity, kept * Q(k) - by_velocity * T(k)),
        "velocity_from_weight": (R, pull, pull * P(k) + memory * R(k)),
        "velocity_from_velocity": (T, memory, pull * Q(k) + memory * T(k)),
    }
    return (
        Step(
            "power_ww",
            _eq(P(k), (slow_mix * r**k - fast_mix * s**k) / GAP),
            "What k steps without gradient make of a weight,",
        ),
        Step("power_wv", _eq(Q(k), (r**k - s**k) / GAP), "of a velocity in the weight,"),
        Step("power_vw", _eq(R(k), slow_mix * fast_mix * (s**k - r**k) / GAP), "of a weight in the velocity,"),
        Step("power_vv", _eq(T(k), (slow_mix * s**k - fast_mix * r**k) / GAP), "and of a velocity in itself."),
        *(
            Step(f"{name}_of_one", _eq(power(1), once), "One step is the map itself,", Identity())
            for name, (power, once, _) in onward.items()
        ),
        *(
            Step(
                name,
                _eq(power(k + 1), value),
                "and go on by the map: so they are the entries of its power.",
                Identity(),
            )
            for name, (power, _, value) in onward.items()
        ),
        Step(
            "small_decay",
            _eq(P(k + 1) - 1, (P(k) - 1) - (1 - kept) * P(k) - by_velocity * R(k)),
            "What decay takes of a weight, added up by itself: nothing of it is lost beside 1.",
            Identity(),
        ),
    )
