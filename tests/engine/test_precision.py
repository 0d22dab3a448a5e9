"""What dtypes keep of a decay, against loops in NumPy that round as the dtype does."""

import math

import ml_dtypes
import numpy as np
import pytest

from wd_jax import conventions, precision
from wd_jax.precision import decay_kept, word

pytestmark = pytest.mark.numeric
TYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16}


def stepped(start: np.ndarray, epsilon: float, dtype: str, steps: int, form: str) -> np.ndarray:
    kind = TYPES[dtype]
    weights, decay, factor = start.astype(kind), kind(epsilon), kind(1 - epsilon)
    for _ in range(steps):
        weights = weights - decay * weights if form == "subtract" else weights * factor
    assert weights.dtype == kind
    return weights.astype(np.float64)


def spread(dtype: str, count: int = 4000) -> np.ndarray:
    """Weights whose logarithms are evenly spaced over a power of 2."""
    return (2 ** ((np.arange(count) + 0.5) / count)).astype(TYPES[dtype]).astype(np.float64)


def looped(epsilon: float, dtype: str, steps: int, form: str) -> float:
    start = spread(dtype)
    logs = np.log(start / stepped(start, epsilon, dtype, steps, form))
    return float(logs.mean() / (-steps * math.log1p(-epsilon)))


@pytest.mark.parametrize("form", ["subtract", "multiply"])
@pytest.mark.parametrize("epsilon", [1e-8, 3.2e-8, 4e-8, 5e-8, 5.9e-8, 8e-8, 2e-7, 4e-7, 1e-6, 1e-5])
def test_float32_keeps_what_a_loop_keeps(epsilon: float, form: str) -> None:
    """4000 weights stand for all to 1/4000 at each of the at most 200 places where a step takes one space more."""
    assert decay_kept(epsilon, "float32", 1000, form) == pytest.approx(looped(epsilon, "float32", 1000, form), abs=4e-3)


@pytest.mark.parametrize("epsilon, kept", [(3.2e-8, 0.20), (4e-8, 0.72), (5e-8, 1.16), (5.9e-8, 1.43), (1e-5, 1.0)])
def test_gaussian_weights_do_the_same_to_a_few_percent(epsilon: float, kept: float) -> None:
    """20 000 weights of N(0, 1), 4000 steps; at most 42 % of them move, by up to 3 times their due: 0.01 of noise."""
    start = np.random.default_rng(0).normal(size=20_000).astype(np.float32)
    end = stepped(start, epsilon, "float32", 4000, "subtract")
    logs = np.log(np.abs(start.astype(np.float64) / end))
    assert decay_kept(epsilon, "float32", 4000) == pytest.approx(logs.mean() / (4000 * epsilon), abs=0.03)
    assert decay_kept(epsilon, "float32", 4000) == pytest.approx(kept, abs=0.02)


def test_a_rounded_factor_is_rounded_once_more_in_the_product() -> None:
    """At 2e-7 the factor alone would say 0.894; 4000 weights of N(0, 1) in 20 000 steps decay at 0.948 of the rate."""
    start = np.random.default_rng(0).normal(size=4000).astype(np.float32)
    end = stepped(start, 2e-7, "float32", 20_000, "multiply")
    rms = math.log(np.mean(start.astype(np.float64) ** 2) / np.mean(end**2)) / 2 / (20_000 * 2e-7)
    assert rms == pytest.approx(0.948, abs=1e-3)
    assert decay_kept(2e-7, "float32", 20_000, "multiply") == pytest.approx(rms, abs=5e-3)
    assert precision.applied_decay(2e-7, "float32", "multiply") / 2e-7 == pytest.approx(0.894, abs=1e-3)


@pytest.mark.parametrize("form", ["subtract", "multiply"])
@pytest.mark.parametrize("steps", [1, 2, 37])
@pytest.mark.parametrize("epsilon", [1e-4, 3e-4, 6e-4, 2e-3, 2.5e-3, 3.5e-3, 0.01, 0.03, 0.1])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_every_significand_of_16_bits_is_followed_exactly(dtype: str, epsilon: float, steps: int, form: str) -> None:
    size = 2 ** precision.BITS[dtype]
    start = 1 + np.arange(size) / size
    logs = np.log(start / stepped(start, epsilon, dtype, steps, form))
    expected = np.average(logs, weights=np.log((start + 1 / size) / start)) / (-steps * math.log1p(-epsilon))
    assert decay_kept(epsilon, dtype, steps, form) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_bfloat16_at_usual_settings_does_not_decay() -> None:
    end = stepped(np.ones(1), 1e-4, "bfloat16", 1000, "multiply")
    assert end == 1
    assert decay_kept(1e-4, "bfloat16", 1000, "multiply") == decay_kept(1e-4, "bfloat16", 1000) == 0


@pytest.mark.parametrize("decay", [0.01, 0.7, 3.0])
@pytest.mark.parametrize("spaces", [0.2, 0.3, 0.42, 0.49, 0.51, 0.8, 1.3, 2.7, 6.0])
def test_long_runs_agree_with_every_significand_followed(spaces: float, decay: float) -> None:
    """A type of 16 bits more or less does at epsilon what float32 does at 2**7 less: same spaces a step, same decay.

    Decays of 6 * 2**-16 a step instead of 6 * 2**-23, and 1024 starts, leave 2e-3.
    """
    epsilon = spaces / 2**16
    enumerated = precision._by_enumeration(epsilon, 16, round(decay / epsilon), "subtract")
    found = decay_kept(spaces / 2**23, "float32", round(decay / spaces * 2**23))
    assert found == pytest.approx(enumerated, abs=2e-3)


def test_where_weights_stop_more_steps_leave_less() -> None:
    shares = [decay_kept(4e-8, "float32", steps) for steps in (1, 10**6, 10**7, 10**9)]
    assert shares == sorted(shares, reverse=True) and shares[0] > 0.7 and shares[-1] < 0.01


@pytest.mark.parametrize("epsilon", [2e-17, 6e-17, 9e-17, 3e-16, 2e-15])
def test_float64_has_the_same_limits_further_down(epsilon: float) -> None:
    assert decay_kept(epsilon, "float64", 200) == pytest.approx(looped(epsilon, "float64", 200, "subtract"), abs=5e-3)
    assert word(epsilon, "float64") == word(epsilon * 2**29, "float32")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("epsilon", [0.0, 1.0, 2.5])
def test_without_decay_or_beyond_a_whole_weight_nothing_is_lost(dtype: str, epsilon: float) -> None:
    assert decay_kept(epsilon, dtype) == 1 and word(epsilon, dtype) == "kept"


@pytest.mark.parametrize("epsilon", [1e-300, 5e-324, 1e-25])
@pytest.mark.parametrize("dtype", TYPES)
def test_the_smallest_decays_are_lost_in_every_dtype(dtype: str, epsilon: float) -> None:
    assert word(epsilon, dtype) == "lost" and decay_kept(epsilon, dtype, precision.steps_to_halve(epsilon)) == 0


def test_the_words_turn_at_the_thresholds_of_conventions() -> None:
    lost, stuck, doubtful = conventions.FLOAT32_LOST, conventions.FLOAT32_STUCK, conventions.FLOAT32_DOUBTFUL
    edges = (lost, lost * 1.001, stuck * 0.999, stuck, doubtful * 0.999, doubtful)
    assert [word(epsilon, "float32") for epsilon in edges] == [
        *("lost", "stops", "stops", "wrong rate", "wrong rate", "kept")
    ]


@pytest.mark.parametrize("dtype", TYPES)
def test_a_decay_that_is_called_kept_is(dtype: str) -> None:
    for epsilon in np.geomspace(precision.DOUBTFUL, 1000, 40) / 2.0 ** precision.BITS[dtype]:
        if epsilon < 0.5:
            steps = (1, precision.steps_to_halve(epsilon))
            assert not precision.is_off(np.array([decay_kept(epsilon, dtype, count) for count in steps])).any()


@pytest.mark.parametrize("dtype, form, name", [("float8", "subtract", "dtype='float8'"), ("float32", "x", "form='x'")])
def test_what_is_not_known_is_refused(dtype: str, form, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: choose"):
        decay_kept(1e-3, dtype, 1, form)
