"""Size and turning at rest: measured beside the law, on weights that follow it."""

import math

import mpmath
import numpy as np
import pytest

from tests.audit.diagnosis.trainings import CLEAN, SAID
from wd_jax.audit.diagnosis import memory, resting
from wd_jax.audit.diagnosis.asked import ask
from wd_jax.audit.diagnosis.diagnose import diagnose
from wd_jax.audit.translation.find import find
from wd_jax.predictions import rest
from wd_jax.predictions.setting import Setting
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED


def _overlaps(rule: str, epsilon: float, kept: float, steps: int) -> list[float]:
    """Mean product of the weights k steps apart at rest over their square, from the recursion's own covariances."""
    if rule == "adamw":
        move = np.array([[1 - epsilon, -kept], [0.0, kept]])
        kick = np.array([-(1 - kept), 1 - kept])
    else:
        move = np.array([[1 - epsilon, -kept], [epsilon, kept]])
        kick = np.array([-1.0, 1.0])
    held = np.linalg.solve(np.eye(4) - np.kron(move, move), np.outer(kick, kick).ravel()).reshape(2, 2)
    found, power = [], np.eye(2)
    for _ in range(steps + 1):
        found.append((power @ held)[0, 0] / held[0, 0])
        power = move @ power
    return found


@pytest.mark.numeric
@pytest.mark.parametrize(
    ("rule", "said", "epsilon", "kept"),
    [
        ("adamw", "torch:AdamW(betas=(0.8,0.999))", 0.01, 0.8),
        ("adamw", "torch:AdamW", 1e-3, 0.9),
        ("momentum", "torch:SGD(momentum=0.9)", 1e-3, 0.9),
        ("momentum", "torch:SGD(momentum=0.5)", 0.02, 0.5),
    ],
)
def test_turning_over_steps_is_that_of_the_recursion(rule: str, said: str, epsilon: float, kept: float) -> None:
    """Both weights and memory at rest: covariances of the linear recursion, to rounding."""
    law = find(said).law
    overlaps = _overlaps(rule, epsilon, kept, 200)
    share = law.from_x(epsilon)
    for steps in (1, 2, 7, 50, 200):
        found = resting.turned(law, share, math.acos(overlaps[1]), steps)
        assert math.cos(found) == pytest.approx(overlaps[steps], abs=1e-12)


@pytest.mark.numeric
@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9])
def test_turning_of_a_step_is_that_of_the_law(beta1: float) -> None:
    """The first overlap of the recursion is the angle of ``derive("adamw")``."""
    angle = rest.of(Setting(eta=0.1, weight_decay=0.01, optimiser="adamw", beta1=beta1, steps=1)).rotation
    assert angle is not None
    assert math.cos(angle[0]) == pytest.approx(_overlaps("adamw", 1e-3, beta1, 1)[1], abs=1e-12)


@pytest.mark.numeric
@pytest.mark.parametrize("rule", ["adamw", "momentum"])
@pytest.mark.parametrize("steps", [1, 3, 20, 200])
def test_what_memory_hides_is_put_back(rule: str, steps: int) -> None:
    """At rest overlap and turning give the decay of the recursion, up to its square."""
    epsilon, kept = 1e-5, 0.9
    law = find(SAID[rule]).law
    overlap = _overlaps(rule, epsilon, kept, steps)[steps]
    seen = -math.log(overlap) + memory.hidden(memory.correlations(law), steps) * (1 - overlap**2)
    assert seen / (steps * law.from_x(epsilon)) == pytest.approx(1, abs=200 * epsilon * max(1, steps / 10))


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("rule", "kind"), [("adamw", "noise"), ("sgd", "free"), ("momentum", "free"), ("lion", "noise")]
)
def test_weights_on_noise_rest_where_the_law_says(rule: str, kind: str) -> None:
    """No law that is true is called false; and each that could be judged holds."""
    training = CLEAN[rule].but(kind=kind, steps=6000, every=20, width=1500, layers=3)
    found = diagnose(training.log(), SAID[rule], weight_decay=training.decay)
    resting_now = [one for one in found.layers if one.state == "at rest"]
    words = [one.rest.verdict for one in resting_now] + [one.rotation.verdict for one in resting_now]
    assert FAILS not in words
    assert HOLDS in words
    for one in resting_now:
        if one.rest.predicted:
            assert one.rest.value == pytest.approx(one.rest.predicted[0], rel=0.05)


@pytest.mark.statistical
def test_a_law_that_does_not_apply_fails() -> None:
    """A layer that curvature holds is smaller than the law of noise says; that is no mistake of the decay."""
    training = CLEAN["sgd"].but(kind="curved", steps=3000, width=600)
    found = diagnose(training.log(), "torch:SGD", weight_decay=training.decay)
    at_rest = [one for one in found.layers if one.state == "at rest"]
    assert at_rest
    for one in at_rest:  # nobody said that the law is for it: the numbers stand there, and nothing fails
        assert one.rest.verdict == UNDECIDED
        assert one.rest.predicted is None or "if its scale does not matter" in one.rest.why
    assert not found.findings
    said = diagnose(training.log(), "torch:SGD", weight_decay=training.decay, scale_invariant="layer*")
    assert all(one.rest.verdict == FAILS for one in said.layers if math.isfinite(one.rest.low))


def test_a_rest_that_the_decay_did_not_bring_is_not_compared() -> None:
    """Less than 1.5 timescales lie behind it."""
    training = CLEAN["sgd"].but(decay=1e-3, kind="curved")
    found = diagnose(training.log(), "torch:SGD", weight_decay=training.decay)
    assert all(one.rest.predicted is None for one in found.layers)
    assert all("timescales" in one.rest.why for one in found.layers if one.state == "at rest")


def test_a_rate_that_changes_at_rest_is_said() -> None:
    """The law's size changes with it."""
    training = CLEAN["sgd"].but(schedule=lambda share: 1.0 if share < 0.7 else 0.5, kind="curved")
    log = training.log()
    asked = ask(log, find("torch:SGD"), None, training.decay)
    size, angle = resting.compare(log, "layer0.weight", asked, len(log.time) // 2)
    assert size.predicted is None
    assert angle.predicted is None
    assert "the learning rate changes" in size.why
    steady, _ = resting.compare(log, "layer0.weight", asked, int(0.75 * len(log.time)))
    assert steady.predicted is not None


@pytest.mark.symbolic
@pytest.mark.parametrize("beta1", [0.1, 0.9, 0.99])
def test_turning_of_adamw_is_that_of_its_derivation(beta1: float) -> None:
    """The formula ``cosine_apart``, proved there by induction."""
    import derivations

    law = find(f"torch:AdamW(betas=({beta1},0.999))").law
    at = {"eta": 0.01, "lmbda": 0.1, "n": 1, "beta1": beta1}
    formulas = derivations.derive("adamw").formulas
    angle = formulas["rotation"](**at)
    for steps in (1, 3, 30, 1000):
        found = math.cos(resting.turned(law, 1e-3, angle, steps))
        assert found == pytest.approx(formulas["cosine_apart"](**at, step=steps), abs=1e-12)


@pytest.mark.numeric
@pytest.mark.parametrize("apart", [0.0, 1e-15, 1e-9, -1e-9, 0.05, 0.9, -0.05])
def test_turning_where_memory_and_decay_are_alike(apart: float) -> None:
    """Against the recursion, a step at a time, with 40 digits: nothing is divided by what the two differ in."""
    law = find(f"torch:AdamW(betas=({0.9 - apart},0.999))").law
    beta1 = law.facts["beta1"]
    with mpmath.workdps(40):
        kept = 1 - mpmath.mpf(0.1)
        cosine = mpmath.cos(mpmath.mpf(0.2))
        last = kept - cosine
        for steps in range(2, 60):
            last *= beta1
            cosine = kept * cosine - last
            assert math.cos(resting.turned(law, 0.1, 0.2, steps)) == pytest.approx(float(cosine), abs=1e-13)
