"""The adapters of torch's protocol, against the update rules written out in NumPy, float64."""

import functools
import math
from collections.abc import Callable

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.audit.adapters import registry
from wd_jax.audit.black_box import BlackBox
from wd_jax.audit.draws import torchs

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")

LR, WD, STEPS = 0.1, 0.01, 12
Rule = Callable[[float, float, dict], float]


def sgd(momentum: float, dampening: float = 0.0, nesterov: bool = False) -> Rule:
    def step(w: float, g: float, state: dict) -> float:
        g = g + WD * w
        state["b"] = momentum * state["b"] + (1 - dampening) * g if "b" in state else g
        return w - LR * (g + momentum * state["b"] if nesterov else state["b"])

    return step


def adam(decoupled: bool) -> Rule:
    def step(w: float, g: float, state: dict) -> float:
        state["t"] = t = state.get("t", 0) + 1
        g, w = (g, w * (1 - LR * WD)) if decoupled else (g + WD * w, w)
        state["m"] = 0.9 * state.get("m", 0.0) + 0.1 * g
        state["v"] = 0.999 * state.get("v", 0.0) + 0.001 * g * g
        return w - LR * state["m"] / (1 - 0.9**t) / (math.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)

    return step


RULES = {
    "torch:SGD(momentum=.9)": sgd(0.9),
    "torch:SGD(momentum=.9,nesterov)": sgd(0.9, nesterov=True),
    "torch:SGD(momentum=.9,dampening=.5)": sgd(0.9, dampening=0.5),
    "torch:Adam": adam(decoupled=False),
    "torch:Adam(decoupled_weight_decay=True)": adam(decoupled=True),
    "torch:AdamW": adam(decoupled=True),
}


@functools.cache
def box(spec: str) -> BlackBox:
    return registry.find(spec)


def driven(spec: str, steps: int = STEPS, **settings: object) -> list[dict[str, np.ndarray]]:
    optimiser = box(spec).make(**{"lr": LR, "weight_decay": WD, **settings})
    params = {"matrix": np.full((2, 3), 1.5, np.float32), "bias": np.full(3, -0.5, np.float32)}
    optimiser.init(params)
    path = [params]
    for k in range(steps):
        path.append(optimiser.step(path[-1], {name: np.full_like(w, math.sin(k)) for name, w in params.items()}))
    return path


@pytest.mark.parametrize("spec", RULES)
def test_an_optimiser_does_what_its_rule_says(spec: str) -> None:
    weights, states = {"matrix": 1.5, "bias": -0.5}, {"matrix": {}, "bias": {}}
    for k, seen in enumerate(driven(spec)[1:]):
        for name in weights:
            weights[name] = RULES[spec](weights[name], math.sin(k), states[name])
            np.testing.assert_allclose(seen[name], weights[name], rtol=0, atol=3e-6)


def test_a_rate_is_set_as_a_scheduler_does() -> None:
    optimiser = box("torch:SGD").make(lr=LR, weight_decay=0.0)
    start = {"matrix": np.ones((2, 2), np.float32)}
    optimiser.init(start)
    optimiser.set_lr(0.5)
    np.testing.assert_allclose(optimiser.step(start, start)["matrix"], 0.5, atol=1e-7)


def test_groups_keep_the_proportion_of_their_rates() -> None:
    one, other = torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(2))
    users = torch.optim.SGD([{"params": [one], "lr": 0.2}, {"params": [other], "lr": 0.02}], weight_decay=0.0)
    optimiser = registry.recognise(users).wrap(users).make(lr=0.2, weight_decay=None)
    start = {"matrix": np.ones((2, 2), np.float32), "bias": np.ones(2, np.float32)}
    optimiser.init(start)
    optimiser.set_lr(0.1)
    after = optimiser.step(start, start)
    np.testing.assert_allclose(after["matrix"], 0.9, atol=1e-6)
    np.testing.assert_allclose(after["bias"], 0.99, atol=1e-6)


def test_a_missing_gradient_leaves_the_parameter_alone() -> None:
    optimiser = box("torch:AdamW").make(lr=LR, weight_decay=WD)
    start = {"matrix": np.ones((2, 2), np.float32), "bias": np.ones(2, np.float32)}
    optimiser.init(start)
    after = optimiser.step(start, {"matrix": None, "bias": np.zeros(2, np.float32)})
    np.testing.assert_array_equal(after["matrix"], start["matrix"])
    np.testing.assert_allclose(after["bias"], 1 - LR * WD, atol=1e-7)


def test_weights_that_are_given_anew_are_taken() -> None:
    optimiser = box("torch:AdamW").make(lr=LR, weight_decay=WD)
    start = {"matrix": np.ones((2, 2), np.float32)}
    optimiser.init(start)
    zero = {"matrix": np.zeros((2, 2), np.float32)}
    optimiser.step(start, zero)
    after = optimiser.step({"matrix": np.full((2, 2), 3.0, np.float32)}, zero)
    np.testing.assert_allclose(after["matrix"], 3 * (1 - LR * WD), atol=1e-6)


@pytest.mark.parametrize(
    ("spec", "dtype", "left"),
    [
        ("torch:AdamW", "bfloat16", 1.0),
        ("torch:SGD", "float16", 0.99902344),
        ("torch:AdamW", "float16", math.nan),  # its eps of 1e-8 is 0 in float16, and so is its denominator
        ("torch:AdamW", "float32", 0.999),
    ],
)
def test_low_precision_is_that_of_the_parameters(spec: str, dtype: str, left: float) -> None:
    optimiser = box(spec).make(lr=LR, weight_decay=WD, dtype=dtype)
    start = {"matrix": np.ones((2, 2), np.float32)}
    optimiser.init(start)
    after = optimiser.step(start, {"matrix": np.zeros((2, 2), np.float32)})["matrix"]
    assert after[0, 0] == pytest.approx(left, abs=1e-7, nan_ok=True)  # the nearest of that precision to 0.999


def test_an_instance_is_driven_with_its_own_groups() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.LayerNorm(4))
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 0.2}, {"params": others, "weight_decay": 0.0}]
    users = torch.optim.AdamW(groups, lr=3e-4, betas=(0.8, 0.9))
    before = [p.detach().clone() for p in model.parameters()]
    found = registry.recognise(users).wrap(users)
    assert (found.default_lr, found.default_weight_decay) == (3e-4, 0.2)
    assert (found.facts["beta1"], found.facts["beta2"]) == (0.8, 0.9)
    assert "group 1 (3 tensors" in found.note
    assert "no weight decay" in found.note
    optimiser = found.make(lr=LR, weight_decay=WD)
    start = {"matrix": np.ones((4, 4), np.float32), "bias": np.ones(4, np.float32)}
    optimiser.init(start)
    after = optimiser.step(start, {name: np.zeros_like(w) for name, w in start.items()})
    np.testing.assert_allclose(after["matrix"], 1 - LR * WD, atol=1e-7)
    np.testing.assert_array_equal(after["bias"], start["bias"])
    assert all(torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True))  # the user's own


def test_rates_that_are_kept_beside_the_rate_stay_in_proportion() -> None:
    one, other = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2, 2))
    groups = [{"params": [one], "lr": 1.0, "weight_decay": 0.0}, {"params": [other], "lr": 0.5, "weight_decay": 0.3}]
    users = torch.optim.SGD(groups, lr=1.0)
    found = registry.recognise(users).wrap(users)
    assert (found.default_lr, found.default_weight_decay) == (0.5, 0.3)  # those of the group of matrices
    optimiser = found.make(lr=LR, weight_decay=WD)
    start = {"matrix": np.ones((2, 2), np.float32), "bias": np.ones(2, np.float32)}
    optimiser.init(start)
    after = optimiser.step(start, start)
    np.testing.assert_allclose(after["matrix"], 1 - LR * (1 + WD), atol=1e-6)
    np.testing.assert_allclose(after["bias"], 1 - 2 * LR, atol=1e-6)


def test_a_partial_keeps_its_options() -> None:
    made = functools.partial(torch.optim.SGD, momentum=0.9, nesterov=True)
    library = registry.named("torch")
    assert library.wrap(made).facts["momentum"] == 0.9


def test_the_users_random_numbers_are_left_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    driven("torch:AdamW", steps=2)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("torch:LBFGS", "closure"),
        ("torch:AdamWW", "did you mean AdamW"),
        ("torch:AdamW(momentum=.9)", "no option 'momentum'"),
        ("torch:SparseAdam", "dense gradients"),
    ],
)
def test_what_cannot_be_driven_says_so_in_one_line(spec: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        registry.find(spec)
    assert "\n" not in str(caught.value)


def test_matrices_alone_where_the_optimiser_takes_no_others() -> None:
    assert "bias" not in box("torch:Muon").takes
    assert "bias" in box("torch:AdamW").takes


def test_torchs_random_numbers_are_made_again_without_torch() -> None:
    draw, generator = torchs(7), torch.Generator().manual_seed(7)
    for shape in ((50, 80), (4, 4), (50, 80)):
        np.testing.assert_allclose(draw(shape), torch.randn(shape, generator=generator).numpy(), rtol=0, atol=1e-6)
    with pytest.raises(ValueError, match="multiples of 16"):
        draw((3,))


def test_timm_puts_biases_apart_by_itself() -> None:
    pytest.importorskip("timm", reason="timm is not installed: pip install timm")
    found = registry.find("timm:adamw")
    optimiser = found.make(lr=LR, weight_decay=WD)
    start = {"matrix": np.ones((4, 4), np.float32), "bias": np.ones(4, np.float32)}
    optimiser.init(start)
    after = optimiser.step(start, {name: np.zeros_like(w) for name, w in start.items()})
    np.testing.assert_allclose(after["matrix"], 1 - LR * WD, atol=1e-7)
    np.testing.assert_array_equal(after["bias"], start["bias"])
    assert "weight_decay=0" in found.note  # what create_optimizer_v2 passes, the class's own 0.01 or not


def test_the_users_random_numbers_and_threads_stay_as_they_were() -> None:
    torch.manual_seed(3)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    wd.audit("torch:AdamW")
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
