"""What each law is for: said by every one of them, in names that a run has, and shown wherever a law is shown."""

import json

import pytest

import wd_jax.setup
from derivations import GRADIENTS, RULES, Derivation, Formula, Scope, UnknownNameError, derive, names
from derivations.scope import DECOUPLED
from wd_jax.cli import main

pytestmark = pytest.mark.symbolic


def scope(law: str) -> Scope:
    name, formula = law.split(".")
    found = derive(name).formulas[formula].scope
    assert found is not None
    return found


@pytest.mark.parametrize("name", names())
def test_every_formula_says_what_it_is_for(name: str) -> None:
    for formula in derive(name).formulas.values():
        assert formula.scope is not None
        assert set(formula.scope.rules) <= set(RULES) and formula.scope.gradients in GRADIENTS
        assert formula.scope.line() in " ".join(repr(formula).split())
    assert derive(name).scope != Scope()  # none is for everything


def test_a_rule_that_can_be_trained_has_the_same_name_in_both_places() -> None:
    assert set(wd_jax.setup.CHOICES["optimiser"]) <= set(RULES)
    known = wd_jax.setup.CHOICES
    for name in names():
        for formula in derive(name).formulas.values():
            assert formula.scope is not None
            assert set(formula.scope.sampling) <= set(known["sampling"])
            assert set(formula.scope.network) <= {
                "schedule",
                "biases",
                "scale_invariant",
                "nesterov",
                "init_scale",
                "depth",
                *known,
            }


@pytest.mark.parametrize(
    ("law", "rules", "gradients", "sampling"),
    [
        ("adamw.weight_rms", ("adamw",), "noise", ()),
        ("adamw.weight_bound", ("adamw",), "any", ()),
        ("lion.weight_rms", ("lion",), "noise", ()),
        ("epoch_decay.weight_rms", DECOUPLED, "none", ()),
        ("stationary_variance.noise_floor", ("sgd",), "constant", ("iid",)),
        ("shuffling.variance_at_epoch_end", ("sgd",), "constant", ("reshuffle",)),
        ("momentum.per_epoch_factor", ("momentum",), "none", ()),
        ("momentum.sgdw_weight", ("sgd", "sgdw"), "none", ()),
        ("tail_off.plateau_rms", DECOUPLED, "any", ()),
        ("tail_off.noise_floor_rms", ("sgd",), "noise", ("iid",)),
        ("scale_invariant.angle", ("sgd",), "perpendicular", ()),
        ("ridge.stationary_variance", ("sgd",), "linear", ("iid",)),
    ],
)
def test_a_law_is_for(law: str, rules: tuple, gradients: str, sampling: tuple) -> None:
    found = scope(law)
    assert (found.rules, found.gradients, found.sampling) == (rules, gradients, sampling)


def test_what_a_run_breaks_is_named_with_what_is_allowed() -> None:
    law = scope("dominance.critical_lmbda_initial_output")
    kept = {"optimiser": {"sgd"}, "init": {"gaussian"}, "init_scale": {1.0}, "activation": {"sigmoid"}}
    assert law.outside(kept) == {}  # what is not known of a run breaks nothing
    assert law.outside(kept | {"init_scale": {0.5}, "depth": {1, 2}}) == {"init_scale": (1.0,), "depth": (1,)}


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown rules \\['adam'\\]"):
        Scope(("adam",))
    with pytest.raises(ValueError, match="gradients 'noisy'"):
        Scope(gradients="noisy")
    law = derive("epoch_decay")
    with pytest.raises(UnknownNameError, match="epoch_decay has no formula half_live"):
        Derivation(law.name, law.statement, law.assumptions, law.steps, law.formulas, scopes={"half_live": Scope()})


def test_a_formula_keeps_its_own_scope_and_takes_its_derivations_where_it_has_none() -> None:
    law = derive("epoch_decay")
    first, second = list(law.formulas.values())[:2]
    bare = [Formula(f.name, f.expr, f.symbols, f.meaning, f.unit, f.step, f.validity) for f in (first, second)]
    again = Derivation(
        law.name, law.statement, law.assumptions, law.steps, {f.name: f for f in bare},
        scope=Scope(("lion",)), scopes={second.name: Scope(("muon",))},
    )  # fmt: skip
    assert [f.scope for f in again.formulas.values()] == [Scope(("lion",)), Scope(("muon",))]


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_derive_prints_the_scope(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "adamw", "--skip-check", "--format", form]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "update rules: adamw" in out and "gradients: noise of mean 0" in out
    assert "for adamw; gradients: any" in out  # weight_bound alone
    assert "no weight is bounded" in out


def test_derive_gives_the_scope_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "adamw", "--skip-check", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["scope"] == {"rules": ["adamw"], "gradients": "noise", "sampling": [], "network": {}}
    formulas = found["formulas"]
    assert formulas["weight_bound"]["scope"]["gradients"] == "any"
    assert formulas["cosine"]["without_decay"] == "0" and formulas["update_bound"]["without_decay"] is None
    assert formulas["weight_rms"]["without_decay"] == "no value: without decay weights on noise do not settle"
