"""What own functions compute is hashed: the same in another process and dtype, another for another function."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from wd_jax.engine import fingerprint


def start(key):
    return {"w": jax.random.normal(key, (4, 2))}


def model(apply, init=start):
    return wd.model(init, apply, name="net")


def tanh(params, x):
    return jnp.tanh(x @ params["w"])


@pytest.mark.symbolic
def test_other_functions_have_other_hashes_and_the_same_one_has_its_own() -> None:
    shift = np.arange(2.0, dtype=np.float32)
    functions = {
        "tanh": tanh,
        "twice": lambda params, x: 2 * tanh(params, x),
        "a number": lambda params, x: 3 * tanh(params, x),
        "an array": lambda params, x: tanh(params, x) + shift,
        "another array": lambda params, x: tanh(params, x) + (shift + 1),
        "relu": lambda params, x: jax.nn.relu(x @ params["w"]),  # its trace names a function by its address
    }
    found = {name: fingerprint.of_model(model(apply), 4)["net"] for name, apply in functions.items()}
    assert len(set(found.values())) == len(found)
    assert fingerprint.of_model(model(lambda params, x: jnp.tanh(x @ params["w"])), 4)["net"] == found["tanh"]
    wider = model(tanh, lambda key: {"w": 3 * start(key)["w"]})
    assert fingerprint.of_model(wider, 4)["net"] != found["tanh"]


@pytest.mark.symbolic
def test_rules_are_told_by_what_they_do() -> None:
    made = {
        "adamw": lambda h: optax.adamw(h.eta, weight_decay=h.weight_decay),
        "sgd": lambda h: optax.sgd(h.eta),
        "clipped": lambda h: optax.chain(optax.clip(1.0), optax.sgd(h.eta)),
    }
    found = {name: fingerprint.of_rule(wd.rule(update, name="mine"))["mine"] for name, update in made.items()}
    assert len(set(found.values())) == len(made)


@pytest.mark.numeric
def test_it_is_the_same_in_another_process() -> None:
    text = (
        "import jax, jax.numpy as jnp, wd_jax as wd\n"
        "from wd_jax.engine import fingerprint\n"
        "start = lambda key: {'w': jax.random.normal(key, (4, 2))}\n"
        "net = wd.model(start, lambda params, x: jax.nn.relu(x @ params['w']), name='net')\n"
        "print(fingerprint.of_model(net, 4)['net'])\n"
    )
    there = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True).stdout.strip()
    assert there == fingerprint.of_model(model(lambda params, x: jax.nn.relu(x @ params["w"])), 4)["net"]


@pytest.mark.numeric
def test_results_of_two_functions_of_one_name_are_not_joined() -> None:
    data = wd.data.null(n=8, n_validation=2, n_test=2, n_in=4, n_out=2)
    probes = wd.Probes(budget=False, moved=False, splits=())

    def runs(apply, seeds):
        setup = wd.Setup(model=model(apply), batch_size=4)
        return wd.sweep(setup, data, lmbda=1.0, seeds=seeds, epochs=1, probes=probes, progress=False)

    first = runs(tanh, [0])
    with pytest.raises(ValueError, match=r"^net: of other functions in each .* different names, wd\.model"):
        wd.concat([first, runs(lambda params, x: 0 * tanh(params, x), [1])])
    both = wd.concat([first, runs(lambda params, x: jnp.tanh(x @ params["w"]), [1])])
    assert both.seed.values.tolist() == [0, 1]
