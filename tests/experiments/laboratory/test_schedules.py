"""Schedules in the laboratory: the law's numbers against plain loops and mpmath, and verdicts that can fail."""

import mpmath
import numpy as np
import pytest
import xarray as xr

from experiments import registry
from experiments.laboratory.schedules import law
from experiments.laboratory.schedules.analysis import analyse
from experiments.laboratory.schedules.settings import (
    NAME,
    NOISE,
    PUBLISHED,
    RULES,
    SHAPES,
    Settings,
    measure,
    published_rates,
    schedule,
)

TINY = Settings("none", epochs=10, steps=200, rest=50, records=4, weights=6, published_weights=4, seeds=3, beta1=0.9)


@pytest.fixture(scope="module")
def stored() -> dict:
    """A tiny run of decay alone, and, for what noise makes, the recursion with a little noise."""
    jitter = xr.DataArray(1 + 1e-4 * np.array([-1.0, 0.0, 1.0]), dims="seed", coords={"seed": [0, 1, 2]})
    size = law.on_noise(TINY, np.arange(-50, 201, 50)) ** 2 * jitter
    rms = law.published()["recursion"] * jitter
    return {
        NAME: measure(TINY, None),
        NOISE: size.to_dataset(name="weight_ms"),
        PUBLISHED: rms.to_dataset(name="weight_rms"),
    }


@pytest.mark.numeric
@pytest.mark.parametrize("shape", SHAPES)
def test_products_have_thirty_digits_behind_them(shape) -> None:
    found = law.products(TINY, np.array([0, 7, 200])).sel(shape=shape)
    with mpmath.workdps(30):
        for rule in RULES:
            total = mpmath.mpf(0)
            for k in range(200):
                rate = mpmath.mpf(0.1) * mpmath.mpf(float(schedule(shape).factors(200)[k]))
                taken = mpmath.mpf(2.0) / 200 if rule == "sgd_absolute" else rate * 2 / 200
                total += mpmath.log(1 - taken)
                if k == 6:
                    assert float(found.sel(rule=rule)[1]) == pytest.approx(float(total), rel=1e-13, abs=1e-15)
            assert float(found.sel(rule=rule)[2]) == pytest.approx(float(total), rel=1e-13)


@pytest.mark.numeric
def test_the_mean_field_solves_its_equation() -> None:
    """Against Runge and Kutta's method with the rate held during each step."""
    rates, share, rho = np.array([0.3, 0.1, 0.5]), np.array([0.2, 0.1, 0.4]), 0.7
    for eta, epsilon in zip(rates, share, strict=True):

        def slope(value, eta=eta, epsilon=epsilon):
            return -2 * epsilon * value + eta**2

        for _ in range(100):
            h = 0.01
            a = slope(rho)
            b = slope(rho + h / 2 * a)
            c = slope(rho + h / 2 * b)
            rho += h / 6 * (a + 2 * b + 2 * c + slope(rho + h * c))
    assert law.mean_field(rates, share, 0.7)[-1] == pytest.approx(rho, rel=1e-9)


@pytest.mark.numeric
def test_su_s_setting() -> None:
    rates = published_rates()
    assert rates[0] == 1e-3 and rates.size == 10_000 and rates[-1] == pytest.approx(1e-4, rel=1e-6)
    found = law.published()
    assert found["recursion"] == pytest.approx(0.0742, abs=1e-4) and found["mean field"] == pytest.approx(
        0.0742, abs=5e-5
    )


@pytest.mark.statistical
def test_shape_and_words(stored) -> None:
    found = analyse(TINY, None, stored)
    words = [one.verdict for one in found.verdicts]
    assert words == ["holds", "holds", "fails", "holds", "holds", "holds", "holds", "holds", "fails", "holds"]
    assert all(one.claim == NAME for one in found.verdicts) and [len(one.rows) for one in found.tables] == [5, 18, 6]


@pytest.mark.statistical
def test_each_verdict_can_fail(stored) -> None:
    def words(name: str, variable: str, factor: float) -> list[str]:
        off = stored[name].assign({variable: stored[name][variable] * factor})
        return [one.verdict for one in analyse(TINY, None, {**stored, name: off}).verdicts]

    assert [words(NAME, "log_left", 1 + 1e-9)[i] for i in (0, 4)] == ["fails"] * 2
    assert [words(NAME, "log_left", 1.1)[i] for i in (1, 3)] == ["fails"] * 2
    assert words(NOISE, "weight_ms", 1.1)[5:8] == ["fails"] * 3
    assert words(PUBLISHED, "weight_rms", 1.05)[9] == "fails"


@pytest.mark.numeric
def test_it_is_registered_and_draws(stored) -> None:
    from wd_jax.figures import style

    assert registry.load(NAME).name == NAME
    with style.style("one"):
        figure = analyse(TINY, None, stored).draw()
        assert [len(ax.lines) > 3 for ax in figure.axes] == [True] * 3
