"""A rule is a value: one that no registry knows is checked, swept, named in its result and opened again."""

import dataclasses
import json

import jax
import numpy as np
import optax
import pytest

import wd_jax as wd
from wd_jax.cli.sweep import Options
from wd_jax.engine import member
from wd_jax.optimisers import rule as rule_module
from wd_jax.optimisers.rules import RULES
from wd_jax.results.validity import doubts, lacking
from wd_jax.results.variables import COORDINATES, DIVERGED, VARIABLES
from wd_jax.setup import SETUP_FIELDS

pytestmark = pytest.mark.numeric
MU = wd.rules.Coefficient("mu", 0.8, "memory of the velocity", "step", "of slow_sgd", below=1.0)
SLOW = wd.rules.Rule(
    "slow_sgd", lambda hyper: optax.ema(hyper.mu, debias=False), (MU,), ("v <- mu*v + (1 - mu)*g", "u = eta*v")
)
"""A toy: the gradient's running mean. Everything about it is said here."""
QUICK = wd.Probes(moved=False)


@pytest.fixture(scope="module")
def runs(tiny):
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, rule=SLOW, dtype="float64")
    return wd.sweep(setup, tiny, mu=[0.5, 0.9], eta=0.3, lmbda=2.0, epochs=3, probes=QUICK, progress=False)


def slow(data, mu: float, **settings):
    return wd.sweep(wd.Setup((6, 5, 3), batch_size=5, rule=SLOW), data, mu=mu, epochs=1, **settings)


def test_its_coefficient_is_an_axis(runs) -> None:
    assert runs.weight_rms.dims == ("mu", "seed", "layer", "epoch")
    last = runs.weight_rms.isel(epoch=-1, seed=0)
    assert (abs(last.sel(mu=0.5) / last.sel(mu=0.9) - 1) > 1e-6).all()
    parts = [runs[f"budget_{part}"].isel(epoch=slice(1, None)) for part in ("decay", "drift", "noise")]
    rest = abs(runs.weight_norm2.diff("epoch") - sum(parts)) / sum(abs(part) for part in parts)
    assert float(rest.max()) < 1e-11  # issue 2's bound for float64


def test_it_takes_the_steps_that_optax_takes(tiny, runs, initial) -> None:
    """The mean of a velocity that forgets nothing at mu = 0 is plain SGD."""
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, dtype="float64")
    settings = {"eta": 0.3, "lmbda": 2.0, "epochs": 3, "probes": QUICK, "progress": False}
    plain = wd.sweep(setup, tiny, **settings)
    same = wd.sweep(dataclasses.replace(setup, optimiser=SLOW), tiny, mu=0.0, **settings)
    np.testing.assert_allclose(same.weight_norm2, plain.weight_norm2, rtol=1e-12)
    assert (abs(runs.weight_norm2.sel(mu=0.5) - plain.weight_norm2).isel(epoch=-1) > 1e-6).all()


def test_its_result_says_what_it_is(runs) -> None:
    assert runs.mu.attrs == {"long_name": "memory of the velocity", "units": "step", "description": "of slow_sgd"}
    assert runs.optimiser.item() == "slow_sgd" and "v <- mu*v + (1 - mu)*g; u = eta*v; w <-" in runs.update_rule.item()
    assert json.loads(runs.config.values[0])["setup"]["rule"]["coefficients"] == ["mu"]
    facts = wd.summarise(runs).facts
    assert facts["optimiser"] == "slow_sgd with mu = 0.5 0.9" and "u = eta*v" in facts["update"]


def test_its_result_can_be_opened(tiny, tmp_path) -> None:
    path = tmp_path / "slow"
    slow(tiny, 0.7, progress=False, out=path)
    opened = wd.open(path)
    assert opened.mu.item() == 0.7 and opened.mu.attrs["units"] == "step" and doubts(opened) == ()
    facts = wd.summarise(opened).facts
    assert facts["optimiser"] == "slow_sgd with mu = 0.7" and "u = eta*v" in facts["update"]
    relabelled = opened.assign_coords(mu=0.6)
    assert "mu 0.6 is not what was run (0.7)" in doubts(relabelled)[0]


def test_a_rule_that_its_settings_do_not_describe_is_no_result(tiny) -> None:
    runs = slow(tiny, 0.7, progress=False)
    assert "optimiser 'slow_sgd'" in lacking(runs.drop_vars("config"))


def test_no_law_is_taken_for_its_law(runs) -> None:
    with pytest.raises(ValueError, match="optimiser='slow_sgd'"):
        wd.theory.evaluate("epoch_decay", "weight_rms", runs)


def test_its_dry_run_names_it(tiny) -> None:
    planned = wd.dry_run(wd.Setup((6, 5, 3), batch_size=5, rule=SLOW), tiny, eta=[0.1, 0.2], epochs=1)
    assert planned.facts()["optimiser"] == "slow_sgd with mu = 0.8"
    assert "u = eta*v" in planned.facts()["update"] and "mu = 0.8" in repr(planned)
    assert planned.record()["settings"]["mu"] == 0.8


REFUSED = {
    "out of its range": (dict(mu=1.5), "mu=1.5: give a non-negative finite number below 1"),
    "one of a list": (dict(mu=[0.5, -1.0]), "mu=-1.0: give a non-negative finite number below 1"),
    "another rule's": (
        dict(momentum=0.5),
        "momentum=0.5: no optimiser of this sweep uses it; choose optimiser sgdw or momentum",
    ),
    "its own, with another rule": (dict(mu=0.5, optimiser="sgd"), "mu=0.5: no optimiser of this sweep uses it; leave"),
    "misspelt": (dict(mmu=0.5), "sweep has no axis 'mmu': did you mean 'mu'?"),
    "in blocks": (dict(method="blocked"), "method='blocked': optimiser 'slow_sgd' with"),
    "as an axis": (dict(optimiser=["sgd", SLOW]), "optimiser: several rules are given by name"),
    "by the name of the field": (dict(rule=SLOW), "sweep has no axis 'rule': give it to the Setup"),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=list(REFUSED))
def test_its_coefficient_is_checked(arguments: dict, message: str, tiny) -> None:
    with pytest.raises(ValueError) as caught:
        wd.dry_run(wd.Setup((6, 5, 3), batch_size=5, rule=SLOW), tiny, epochs=1, **arguments)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_other_numbers_of_it_do_not_compile(tiny, monkeypatch) -> None:
    seen, advance = [], member.advance
    monkeypatch.setattr(member, "advance", lambda *given: seen.append(1) or advance(*given))
    for numbers in ({"mu": [0.1, 0.2]}, {"mu": [0.3, 0.4], "eta": 0.2}, {"mu": 0.5, "eta": [0.1, 0.2]}):
        setup = wd.Setup((6, 2, 3), batch_size=6, rule=SLOW)
        wd.sweep(setup, tiny, epochs=1, probes=wd.Probes(splits=()), progress=False, **numbers)
    assert len(seen) == 1


def test_one_member_is_trained_by_it(tiny, runs) -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5, rule=SLOW, dtype="float64")
    with jax.enable_x64(True):
        _, records = wd.train(setup, wd.Hyper(0.3, 2.0, mu=0.9, rule=SLOW), tiny, key=0, epochs=3, probes=QUICK)
    np.testing.assert_allclose(records["weight_norm2"].T, runs.weight_norm2.sel(mu=0.9, seed=0), rtol=1e-12)


PARTS = {
    "a way to decay": (
        lambda: dataclasses.replace(SLOW, decay="sideways"),
        "decay='sideways': choose one of decoupled, coupled, absolute, cautious, corrected, own",
    ),
    "a way that a rule does not have": (
        lambda: wd.rules.adamw(decay="coupled"),
        "decay='coupled': adamw may be decoupled, cautious, absolute, corrected",
    ),
    "plain, but not so": (
        lambda: dataclasses.replace(wd.rules.sgd(), decay="absolute"),
        "plain=True: that is u = eta*g with decay='decoupled'",
    ),
    "no rule for the others": (lambda: wd.rules.muon(others="adamw"), "others='adamw': give a Rule, such as wd.rules"),
    "others that decay otherwise": (
        lambda: wd.rules.muon(others=wd.rules.adam_l2()),
        "others='adam_l2': give a rule with decoupled decay",
    ),
    "no function": (lambda: dataclasses.replace(SLOW, direction=optax.identity()), "give a function of the numbers"),
    "a name that is taken": (
        lambda: dataclasses.replace(SLOW, coefficients=(dataclasses.replace(MU, name="depth"),)),
        "coefficient 'depth': the name is taken",
    ),
    "a number twice": (lambda: dataclasses.replace(SLOW, coefficients=(MU, MU)), "coefficient 'mu': the name is taken"),
    "a default out of range": (lambda: dataclasses.replace(MU, default=2.0), "mu=2.0: give a non-negative"),
    "no name": (lambda: dataclasses.replace(MU, name="my mu"), "name='my mu': give a coefficient a name"),
    "the library's name": (
        lambda: wd.Setup((6, 3), rule=dataclasses.replace(SLOW, name="sgd")),
        "rule 'sgd': the library has another of that name",
    ),
    "a word for a rule": (lambda: wd.Setup((6, 3), rule="adamw"), "rule='adamw': give a Rule, such as wd.rules"),
    "two rules": (lambda: wd.Setup((6, 3), optimiser="sgd", rule=SLOW), "optimiser='sgd': the rule is slow_sgd"),
}


@pytest.mark.parametrize(("make", "message"), PARTS.values(), ids=list(PARTS))
def test_a_rule_that_cannot_be_is_refused(make, message: str) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        make()
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_a_number_has_no_variables_name(tiny) -> None:
    costly = dataclasses.replace(SLOW, coefficients=(dataclasses.replace(MU, name="cost"),))
    with pytest.raises(ValueError, match="coefficient 'cost': a variable of every result has that name"):
        wd.dry_run(wd.Setup((6, 5, 3), batch_size=5, rule=costly), tiny, epochs=1)


def test_every_number_of_the_library_is_an_option_of_the_shell() -> None:
    options = {field.name: field for field in dataclasses.fields(Options)}
    assert {one.name for rule in RULES.values() for one in rule.numbers} <= set(options)
    assert (
        options["beta2"].type.__metadata__[0].help
        == "Of adamw, lion, nadamw, muon, adam_l2 and rmsprop_l2, below 1; 0.999 by default."
    )


@pytest.mark.parametrize("name", RULES)
def test_the_short_form_and_the_long_form_are_one(name: str) -> None:
    short, long = wd.Setup((6, 3), optimiser=name), wd.Setup((6, 3), rule=getattr(wd.rules, name)())
    assert short == long == wd.Setup((6, 3), optimiser=getattr(wd.rules, name)())
    assert short.rule == getattr(wd.rules, name)() and hash(short.program) == hash(long.program)


def test_rules_that_read_a_number_of_one_name_agree_on_it() -> None:
    """A sweep over several rules gives them one number, one default and one range."""
    seen: dict[str, tuple] = {}
    for one in (one for rule in RULES.values() for one in rule.coefficients):
        facts = (one.default, one.least, one.above, one.below, one.units)
        assert seen.setdefault(one.name, facts) == facts


def test_names_that_are_taken_are_those_of_sweeps_and_results() -> None:
    elsewhere = {*COORDINATES, *SETUP_FIELDS, "hidden", "depth"}
    assert elsewhere <= {*rule_module.TAKEN}
    assert not {*VARIABLES} & {one.name for rule in RULES.values() for one in rule.coefficients} and DIVERGED


def test_plain_is_only_what_plain_sgd_does() -> None:
    half = rule_module.Rule("half", lambda hyper: optax.scale(0.5), plain=True)
    with pytest.raises(ValueError, match="rule 'half': plain=True is for plain SGD's own direction; leave it out"):
        wd.Setup(widths=(4, 2), rule=half)


@pytest.mark.parametrize("field", ["optimiser", "rule"])
def test_an_optimiser_of_optax_is_answered_with_the_function_that_makes_it(field) -> None:
    with pytest.raises(TypeError, match=rf"^{field}=.*: its numbers are set.*: give wd\.rule\(lambda h: optax\.adamw"):
        wd.Setup(widths=(4, 2), **{field: optax.adamw(1e-3)})
