"""``wd-jax predict`` against plain Python arithmetic, written out without the package's formulas."""

import json
import math

import pytest

from wd_jax.cli import main

pytestmark = pytest.mark.numeric


def predicted(capsys: pytest.CaptureFixture[str], line: str) -> tuple[dict, str]:
    assert main(["predict", "--json", *line.split()]) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_nielsens_setting(capsys: pytest.CaptureFixture[str]) -> None:
    found, err = predicted(capsys, "--eta 0.1 --lmbda 5 --n 50000 --m 10 --n-in 784")
    factor = 1.0
    for _ in range(5000):
        factor *= 1 - 0.1 * 5 / 50000
    assert found["steps_per_epoch"] == 5000
    assert found["per_step_factor"] == pytest.approx(1 - 1e-5, rel=1e-15)
    assert found["per_epoch_factor"] == pytest.approx(factor, rel=1e-12)
    assert found["per_epoch_factor_limit"] == pytest.approx(math.exp(-0.05), rel=1e-14)
    assert found["relative_error_of_limit"] == pytest.approx(factor / math.exp(-0.05) - 1, abs=1e-12)
    assert found["half_life_epochs"] == pytest.approx(math.log(0.5) / math.log(factor), rel=1e-9)
    assert found["epochs_to_fan_in"] == pytest.approx(10 / (2 * 0.1 * 5) * math.log(784), rel=1e-14)
    exact = -math.log(784) / (2 * math.log(factor))
    assert found["epochs_to_fan_in_exact"] == pytest.approx(exact, rel=1e-9, abs=0)
    assert found["epochs_to_fan_in_exact"] != pytest.approx(found["epochs_to_fan_in"], rel=1e-6)
    assert found["decay_kept"]["float32"]["multiply"]["at_first"] == pytest.approx(1.0014, abs=1e-4)  # RELIABILITY 4.1
    assert err == ""


def test_a_short_last_batch_is_a_step_too(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = predicted(capsys, "--eta 0.5 --lmbda 3 --n 25 --m 10")
    assert found["steps_per_epoch"] == 3
    assert found["per_epoch_factor"] == pytest.approx((1 - 0.5 * 3 / 25) ** 3, rel=1e-14)
    assert found["per_epoch_factor_limit"] == pytest.approx(math.exp(-3 * 0.5 * 3 / 25), rel=1e-14)
    assert found["half_life_epochs"] == pytest.approx(math.log(0.5) / math.log((1 - 0.06) ** 3), rel=1e-14)


@pytest.mark.parametrize("decay", ["--weight-decay 1e-4", "--absolute-decay 1e-5"])
def test_the_three_conventions_agree(decay: str, capsys: pytest.CaptureFixture[str]) -> None:
    expected, _ = predicted(capsys, "--eta 0.1 --n 50000 --lmbda 5")
    found, _ = predicted(capsys, f"--eta 0.1 --n 50000 {decay}")
    kept, expected_kept = (one.pop("decay_kept")["float32"]["subtract"] for one in (found, expected))
    assert kept["at_first"] == pytest.approx(expected_kept["at_first"], rel=1e-9)
    assert kept["word"] == expected_kept["word"] == "kept"
    words = ("assumptions", "doubts")
    numbers = {name: value for name, value in expected.items() if name not in words}
    if "absolute" in decay:  # it is decoupled: no momentum would change it
        del numbers["half_life_epochs_at_momentum_0.9"]
    assert {name: value for name, value in found.items() if name not in words} == pytest.approx(numbers, rel=1e-9)


def test_without_decay_nothing_shrinks(capsys: pytest.CaptureFixture[str]) -> None:
    found, err = predicted(capsys, "--eta 0.1 --n 50000 --lmbda 0 --n-in 784")
    assert (found["per_step_factor"], found["per_epoch_factor"], found["per_epoch_factor_limit"]) == (1, 1, 1)
    assert found["epochs_to_fan_in_exact"] is None
    assert found["half_life_epochs"] is found["epochs_to_fan_in"] is None  # infinite, which JSON cannot say
    assert err == ""


def test_an_adamw_of_small_steps_is_judged_by_its_weights_not_by_its_factor(capsys: pytest.CaptureFixture[str]) -> None:
    """4000 float32 weights multiplied 20 000 times by 1 - 2e-7 decay at 0.948 times the rate; the factor says 0.894."""
    found, err = predicted(capsys, "--eta 2e-5 --weight-decay 0.01 --n 50000")
    multiplied = found["decay_kept"]["float32"]["multiply"]
    assert multiplied["at_first"] == pytest.approx(0.948, abs=0.005) and multiplied["word"] == "wrong rate"
    assert found["decay_kept"]["float32"]["subtract"]["at_first"] == pytest.approx(1.007, abs=0.002)
    assert "0.946 of it at first and 0.929 over a half-life by (1 − ε)w (PyTorch's AdamW)" in err and "0.894" not in err


def test_16_bits_have_rows_and_lose_what_float32_keeps(capsys: pytest.CaptureFixture[str]) -> None:
    """1000 bfloat16 steps at 1e-4 leave 1.0 at 1.0, in either form."""
    assert main("predict --eta 1e-3 --weight-decay 0.1 --n 50000".split()) == 0
    out, err = capsys.readouterr()
    rows = {line.split()[0]: " ".join(line.split()[5:]) for line in out.splitlines() if " keeps of the decay" in line}
    lost = "0: lost, keep float32 master weights"
    assert rows == {"float32": "1: kept", "bfloat16": lost, "float16": lost} and err == ""
    found, _ = predicted(capsys, "--eta 1e-3 --weight-decay 0.1 --n 50000")
    for dtype in ("bfloat16", "float16"):
        for form in ("subtract", "multiply"):
            assert found["decay_kept"][dtype][form] == {
                "at_first": 0,
                "over_half_life": 0,
                "word": "lost",
                "remedy": "keep float32 master weights",
            }


@pytest.mark.parametrize(
    "epsilon, words",
    [
        (1e-8, "no decay is left: use float64"),
        # At 3e-8 a product takes a whole space where 1.99 * 0.25 to 0.5 are due: 1.99 / ln 2 of the rate.
        (3e-8, "0.019 of it at first and 4.55e-05 over a half-life by w − εw (wd_jax, optax, SGD), 2.87 of it"),
        (1e-6, "keep 1.02 of it at first and 1.01 over a half-life by (1 − ε)w (PyTorch's AdamW): subtract εw"),
        (1e-18, "no dtype keeps so little: raise the decay, or set it to 0"),
        (1e-5, ""),
        (0.5, ""),
        (0, ""),
    ],
)
def test_a_decay_that_float32_distorts_is_warned_of(
    epsilon: float, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, err = predicted(capsys, f"--eta 0.1 --n 50000 --m 1 --absolute-decay {epsilon}")
    said = [line for line in err.splitlines() if line.startswith("warning: float32: ")]  # others doubt so odd a decay
    assert len(said) == bool(words) and all(words in line for line in said)


def test_the_table_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("predict --eta 0.1 --lmbda 5 --n 50000 --n-in 784".split()) == 0
    out, _ = capsys.readouterr()
    assert "0.9512291867" in out and "half-life, epochs" in out
    rows = dict(line.rsplit(maxsplit=1) for line in out.splitlines() if line.startswith("t*"))
    assert [name[:10] for name in rows] == ["t*, exact:", "t*, limit:"]
    assert [float(value) for value in rows.values()] == pytest.approx([66.643757, 66.644090], abs=2e-6)


def test_the_limit_is_labelled_as_what_it_is_where_m_does_not_divide_n(capsys) -> None:
    for n, label in ((1200, "limit exp(−ηλ⌈n/m⌉/n)"), (1400, "limit exp(−ηλ/m)")):
        assert main(["predict", "--eta", "0.1", "--lmbda", "5", "--n", str(n), "--m", "7"]) == 0
        out = capsys.readouterr().out
        (row,) = [line for line in out.splitlines() if label in line]
        assert float(row.split()[-1]) == pytest.approx(math.exp(-0.5 * -(-n // 7) / n), rel=1e-9)
