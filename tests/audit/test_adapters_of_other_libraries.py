"""Libraries beside PyTorch, driven through their adapters, against loops in NumPy; what is absent here is skipped."""

import subprocess
import sys

import numpy as np
import pytest

from wd_jax.audit.adapters import registry
from wd_jax.audit.black_box import Params

LR, WD, STEPS = 0.1, 0.01, 6
START = {"matrix": np.linspace(0.5, 2, 12, dtype=np.float32).reshape(3, 4), "bias": np.full(4, 1.5, np.float32)}


def gradients(k: int) -> Params:
    draw = np.random.RandomState(k)  # the same in every version of NumPy
    return {name: draw.standard_normal(w.shape).astype(np.float32) for name, w in START.items()}


def coupled(w, g, state, momentum=0.0, nesterov=False):
    return decoupled(w, g + WD * w, state, momentum, nesterov, decay=0.0)


def decoupled(w, g, state, momentum=0.0, nesterov=False, decay=LR * WD):
    state["v"] = momentum * state.get("v", 0) + g
    return w * (1 - decay) - LR * (g + momentum * state["v"] if nesterov else state["v"])


def adamw(w, g, state, decay=LR * WD, eps=1e-8):
    t = state["t"] = state.get("t", 0) + 1
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["s"] = 0.999 * state.get("s", 0) + 0.001 * g * g
    step = state["m"] / (1 - 0.9**t) / (np.sqrt(state["s"] / (1 - 0.999**t)) + eps)
    return w * (1 - decay) - LR * step


CASES = {
    "keras:SGD(momentum=.9)": lambda *at: decoupled(*at, momentum=0.9),
    "keras:SGD(momentum=.9,nesterov)": lambda *at: decoupled(*at, momentum=0.9, nesterov=True),
    "keras:AdamW": lambda *at: adamw(*at, eps=1e-7),
    "flax:nnx.Optimizer(adamw)": adamw,
    "flax:nnx.ModelAndOptimizer(adamw)": adamw,
    "flax:sgd(momentum=.9)": lambda *at: decoupled(*at, momentum=0.9, decay=0.0),
    "paddle:Momentum(.9)": lambda *at: coupled(*at, momentum=0.9),
    "paddle:Momentum(.9,use_nesterov)": lambda *at: coupled(*at, momentum=0.9, nesterov=True),
    "paddle:AdamW": adamw,
    "mlx:SGD(momentum=.9)": lambda *at: coupled(*at, momentum=0.9),
    "mlx:AdamW(bias_correction)": adamw,
    "tinygrad:SGD(momentum=.9,nesterov)": lambda *at: coupled(*at, momentum=0.9, nesterov=True),
    "tinygrad:AdamW": adamw,
    "thinc:SGD(L2,grad_clip=0)": lambda *at: (1 - LR * WD) * decoupled(*at, decay=0.0),
    "thinc:Adam(L2,grad_clip=0)": lambda *at: (1 - LR * WD) * adamw(*at, decay=0.0),
    "mindspore:nn.SGD(momentum=.9)": lambda *at: coupled(*at, momentum=0.9),
    "mindspore:experimental.AdamW": adamw,
    "mxnet:SGD(momentum=.9)": lambda *at: coupled(*at, momentum=0.9),
    "mxnet:Signum(momentum=0)": lambda w, g, state: decoupled(w, np.sign(g), state),
    "chainer:SGD + hook WeightDecay": coupled,
    "chainer:MomentumSGD(.9) + hook": lambda *at: coupled(*at, momentum=0.9),
    "chainer:AdamW": lambda *at: adamw(*at, decay=WD),
    "chainer:AdamW(eta=.1)": lambda w, g, state: w - 0.1 * (w - adamw(w, g, state, decay=WD)),
}


def box(spec: str):
    library = registry.named(spec.partition(":")[0])
    if not registry.installed(library):
        pytest.skip(f"{library.distribution} is not installed here")
    return registry.find(spec)


@pytest.mark.parametrize("spec", CASES)
def test_each_step_is_that_of_a_loop(spec):
    optimiser = box(spec).make(lr=LR, weight_decay=WD)
    now = {name: w.copy() for name, w in START.items()}
    loop = {name: w.astype(float) for name, w in START.items()}
    states: dict[str, dict] = {name: {} for name in START}
    optimiser.init(now)
    for k in range(STEPS):
        given = gradients(k)
        now = optimiser.step(now, given)
        for name in loop:
            loop[name] = CASES[spec](loop[name], given[name].astype(float), states[name])
            assert now[name].dtype == np.float32
            assert now[name] == pytest.approx(loop[name], abs=1e-5)


@pytest.mark.parametrize("spec", CASES)
def test_it_begins_anew_and_takes_what_it_is_given(spec):
    optimiser = box(spec).make(lr=LR, weight_decay=WD)
    ends = []
    for _ in range(2):
        now = {name: w.copy() for name, w in START.items()}
        optimiser.init(now)
        now = optimiser.step(now, gradients(0))
        moved = optimiser.step({name: w + 1 for name, w in now.items()}, gradients(1))
        ends.append(moved)
    assert all((ends[0][name] == ends[1][name]).all() for name in START)
    assert (ends[0]["matrix"] > START["matrix"]).any()


@pytest.mark.parametrize("spec", CASES)
def test_a_rate_that_is_set_is_the_rate_of_the_next_step(spec):
    optimiser = box(spec).make(lr=LR, weight_decay=0.0)
    if "keras" in spec:
        optimiser = box(spec).make(lr=LR, weight_decay=None if "SGD" in spec else 0.0)
    now = {name: w.copy() for name, w in START.items()}
    optimiser.init(now)
    optimiser.set_lr(0.0)
    after = optimiser.step(now, gradients(0))
    assert after["matrix"] == pytest.approx(now["matrix"], abs=1e-7)


@pytest.mark.parametrize(
    "spec", ["keras:AdamWW", "flax:nnx.Optimizer(speed)", "paddle:Adamm", "mlx:Adamm", "thinc:Adamm"]
)
def test_an_unknown_optimiser_is_named_in_one_line(spec):
    with pytest.raises(ValueError, match=spec.partition("(")[0].replace(".", r"\.")) as error:
        box(spec)
    assert "\n" not in str(error.value)


def test_keras_loses_its_exclusions_when_it_is_saved():
    assert "exclude_from_weight_decay is lost" in box("keras:AdamW").note


def test_no_adapter_imports_its_library():
    names = ("keras", "flax", "sklearn", "paddle", "mlx", "tinygrad", "thinc", "mindspore", "mxnet", "chainer", "optax")
    said = (
        "import sys; from wd_jax.audit.adapters import registry; found = registry.libraries();"
        f"print(len(found), sorted(set({names}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    count, _, imported = done.stdout.partition(" ")
    assert int(count) >= len(names)
    assert imported.strip() == "[]"
