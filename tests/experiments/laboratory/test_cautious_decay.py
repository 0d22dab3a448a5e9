"""Cautious decay: the simulator against a plain loop, the law's numbers, and verdicts that can fail."""

import jax
import numpy as np
import pytest
from scipy import optimize, special

import wd_jax as wd
from experiments import registry
from experiments.laboratory.cautious_decay import law, simulation
from experiments.laboratory.cautious_decay.analysis import MINIMUM, NAME, Settings, analyse, measure, measure_minimum

TINY = Settings(
    "none",
    epsilon=(0.01, 0.1),
    beta1=(0.5,),
    weights=60,
    steps=200,
    burn_in=100,
    noise=(1.0, 100.0),
    minimum_weights=20,
    minimum_steps=100,
    minimum_burn_in=50,
    seeds=3,
)


@pytest.fixture(scope="module")
def stored() -> dict:
    """A tiny run whose numbers are replaced by those of the law, with a little noise."""
    found = {NAME: measure(TINY, None), MINIMUM: measure_minimum(TINY, None)}
    jitter = 1 + 1e-4 * np.array([-1.0, 0.0, 1.0])
    size, bias = found[NAME], found[MINIMUM]
    size["weight_rms"] = (law.size(size.weight_rms) * (size.weight_rms * 0 + 1)) * jitter
    adamw = size.weight_rms_adamw
    inside = [law.pair(float(one), 0.5) for one in adamw.epsilon_adamw]
    size["weight_rms_adamw"] = (adamw * 0 + 1) * np.array(inside)[:, None] * jitter
    bias["bias"] = (law.bias(bias.noise, TINY) * (bias.bias * 0 + 1)) * jitter
    return found


@pytest.mark.numeric
def test_the_simulator_is_a_plain_loop() -> None:
    settings = {"eta": 0.05, "lmbda": 0.3, "curvature": 0.7, "optimum": 1.4}
    noise, weights = np.array([0.2, 3.0]), 4
    found = simulation.near_minimum(noise, range(2, 4), steps=30, burn_in=10, weights=weights, **settings)
    for k, seed in enumerate((2, 3)):
        for way in range(3):
            for cell, spread in enumerate(noise):
                w, total = np.full(weights, 1.4), 0.0
                for number in range(40):
                    with jax.enable_x64(True):
                        z = np.asarray(jax.random.normal(jax.random.fold_in(jax.random.key(seed), number), (weights,)))
                    u = 0.05 * (0.7 * (w - 1.4) + spread * z)
                    decays = (np.zeros(weights), np.ones(weights), (u * w >= 0).astype(float))[way]
                    w = w - 0.05 * 0.3 * decays * w - u
                    total += w.mean() if number >= 10 else 0.0
                assert found[way, cell, k] == pytest.approx(total / 30, rel=1e-12)


@pytest.mark.numeric
def test_the_library_decays_as_the_paper_says() -> None:
    """One step of the rule from a drawn start: only where u w >= 0."""
    probes = wd.Probes(budget=False, moved=False, splits=())
    settings = {
        "steps": 1,
        "shape": 2000,
        "seeds": 1,
        "eta": 0.5,
        "init_scale": 1.0,
        "probes": probes,
        "dtype": "float64",
    }
    rule = wd.rules.sgd(decay="cautious")
    none, some = (
        wd.lab(rule, "independent", lmbda=[one], **settings).weight_norm2.values.ravel() for one in (0.0, 1.0)
    )
    ordinary = wd.lab("sgd", "independent", lmbda=[1.0], **settings).weight_norm2.values.ravel()
    assert none[0] == some[0] == ordinary[0]
    # Half of the weights decay, those with a product -epsilon u w < 0: E = 1 - eps(2-eps)/2 + 2/pi eps eta + eta^2.
    assert some[1] / some[0] == pytest.approx(1 - 0.375 + 2 / np.pi * 0.25 + 0.25, rel=0.1)
    assert ordinary[1] < some[1] < none[1]


@pytest.mark.numeric
@pytest.mark.parametrize(("epsilon", "beta1"), [(0.003, 0.5), (0.01, 0.9)])
def test_the_pair_is_at_rest(epsilon, beta1) -> None:
    """Both balances, with averages by quadrature over the pair of Gaussians."""
    size = law.pair(epsilon, beta1)
    spread = np.sqrt((1 - beta1) / (1 + beta1))
    z, step = np.linspace(0, 10, 20_001, retstep=True)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    ends = np.where((z == 0) | (z == 10), 0.5, 1.0) * step  # trapezoids, twice for both signs

    def averages(rho):
        rest = np.sqrt(1 - rho**2)
        share = special.ndtr(-rho * z / rest)
        mean_u = rest * np.exp(-((rho * z / rest) ** 2) / 2) / np.sqrt(2 * np.pi) - rho * z * share
        return 2 * (ends * density * z**2 * share).sum(), 2 * (ends * density * z * mean_u).sum()

    def renewal(rho):
        _, product = averages(rho)
        return rho * size * spread * (1 - beta1) - beta1 * (epsilon * product * size * spread + spread**2)

    rho = optimize.brentq(renewal, 1e-6, 0.9)
    square, product = averages(rho)
    left = epsilon * (2 - epsilon) * square * size**2
    right = 2 * rho * size * spread + 2 * epsilon * product * size * spread + spread**2
    assert left == pytest.approx(right, rel=1e-6)  # trapezoids


@pytest.mark.statistical
def test_shape_and_words(stored) -> None:
    found = analyse(TINY, None, stored)
    words = [one.verdict for one in found.verdicts]
    assert words == ["holds", "fails", "holds", "holds", "fails", "holds", "holds", "holds", "holds"]
    assert all(one.claim == NAME for one in found.verdicts) and [len(one.rows) for one in found.tables] == [4, 2]


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("name", "variable", "factor", "failing"),
    [
        (NAME, "weight_rms", 1.02, {0, 1, 2, 3, 4}),
        (NAME, "weight_rms_adamw", 1.02, {1, 4, 5}),
        (MINIMUM, "bias_without_noise", 1e4, {1, 4, 6}),
        (MINIMUM, "bias", 1.05, {1, 4, 7, 8}),
    ],
)
def test_each_verdict_can_fail(stored, name, variable, factor, failing) -> None:
    changed = {key: one.copy() for key, one in stored.items()}
    changed[name] = changed[name].assign({variable: changed[name][variable] * factor})
    words = [one.verdict for one in analyse(TINY, None, changed).verdicts]
    assert {i for i, word in enumerate(words) if word == "fails"} == failing


@pytest.mark.numeric
def test_it_is_registered_and_draws(stored) -> None:
    from wd_jax.figures import style

    assert registry.load(NAME).name == NAME
    with style.style("one"):
        figure = analyse(TINY, None, stored).draw()
        assert [len(ax.lines) > 3 for ax in figure.axes] == [True, True]
