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

TINY = Settings("none", epochs=10, steps=200, rest=250, records=4, weights=6, published_weights=4, seeds=3, beta1=0.9)


@pytest.fixture(scope="module")
def stored() -> dict:
    """A tiny run of decay alone, and, for what noise makes, the recursion with a little noise."""
    jitter = xr.DataArray(1 + 1e-4 * np.array([-1.0, 0.0, 1.0]), dims="seed", coords={"seed": [0, 1, 2]})
    size = law.on_noise(TINY, np.arange(-250, 201, 50)) ** 2 * jitter
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
    assert found["recursion, long memory"] == pytest.approx(0.0742, abs=1e-4) and found["mean field"] == pytest.approx(
        0.0742, abs=5e-5
    )


@pytest.mark.statistical
def test_shape_and_words(stored) -> None:
    found = analyse(TINY, None, stored)
    words = [one.verdict for one in found.verdicts]
    assert words == ["holds", "holds", "fails", "holds", "holds", "holds", "holds", "holds", "holds", "fails"]
    assert all(one.claim == NAME for one in found.verdicts) and [len(one.rows) for one in found.tables] == [5, 18, 9]
    assert "published" not in " ".join(one.statement for one in found.verdicts)
    assert [one.kind for one in found.verdicts][5:] == ["prediction"] * 3 + ["rival"] * 2


@pytest.mark.numeric
def test_the_start_that_is_assumed_decides_the_published_number() -> None:
    ends = [law.published(start)["recursion, long memory"] for start in (0.03, 0.05, 0.1, 0.2)]
    assert ends == pytest.approx([0.0499, 0.0549, 0.0743, 0.1245], rel=0.01)
    one = law.published()
    assert one["recursion, long memory"] == pytest.approx(one["mean field"], rel=1e-3)


@pytest.mark.numeric
@pytest.mark.parametrize("beta1", [0.5, 0.9])
def test_the_short_recursion_rests_where_the_law_of_adamw_says(beta1) -> None:
    import derivations
    from experiments.laboratory.scheduled import recursion

    found = recursion.on_noise_short(np.full(3000, 0.3), np.full(3000, 0.01), 1.0, beta1, 0.95)[-1]
    at_rest = derivations.derive("adamw").formulas["weight_ms_short_memory"]
    said = at_rest(eta=0.3, lmbda=0.01 / 0.3, n=1, beta1=beta1, beta2=0.95, square_var=2.0)
    assert found == pytest.approx(float(said), rel=1e-12)


@pytest.mark.numeric
def test_the_short_recursion_under_a_schedule_is_the_sum_over_all_pairs_of_steps() -> None:
    from experiments.laboratory.scheduled import recursion

    rates, share, beta1, beta2 = np.array([0.3, 0.1, 0.5, 0.2]), np.array([0.1, 0.2, 0.05, 0.3]), 0.7, 0.9
    lasting, fading = recursion._correlations(beta1, beta2, 2.0)
    weight = -rates * np.array([np.prod(1 - share[k + 1 :]) for k in range(4)])
    lag = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    kernel = (1 - beta1) / (1 + beta1) * beta1**lag * (lasting + fading * beta2**lag)
    found = recursion.on_noise_short(rates, share, 2.0, beta1, beta2)[-1]
    assert found == pytest.approx(2 * np.prod(1 - share) ** 2 + weight @ kernel @ weight, rel=1e-13)


@pytest.mark.numeric
def test_which_form_is_nearer() -> None:
    from experiments.laboratory.scheduled.nearer import nearer

    at = {"step": [1, 2]}
    runs = xr.DataArray([[1.0, 1.01, 0.99], [2.0, 2.01, 1.99]], dims=("step", "seed"), coords=at)
    right, wrong = (xr.DataArray(np.array([1.0, 2.0]) * k, dims="step", coords=at) for k in (1.0, 1.05))
    assert nearer(runs, {"A": right, "B": wrong}).startswith("A is nearer in 2 of the 2 cells")
    assert nearer(runs, {"A": wrong, "B": right}).startswith("B is nearer in 2 of the 2 cells")
    assert nearer(runs, {"A": right, "B": right}).startswith("in none of 2 cells")


@pytest.mark.statistical
def test_each_verdict_can_fail(stored) -> None:
    def words(name: str, variable: str, factor: float) -> list[str]:
        off = stored[name].assign({variable: stored[name][variable] * factor})
        return [one.verdict for one in analyse(TINY, None, {**stored, name: off}).verdicts]

    assert [words(NAME, "log_left", 1 + 1e-9)[i] for i in (0, 4)] == ["fails"] * 2
    assert [words(NAME, "log_left", 1.1)[i] for i in (1, 3)] == ["fails"] * 2
    assert words(NOISE, "weight_ms", 1.1)[5:8] == ["fails"] * 3


@pytest.mark.numeric
def test_it_is_registered_and_draws(stored) -> None:
    from wd_jax.figures import style

    assert registry.load(NAME).name == NAME
    with style.style("one"):
        figure = analyse(TINY, None, stored).draw()
        assert [len(ax.lines) > 3 for ax in figure.axes] == [True] * 3
