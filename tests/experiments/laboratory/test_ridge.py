"""Ridge: moments against every minibatch there is, the simulator against a plain loop, and verdicts that can fail."""

import dataclasses
import itertools

import numpy as np
import pytest

from experiments.laboratory.ridge import EXPERIMENT, moments, proved
from experiments.laboratory.ridge.settings import NAME, PRESETS

TINY = dataclasses.replace(
    PRESETS["none", "quick"], n=12, eta=(0.1,), m=(3,), lmbda=(3.0,), d=(1, 2), d_tested=2, m_tested=2, eta_tested=0.1,
    runs=8_000, path_runs=20_000, steps_followed=(2, 4), seeds=3, window=10.0,
)  # fmt: skip


def _problem(n=5, d=2, seed=0):
    generator = np.random.default_rng(seed)
    inputs = generator.normal(size=(n, d))
    return inputs, inputs @ generator.normal(size=d) + generator.normal(size=n)


@pytest.mark.numeric
def test_path_against_every_sequence_of_minibatches():
    # Two steps, with all (5^2)^2 sequences of two minibatches: no draw.
    inputs, targets = _problem()
    lmbda, eta, m, start = 1.5, 0.2, 2, np.array([0.4, -1.0])
    one = moments.regression(inputs, targets, lmbda)
    batches = list(itertools.product(range(5), repeat=m))
    ends = []
    for both in itertools.product(batches, repeat=2):
        w = start.copy()
        for batch in both:
            gradient = sum(inputs[i] * (inputs[i] @ w - targets[i]) for i in batch) / m
            w = (1 - eta * lmbda / 5) * w - eta * gradient
        ends.append(w - one.best)
    e = np.array(ends)
    means, squares = moments.path(one, eta, m, start, 2)
    assert means[-1] == pytest.approx(e.mean(axis=0), rel=1e-12)
    assert squares[-1].ravel() == pytest.approx((e.T @ e / len(e)).ravel(), rel=1e-12)


@pytest.mark.numeric
def test_at_rest_a_step_changes_nothing():
    inputs, targets = _problem(20, 3, 1)
    one = moments.regression(inputs, targets, 2.0)
    eta, m = 0.1, 2
    for covariance, own in (
        (moments.at_rest(one, eta, m), True),
        (moments.additive_at_rest(one, eta, m), False),
    ):
        mean = one.mean_map
        step = covariance - eta * (mean @ covariance + covariance @ mean) + eta**2 * mean @ covariance @ mean
        if own:
            twice = sum(a @ covariance @ a for a in one.maps) / len(one.maps)
            step = step + eta**2 / m * (twice - mean @ covariance @ mean)
        assert step + eta**2 / m * one.noise == pytest.approx(covariance, rel=1e-12, abs=1e-15)
    flow = moments.flow_at_rest(one, eta, m)
    assert mean @ flow + flow @ mean == pytest.approx(eta / m * one.noise, rel=1e-12, abs=1e-15)
    assert np.isnan(moments.at_rest(one, 10.0, m)).all() and moments.radius(one, 10.0, m) > 1


@pytest.mark.numeric
@pytest.mark.parametrize("d", [1, 2])
def test_linear_system_against_the_proved_forms(d, monkeypatch):
    inputs, targets = _problem(12, d, 2)
    one = moments.regression(inputs, targets, 2.0)
    assert proved.error(one, 0.1, 2, d) < 1e-12
    monkeypatch.setattr(proved, "at_rest", lambda *given: 1.001 * moments.at_rest(*given))
    assert proved.error(one, 0.1, 2, d) > 1e-4


@pytest.mark.numeric
def test_simulator_against_a_plain_loop():
    import jax
    import jax.numpy as jnp

    from experiments.laboratory.ridge import simulation

    inputs, targets = _problem(9, 3, 3)
    one, eta, shift, runs, m, steps = moments.regression(inputs, targets, 1.8), 0.1, 0.2, 4, 2, 6
    with jax.enable_x64(True):
        key = jax.random.key(7)
        batches = np.array([simulation.drawn(key, t, m, runs, 9) for t in range(steps)])
        w, e, ee = np.zeros((3, runs)), [], []
        for batch in batches:
            for r in range(runs):
                gradient = sum(inputs[i] * (inputs[i] @ w[:, r] - targets[i]) for i in batch[:, r]) / m
                w[:, r] = w[:, r] - eta * (gradient + shift * w[:, r])
            off = w - one.best[:, None]
            e.append(off.mean(axis=1))
            ee.append(off @ off.T / runs)
        given = (key, *map(jnp.asarray, (inputs, targets, one.best)), eta, shift)
        mean, moment = simulation.on_the_way(*given, m=m, runs=runs, steps=steps)
        assert np.asarray(mean) == pytest.approx(np.array(e), rel=1e-12)
        assert np.asarray(moment) == pytest.approx(np.array(ee), rel=1e-12)
        rested, second = simulation.at_rest(*given[:3], jnp.zeros(3), eta, shift, 2, 4, m=m, runs=runs)
        shifted = [(a + one.best, b) for a, b in zip(e, ee, strict=True)]
        assert np.asarray(rested) == pytest.approx(np.mean([a for a, _ in shifted[2:]], axis=0), rel=1e-12)
        assert second.shape == (3, 3)


@pytest.mark.statistical
def test_draws_are_uniform():
    import jax

    from experiments.laboratory.ridge import simulation

    counts = np.bincount(np.asarray(simulation.drawn(jax.random.key(0), 3, 3, 100_000, 60)).ravel(), minlength=60)
    assert len(counts) == 60 and (np.abs(counts / 5000 - 1) < 5 / np.sqrt(5000)).all()


@pytest.fixture(scope="module")
def tiny():
    return EXPERIMENT.sweep(TINY, None, progress=False)[NAME]


def _words(stored):
    return [(one.kind, one.statement, one.verdict) for one in EXPERIMENT.analyse(TINY, None, {NAME: stored}).verdicts]


@pytest.mark.statistical
def test_verdicts_of_a_tiny_run(tiny):
    found = _words(tiny)
    assert [kind for kind, *_ in found].count("rival") == 5
    assert all(word == "holds" for kind, _, word in found if kind == "identity")
    assert not any(word == "holds" for kind, _, word in found if kind == "rival")


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("rest_moment", "along each direction"),
        ("rest_moment", "that of the exact law"),
        ("path_mean", "the mean shrinks"),
        ("path_moment", "mean square distance is the law's"),
        ("all_mean", "one step averaged"),
        ("all_moment", "one step averaged"),
    ],
)
def test_a_verdict_can_fail(tiny, name, statement):
    words = [word for _, said, word in _words(tiny.assign({name: 1.3 * tiny[name]})) if statement in said]
    assert words and all(word == "fails" for word in words)


@pytest.mark.statistical
def test_shortfalls_and_rivals_can_change(tiny):
    # A covariance as small as the additive form's makes the rival hold, and its shortfall fail.
    from experiments.laboratory.ridge.analysis import problem

    small = tiny.rest_moment.copy()
    for i, case in enumerate(TINY.cases):
        for j in range(TINY.seeds):
            law = moments.additive_at_rest(problem(tiny, j, case), case.eta, case.m)
            small[i, j, : case.d, : case.d] = law
    found = _words(tiny.assign(rest_moment=small, rest_mean=0 * tiny.rest_mean))
    additive = [word for kind, said, word in found if kind == "rival" and "trace" in said and "does not depend" in said]
    assert additive == ["holds", "holds"]
    assert [word for _, said, word in found if "12% too small" in said] == ["fails"]


@pytest.mark.numeric
def test_a_run_without_a_number_is_not_passed_over(tiny):
    moment = tiny.rest_moment.copy()
    moment[0, 0] = np.nan
    found = _words(tiny.assign(rest_moment=moment))
    assert ("prediction", "the trace of the covariance is that of the exact law", "undecided") in found


@pytest.mark.numeric
def test_both_figures_are_drawn(tiny):
    from wd_jax.figures import style

    outcome = EXPERIMENT.analyse(TINY, None, {NAME: tiny})
    for width in ("one", "two"):
        with style.style(width):
            assert len(outcome.draw().axes) == 2
