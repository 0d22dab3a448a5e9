"""What decays: layers, all leaves, or those of a tree, for every way of decaying, as optax's mask has it."""

import dataclasses

import jax
import numpy as np
import optax
import pytest

import wd_jax as wd
from tests.optimisers.stepping import ETA, L, N, draw, hyper_of, trained, trained_by_optax
from wd_jax.optimisers import step
from wd_jax.optimisers.decays import mask
from wd_jax.optimisers.rules import LIBRARY

pytestmark = pytest.mark.numeric
BIASES_ALONE = [{"w": False, "b": True}]
MASKS = {"all": ("all", None), "a tree": (BIASES_ALONE, BIASES_ALONE)}
LAMB = wd.rule(lambda h: optax.lamb(h.eta, weight_decay=h.weight_decay, mask=h.mask), name="lamb")


def of_optax(name: str, which):
    """Optax's own chain of the same rule, with its own mask."""
    decay = optax.add_decayed_weights(L, mask=which)
    if name == "adamw":
        return optax.adamw(ETA, b1=0.8, b2=0.95, weight_decay=L, mask=which)
    if name == "lamb":
        return optax.lamb(ETA, weight_decay=L, mask=which)
    last = {
        "sgd": optax.sgd(ETA),
        "momentum": optax.sgd(ETA, momentum=0.7),
        "adam_l2": optax.adam(ETA, b1=0.8, b2=0.95),
    }
    return optax.chain(decay, last[name])


@pytest.mark.parametrize(("asked", "which"), MASKS.values(), ids=list(MASKS))
@pytest.mark.parametrize("name", ["sgd", "momentum", "adam_l2", "adamw", "lamb"])
def test_as_optax(name: str, asked, which) -> None:
    rule = dataclasses.replace(LAMB if name == "lamb" else LIBRARY[name], mask=asked)
    with jax.enable_x64(True):
        ours, theirs = trained(rule, 20)[0], trained_by_optax(of_optax(name, which), 20)
    for leaf in ("w", "b"):
        np.testing.assert_allclose(ours[0][leaf], theirs[0][leaf], rtol=1e-10)


@pytest.mark.parametrize("name", ["sgd_cautious", "adamw_absolute", "momentum", "adam_l2"])
def test_the_decays_part_is_zero_where_nothing_decays(name: str) -> None:
    with jax.enable_x64(True):
        rule = dataclasses.replace(LIBRARY[name], mask=BIASES_ALONE)
        built, params = step.build(rule, hyper_of(rule), N), draw(0)
        parts = built.step(draw(1), built.init(params), params)
    decay = {name: np.asarray(leaf) for name, leaf in parts.decay[0].items()}
    assert (decay["w"] == 0).all() and (decay["b"] != 0).any()
    np.testing.assert_array_equal(parts.whole[0]["w"], parts.gradient[0]["w"])


def test_an_update_says_what_decays() -> None:
    said = {asked: wd.Setup((4, 2), decays=asked).rule.update_rule.split("; ")[-1] for asked in ("layers", "all")}
    assert said == {"layers": "biases not decayed", "all": "all parameters decayed, biases too"}
    tree = wd.Setup((4, 2), decays=[{"w": False, "b": True}]).rule.update_rule
    assert tree.endswith("; only 0/b decayed")


def test_a_setup_says_it_only_where_it_is_not_usual() -> None:
    usual, all_of_them = wd.Setup((4, 2)), wd.Setup((4, 2), decays="all")
    assert "decays" not in usual.record() and all_of_them.record()["decays"] == "all"
    assert wd.Setup((4, 2), rule=all_of_them.rule) == all_of_them
    tree = wd.Setup((4, 2), decays=BIASES_ALONE)
    assert mask.chosen(tree.record()["decays"]).of(draw(0)) == BIASES_ALONE


@pytest.mark.parametrize("given", ["biases", None, True, {"w": 1.0}, []])
def test_what_is_no_mask_is_refused(given) -> None:
    with pytest.raises(ValueError, match="choose one of layers, all, or give a tree of true and false") as no:
        wd.Setup((4, 2), decays=given)
    assert "\n" not in str(no.value)
