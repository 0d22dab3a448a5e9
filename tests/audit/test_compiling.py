"""An optimiser behind JAX is compiled once for each shape and precision, not for each decay or each beginning."""

import importlib.util

import pytest

from wd_jax.audit import questions
from wd_jax.audit.adapters import compiling, registry


@pytest.fixture(autouse=True)
def keras_on_jax(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")


def asked(spec):
    """Put the questions whose parameters are a matrix and a bias in float32."""
    box = registry.find(spec)
    ask = questions.Asking(box)
    for question in (questions.alone, questions.without, questions.by_default, questions.sizes, questions.schedule):
        question(ask)
    return box


def test_options_that_this_jax_does_not_know_are_left_out(monkeypatch):
    monkeypatch.setitem(compiling.QUICK, "no_such_option", True)
    compiling.options.cache_clear()
    try:
        assert set(compiling.options()) <= set(compiling.QUICK) - {"no_such_option"}
        assert compiling.quick(lambda x: x + 1)(1) == 2
    finally:
        compiling.options.cache_clear()


@pytest.mark.parametrize("spec", ["optax:adamw", "optax:contrib.sophia"])
def test_optax_has_one_program_whatever_the_decay(spec):
    box = asked(spec)
    compiled = box.make().compiled
    assert list(compiled.by_decay) == ["any"]
    assert compiled.by_decay["any"]._cache_size() == 1


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
@pytest.mark.parametrize("spec", ["keras:Muon", "keras:Adafactor"])
def test_keras_has_one_program_and_one_for_a_default_of_none(spec):
    programs = asked(spec).make.args[2].programs
    assert len(programs) <= 2
    assert all(program._cache_size() == 1 for _, program in programs.values())


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
def test_a_compiled_step_of_keras_is_that_of_keras(monkeypatch):
    import numpy as np

    params = {"matrix": np.linspace(-1, 2, 16, dtype=np.float32).reshape(4, 4)}
    grads = {"matrix": np.cos(params["matrix"])}
    ends = []
    for uncompiled in (False, True):
        box = registry.find("keras:AdamW(use_ema)")
        box.make.args[2].uncompiled = uncompiled
        optimiser, now = box.make(), params
        optimiser.init(now)
        for _ in range(5):
            now = optimiser.step(now, grads)
        ends.append(now["matrix"])
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-6)
