"""The numbers of a member: a checked mapping of what its rule reads, and a tree for JAX."""

import jax
import jax.numpy as jnp
import pytest

import wd_jax as wd


def test_it_is_a_mapping_of_what_is_given() -> None:
    hyper = wd.Hyper(eta=0.3, lmbda=2.0)
    assert dict(hyper) == {"eta": 0.3, "lmbda": 2.0, "init_scale": 1.0} and hyper.lmbda == hyper["lmbda"]
    assert hyper == wd.Hyper(0.3, 2.0) and hash(hyper) == hash(wd.Hyper(0.3, 2.0)) and hyper != wd.Hyper(0.3, 1.0)
    assert repr(hyper) == "Hyper(eta=0.3, lmbda=2.0, init_scale=1.0)"


def test_a_rule_adds_its_numbers_with_their_defaults() -> None:
    assert dict(wd.Hyper(rule=wd.rules.adamw(), beta1=0.5)) == {
        "eta": 0.1, "lmbda": 0.0, "init_scale": 1.0, "beta1": 0.5, "beta2": 0.999
    }  # fmt: skip
    with pytest.raises(TypeError, match="Hyper has no field 'momentum'"):
        wd.Hyper(rule=wd.rules.adamw(), momentum=0.5)


@pytest.mark.parametrize("name, value", [("momentum", 1.0), ("beta2", -0.1), ("init_scale", -1.0), ("eta", 0.0)])
def test_its_ranges_are_the_coefficients(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name}={value}: give a (non-negative|positive) finite number"):
        wd.Hyper(**{name: value})


def test_it_does_not_change() -> None:
    hyper = wd.Hyper()
    with pytest.raises(AttributeError, match=r"eta=0\.5: a Hyper is not changed"):
        hyper.eta = 0.5
    with pytest.raises(AttributeError, match="no number 'momentum'"):
        hyper.momentum  # noqa: B018


def test_jax_takes_it_as_a_tree_of_its_numbers() -> None:
    rows = jax.vmap(lambda hyper: hyper.eta * hyper.lmbda)(
        wd.Hyper(eta=jnp.array([0.1, 0.2]), lmbda=jnp.array([1.0, 10.0]), init_scale=jnp.ones(2))
    )
    assert rows.tolist() == pytest.approx([0.1, 2.0])
    assert jax.jit(lambda hyper: jax.tree.map(lambda x: 2 * x, hyper))(wd.Hyper(eta=0.25)).eta == 0.5
    assert [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(wd.Hyper())] == [
        ".eta", ".lmbda", ".init_scale"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", [*(name for name in dir(wd.Hyper) if not name.startswith("_")), "self", "lambda", "_mu"]
)
def test_no_number_has_a_name_by_which_it_cannot_be_read(name: str) -> None:
    with pytest.raises(ValueError, match=f"name='{name}': hyper.{name} would not be the number; choose another"):
        wd.rules.Coefficient(name, 0.5, "memory")


def test_a_number_of_a_rule_of_ones_own_is_told_to_come_with_its_rule() -> None:
    with pytest.raises(
        TypeError, match=r"give momentum=0\.5; or, for a rule of your own, give it: Hyper\(\.\.\., rule="
    ):
        wd.Hyper(mu=0.5)
