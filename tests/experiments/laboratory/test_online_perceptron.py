"""On-line perceptron: the chain against whole weight vectors, thresholds, and verdicts that can fail."""

import dataclasses
import math

import numpy as np
import pytest

from experiments.laboratory.online_perceptron import EXPERIMENT, equations
from experiments.laboratory.online_perceptron.analysis import roots
from experiments.laboratory.online_perceptron.settings import NAME, PRESETS, REST, WHOLE, WIDE

TINY = dataclasses.replace(
    PRESETS["none", "quick"], alphas=(2.0, 4.0), a_record=2.0, sizes=(40, 80, 160), n_in=80, starts=(25.0,),
    wide_starts=(25.0, 100.0, 400.0), wide_runs=1500, seeds=4, runs=16, whole_seeds=8, rest_burn_in=10.0,
    rest_window=10.0,
)  # fmt: skip


@pytest.mark.numeric
def test_whole_weight_vector_against_a_plain_loop():
    import jax
    import jax.numpy as jnp

    from experiments.laboratory.online_perceptron import simulation

    n, eta, gamma, every, records = 12, 0.9, 0.3, 5, 3
    with jax.enable_x64(True):
        key = jax.random.key(5)
        seen = simulation.whole(key[None], jnp.array([9.0, 4.0]), eta, gamma, every, n_in=n, records=records)
        first = np.asarray(jax.random.normal(jax.random.fold_in(key, 0), (n,), jnp.float32), np.float64)
        stream = jax.random.fold_in(key, 1)
        examples = [
            np.asarray(jax.random.normal(jax.random.fold_in(stream, t), (n,), jnp.float32), np.float64)
            for t in range(every * records)
        ]
    first[0] = 0
    for cell, start in enumerate((9.0, 4.0)):
        J, ends = math.sqrt(start) * first / np.linalg.norm(first), []
        for t, xi in enumerate(examples):
            x, y = float(J @ xi), float(xi[0])
            slope = math.sqrt(2 / math.pi) * math.exp(-(x**2) / 2)
            delta = slope * (math.erf(y / 2**0.5) - math.erf(x / 2**0.5))
            J = J - gamma / n * J + eta / n * delta * xi
            if (t + 1) % every == 0:
                ends.append((J @ J, J[0]))
        assert np.asarray(seen["Q"])[0, :, cell] == pytest.approx([q for q, _ in ends], rel=1e-12)
        assert np.asarray(seen["R"])[0, :, cell] == pytest.approx([r for _, r in ends], rel=1e-11)
        assert np.asarray(seen["chain_Q"])[0, :, cell] == pytest.approx([q for q, _ in ends], rel=1e-12)


@pytest.mark.statistical
def test_chain_has_the_law_of_the_whole_weight_vector():
    # At 8 inputs fluctuations are as large as Q: mean and spread of Q and R agree all the same.
    import jax
    import jax.numpy as jnp

    from experiments.laboratory.online_perceptron import simulation

    n, runs, start, eta, gamma, every = 8, 4000, jnp.array([3.0]), 1.0, 0.2, 24
    one = simulation.chain(jax.random.key(1), start, eta, gamma, n, every, runs=runs, records=1)
    keys = jax.random.split(jax.random.key(2), runs)
    other = simulation.whole(keys, start, eta, gamma, every, n_in=n, records=1)
    for name in ("Q", "R"):
        a, b = np.asarray(one[name]).ravel(), np.asarray(other[name]).ravel()
        assert len(a) == len(b) == runs
        error = math.sqrt((a.var() + b.var()) / runs)
        assert abs(a.mean() - b.mean()) < 4 * error
        assert abs(np.log(a.std() / b.std())) < 0.1
        assert a.std() > 0.1 * abs(a.mean())


@pytest.mark.statistical
def test_what_an_example_shows_of_itself():
    import jax
    import jax.numpy as jnp

    from experiments.laboratory.online_perceptron import simulation

    a, b, norm2 = (np.asarray(one) for one in simulation.example(jax.random.key(0), 0, 200_000, 30, jnp.float32))
    assert abs(a.mean()) < 0.01 and abs(a.var() - 1) < 0.02 and abs(np.corrcoef(a, b)[0, 1]) < 0.01
    assert norm2.mean() == pytest.approx(30, rel=0.003) and norm2.var() == pytest.approx(60, rel=0.03)
    assert np.corrcoef(norm2, a**2)[0, 1] == pytest.approx(30**-0.5, abs=0.01)


@pytest.mark.numeric
def test_the_way_against_small_steps():
    alphas = [1.0, 3.0]
    Q, R, found = 25.0, 0.0, []
    for k in range(3000):  # the midpoint rule
        dQ, dR = equations.rates(Q, R, 1.0, 0.2)
        dQ, dR = equations.rates(Q + 0.0005 * dQ, R + 0.0005 * dR, 1.0, 0.2)
        Q, R = Q + 0.001 * dQ, R + 0.001 * dR
        if (k + 1) / 1000 in alphas:
            found.append((Q, R))
    solved = np.array(equations.way(25.0, 1.0, 0.2, alphas)).T
    assert solved == pytest.approx(np.array(found), rel=1e-6)


@pytest.mark.numeric
def test_absolute_drift_against_quadrature():
    from scipy import integrate, special, stats

    for Q in (2.0, 25.0):

        def inside(x, Q=Q):
            slope = math.sqrt(2 / math.pi) * math.exp(-(x**2) / 2)
            e = math.erf(x / 2**0.5)
            mean = integrate.quad(lambda u, e=e: abs(u - e) / 2, -1, 1, points=[e])[0]
            return slope * abs(x) * mean * stats.norm.pdf(x, scale=math.sqrt(Q))

        wanted = 2 * integrate.quad(inside, 0, 10)[0]
        assert float(equations.absolute_drift(Q)) == pytest.approx(wanted, rel=1e-6)
        y = special.ndtri((np.arange(100_000) + 0.5) / 100_000)  # and the teacher's output is uniform
        assert np.quantile(special.erf(y / 2**0.5), [0.1, 0.75]) == pytest.approx([-0.8, 0.5], abs=1e-4)


@pytest.mark.numeric
@pytest.mark.parametrize("sense", ["traffic", "net", "steps"])
def test_thresholds_tend_to_their_limits(sense):
    assert float(equations.threshold(sense, 0.8, 1e8)) * 1e12 == pytest.approx(equations.wide(sense, 0.8), rel=1e-6)


@pytest.mark.numeric
def test_roots_of_sums_that_are_known():
    import xarray as xr

    gamma = np.array([[1e-3, 2e-3, 4e-3]])
    decay = -2 * 25.0 * gamma[None] * np.ones((2, 1, 1))
    flat = np.ones((2, 1, 3))
    sums = xr.Dataset(
        {
            "decay": (("seed", "start", "factor"), decay),
            "drift": (("seed", "start", "factor"), -0.08 * flat),
            "noise": (("seed", "start", "factor"), 0.02 * flat),
            "drift_traffic": (("seed", "start", "factor"), 0.09 * flat),
            "gamma": (("start", "factor"), gamma),
        },
        {"seed": [0, 1], "start": [25.0], "factor": [1.0, 2.0, 4.0]},
    )
    found = roots(TINY, sums)
    assert found.sel(start=25.0, seed=0).values == pytest.approx([0.002, 0.0012, 0.0022], rel=1e-9)
    assert np.isnan(roots(TINY, sums.assign(drift=100 * sums.drift)).sel(sense="traffic")).all()


@pytest.fixture(scope="module")
def tiny():
    return EXPERIMENT.sweep(TINY, None, progress=False)


def _words(stored):
    return [(one.kind, one.statement, one.verdict) for one in EXPERIMENT.analyse(TINY, None, stored).verdicts]


@pytest.mark.statistical
def test_verdicts_of_a_tiny_run(tiny):
    found = _words(tiny)
    assert len(found) == 14 and [kind for kind, *_ in found].count("rival") == 1
    assert all(word == "holds" for kind, _, word in found if kind == "identity")


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("part", "name", "factor", "statement"),
    [
        (WHOLE, "chain_Q", 1.001, "three parts"),
        (WHOLE, "Q", 1.2, "single run"),
        (NAME, "Q", 1.2, "average over runs, is that of the equations"),
        (NAME, "Q", 1.2, "exponent"),
        (WIDE, "decay", 1.5, "threshold in"),
        (REST, "Q", 1.1, "Q at rest"),
        (REST, "R", 1.1, "R at rest"),
    ],
)
def test_a_verdict_can_fail(tiny, part, name, factor, statement):
    changed = tiny | {part: tiny[part].assign({name: factor * tiny[part][name]})}
    words = [word for kind, said, word in _words(changed) if statement in said and kind != "rival"]
    assert "fails" in words


@pytest.mark.statistical
def test_an_exponent_and_the_rival_can_turn(tiny):
    steep = tiny[WIDE].assign({name: tiny[WIDE][name] * tiny[WIDE].start for name in ("drift", "noise")})
    gamma = tiny[WIDE].gamma * tiny[WIDE].start
    turned = tiny | {WIDE: steep.assign(gamma=gamma, decay=tiny[WIDE].decay * tiny[WIDE].start)}
    words = [word for _, said, word in _words(turned) if "Q^(−3/2)" in said]
    assert words[:2] == ["fails", "fails"]
    alone = 25 * np.exp(-2 * TINY.gamma * tiny[NAME].alpha)
    words = _words(tiny | {NAME: tiny[NAME].assign(Q=alone + 0 * tiny[NAME].Q)})
    assert [word for kind, _, word in words if kind == "rival"] == ["holds"]


@pytest.mark.numeric
def test_both_figures_are_drawn(tiny):
    from wd_jax.figures import style

    outcome = EXPERIMENT.analyse(TINY, None, tiny)
    for width in ("one", "two"):
        with style.style(width):
            assert len(outcome.draw().axes) == 2
