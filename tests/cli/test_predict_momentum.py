"""``wd-jax predict`` with momentum and what it assumes, against PyTorch's updates written out in NumPy."""

import json
import math

import numpy as np
import pytest

from wd_jax.cli import main
from wd_jax.predictions.rates import coupled

pytestmark = pytest.mark.numeric
ISSUE = "--eta 0.1 --weight-decay 5e-4 --n 50000 --m 128"


def predicted(capsys: pytest.CaptureFixture[str], line: str) -> tuple[dict, str]:
    assert main(["predict", "--json", *line.split()]) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def torch_sgd(eta: float, weight_decay: float, momentum: float, nesterov: bool, steps: int) -> np.ndarray:
    """torch.optim.SGD on a weight of 1 without gradient, after its documented update; the buffer starts as g."""
    weights, buffer = [1.0], None
    for _ in range(steps):
        g = weight_decay * weights[-1]
        buffer = g if buffer is None else momentum * buffer + g
        weights.append(weights[-1] - eta * (g + momentum * buffer if nesterov else buffer))
    return np.array(weights)


@pytest.mark.parametrize("steps, nesterov, measured", [(10, False, 0.9589791), (10, True, 0.9533366)])
def test_the_loop_does_what_torch_2_13_was_measured_to_do(steps: int, nesterov: bool, measured: float) -> None:
    """shared/audit/measured.json: lr 0.1, weight decay 0.01, momentum 0.9, float32."""
    assert torch_sgd(0.1, 0.01, 0.9, nesterov, steps)[-1] == pytest.approx(measured, abs=1e-6)


@pytest.mark.parametrize("nesterov", [False, True])
def test_the_half_life_of_pytorchs_sgd_with_momentum(nesterov: bool, capsys: pytest.CaptureFixture[str]) -> None:
    found, err = predicted(capsys, f"{ISSUE} --momentum 0.9 {'--nesterov' * nesterov}")
    weights = torch_sgd(0.1, 5e-4, 0.9, nesterov, 5000)
    rates = -np.diff(np.log(weights))
    # After 300 steps the fast mode, 0.9**300, is below rounding.
    assert found["per_step_factor"] == pytest.approx(weights[4000] / weights[3999], rel=1e-13)
    assert found["half_life_epochs"] == pytest.approx(math.log(2) / rates[300:].mean() / 391, rel=1e-10)
    assert found["per_epoch_factor"] == pytest.approx(weights[1391] / weights[1000], rel=1e-11)
    below = int(np.argmax(weights <= 0.5))
    halved = below - 1 + math.log(weights[below - 1] / 0.5) / rates[below - 1]
    assert found["half_life_epochs_from_rest"] == pytest.approx(halved / 391, rel=1e-7)
    assert found["half_life_epochs_from_rest"] == pytest.approx(3.55, abs=0.005)
    assert found["momentum"] == 0.9 and err == ""


def test_the_times_and_limits_with_momentum(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = predicted(capsys, f"{ISSUE} --momentum 0.9 --n-in 784")
    left = found["per_epoch_factor"] ** found["epochs_to_fan_in_exact"]
    assert left == pytest.approx(784**-0.5, rel=1e-12)
    kappa = 0.1 * 5e-4 * 391 / (1 - 0.9)
    assert found["per_epoch_factor_limit"] == pytest.approx(math.exp(-kappa), rel=1e-13)
    assert found["epochs_to_fan_in"] == pytest.approx(math.log(784) / 2 / kappa, rel=1e-13)
    ratio = found["per_epoch_factor"] / found["per_epoch_factor_limit"] - 1
    assert found["relative_error_of_limit"] == pytest.approx(ratio, rel=1e-9)


def test_a_weak_decay_keeps_its_digits_beside_momentum() -> None:
    """At epsilon 1e-13 the factor itself is 1 - 1e-12, in which a logarithm would find four digits."""
    found = coupled(eta=1e-3, lmbda=1e-6, n=10_000, m=10, momentum=0.9)
    assert found["half_life_epochs"] == pytest.approx(math.log(2) * 0.1 / 1e-13 / 1000, rel=1e-10)


@pytest.mark.parametrize("nesterov", [False, True])
def test_where_weights_oscillate_the_envelope_is_given(nesterov: bool, capsys: pytest.CaptureFixture[str]) -> None:
    eta, weight_decay, momentum = 0.1, 0.4, 0.9
    found, _ = predicted(
        capsys, f"--eta {eta} --weight-decay {weight_decay} --n 100 --m 1 --momentum 0.9 {'--nesterov' * nesterov}"
    )
    weights = torch_sgd(eta, weight_decay, momentum, nesterov, 400)
    assert (np.sign(weights[:100]) < 0).any()
    # The largest weight of a stretch of 50 steps against that of the next: their logarithms differ by 50 rates, and by
    # a fraction of one step at the edges.
    peaks = np.log(np.abs(weights[:400]).reshape(8, 50).max(axis=1))
    assert math.log(found["per_step_factor"]) == pytest.approx((peaks[7] - peaks[1]) / 300, rel=0.02)
    assert found["per_epoch_factor_limit"] is found["relative_error_of_limit"] is None
    assert "oscillate" in found["assumptions"][-1]


@pytest.mark.parametrize("momentum", [0.25, 0.5, 0.9, 0.99])
def test_at_the_edge_of_oscillation_there_is_an_answer(momentum: float) -> None:
    """There the roots meet at sqrt(mu); rounding decides on which side the setting lies."""
    edge = (1 - math.sqrt(momentum)) ** 2
    for share in (edge * (1 - 1e-12), edge * (1 - 1e-16), edge, edge * (1 + 1e-15)):
        found = coupled(eta=1.0, lmbda=share, n=1, m=1, momentum=momentum)
        assert found["per_step_factor"] == pytest.approx(math.sqrt(momentum), rel=1e-5)


def test_momentum_0_is_no_momentum(capsys: pytest.CaptureFixture[str]) -> None:
    plain, _ = predicted(capsys, ISSUE)
    found, _ = predicted(capsys, f"{ISSUE} --momentum 0")
    assert found["half_life_epochs"] == plain["half_life_epochs"] == pytest.approx(35.4542, abs=1e-4)
    assert "no momentum, as given" in found["assumptions"][-1]


def test_without_a_momentum_the_other_answer_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    found, err = predicted(capsys, ISSUE)
    momentum, _ = predicted(capsys, f"{ISSUE} --momentum 0.9")
    assert found["half_life_epochs_at_momentum_0.9"] == momentum["half_life_epochs_from_rest"]
    assert any("half-life is 3.55 epochs: give --momentum 0.9" in said for said in found["assumptions"])
    assert any("no gradient" in said for said in found["assumptions"])
    assert err == ""
    assert main(["predict", *ISSUE.split()]) == 0
    out = capsys.readouterr().out
    assert all(f"assumed: {said}" in out.splitlines() for said in found["assumptions"])
    assert "weight_decay of optax and PyTorch" not in out


@pytest.mark.parametrize(("by_name", "said"), [("momentum", ""), ("nesterov", "--nesterov")])
def test_a_rule_by_its_name_is_the_momentum_that_it_has(by_name: str, said: str, capsys) -> None:
    named, _ = predicted(capsys, f"{ISSUE} --optimiser {by_name} --momentum 0.9")
    options, _ = predicted(capsys, f"{ISSUE} --momentum 0.9 {said}")
    assert named == options


@pytest.mark.parametrize("optimiser", ["sgdw", "adamw", "lion", "nadamw", "sign_momentum", "muon"])
def test_a_decoupled_decay_does_not_know_the_momentum(optimiser: str, capsys: pytest.CaptureFixture[str]) -> None:
    plain, _ = predicted(capsys, ISSUE)
    # eta below Lion's and AdamW's doubt.
    found, err = predicted(capsys, f"{ISSUE.replace('0.1', '0.01')} --optimiser {optimiser} --momentum 0.9")
    assert found["half_life_epochs"] == pytest.approx(10 * plain["half_life_epochs"], rel=1e-4)
    assert "half_life_epochs_at_momentum_0.9" not in found and optimiser in found["assumptions"][-1]
    assert err == ""


def test_an_absolute_decay_is_decoupled(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = predicted(capsys, "--eta 0.1 --absolute-decay 5e-5 --n 50000 --m 128 --momentum 0.9")
    assert found["half_life_epochs"] == pytest.approx(35.4542, abs=1e-4)
    assert "absolute decay" in found["assumptions"][-1]


def test_a_minibatch_nobody_gave_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    found, _ = predicted(capsys, "--eta 0.1 --lmbda 5 --n 50000")
    assert found["m"] == 10 and "m = 10 is the default, give --m" in found["assumptions"][1]
    given, _ = predicted(capsys, "--eta 0.1 --lmbda 5 --n 50000 --m 10")
    assert "default" not in given["assumptions"][1]


@pytest.mark.parametrize(
    "options, words",
    [
        ("--optimiser adam", "'adam' with weight_decay is Adam + L2"),
        ("--optimiser AdamW", "give 'adamw'"),
        ("--optimiser rmsprop", "give 'rmsprop_l2'"),
        ("--optimiser lamb", "need not mean adamw's"),
        ("--optimiser adam_l2", "--optimiser: its decay is divided by the gradient's size and has no rate of its own"),
        ("--optimiser nesterov", "--optimiser: its decay depends on the momentum: give --momentum too, such as 0.9"),
        ("--momentum 1", "--momentum: 1 is not at least 0 and below 1: give one such as 0.9"),
        ("--momentum 90", "--momentum: 90 is not at least 0 and below 1: give one such as 0.9"),
        ("--momentum nan", "--momentum: nan is not at least 0 and below 1"),
        ("--n-in 0", "--n-in: 0 is too small"),
        ("--nesterov", "--nesterov: it is a kind of momentum: give --momentum too"),
    ],
)
def test_what_has_no_rate_is_refused(options: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", *ISSUE.split(), *options.split()]) == 2
    err = capsys.readouterr().err
    assert words in err and err.startswith("error: ") and err.count("\n") == 1


@pytest.mark.parametrize("decay", ["--lmbda 1e-300", "--lmbda 1e-30", "--absolute-decay 1e-40"])
def test_what_is_no_decay_at_all_is_refused(decay: str, capsys: pytest.CaptureFixture[str]) -> None:
    for momentum in ("", "--momentum 0.9"):
        assert main(f"predict --eta 1e-3 --n 50000 {decay} {momentum}".split()) == 2
        assert capsys.readouterr().err.endswith(": give 0, or a larger one\n")


def test_nielsens_lmbda_as_a_weight_decay_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("predict --eta 1 --weight-decay 5 --n 50000".split()) == 2
    assert capsys.readouterr().err.endswith("below 1; if 5 is Nielsen's lmbda, give --lmbda 5\n")
