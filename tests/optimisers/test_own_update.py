"""``wd.rule``: a whole optax transformation as a rule; what cannot be separated is left out with a word."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from tests.optimisers.stepping import trained
from wd_jax.results.validity import doubts, lacking

pytestmark = pytest.mark.numeric
SETUP = wd.Setup(widths=(6, 5, 3), batch_size=5, dtype="float64")
RUN = {"eta": 0.01, "lmbda": [0.5, 5.0], "epochs": 2, "progress": False}


def adam_like(h):
    return optax.adamw(h.eta, b1=h.beta1, b2=h.beta2, weight_decay=h.weight_decay, mask=wd.rules.weights_only)


ADAM_LIKE = wd.rule(adam_like, coefficients=("beta1", "beta2"))


def swept(rule, data, **more):
    return wd.sweep(dataclasses.replace(SETUP, optimiser=rule), data, **RUN | more)


@pytest.fixture(scope="module")
def runs(tiny):
    return swept(ADAM_LIKE, tiny, beta1=[0.5, 0.9])


def test_it_is_the_librarys_rule_where_it_is_the_same(runs, tiny) -> None:
    """The budget too: what the counterfactual finds is what decoupled decay takes off."""
    with jax.enable_x64(True):
        mine, theirs = trained(ADAM_LIKE)[0], trained(wd.rules.adamw())[0]
    np.testing.assert_allclose(mine[0]["w"], theirs[0]["w"], rtol=1e-11)
    library = swept("adamw", tiny, beta1=[0.5, 0.9])
    for name in ("weight_norm2", "budget_decay", "budget_drift", "budget_noise", "moved_by_decay", "accuracy"):
        np.testing.assert_allclose(runs[name], library[name], rtol=1e-7, err_msg=name)


def test_its_coefficients_are_axes_and_its_result_can_be_opened(runs, tmp_path, tiny) -> None:
    assert runs.weight_rms.dims == ("lmbda", "beta1", "seed", "layer", "epoch")
    path = tmp_path / "own.nc"
    swept(ADAM_LIKE, tiny, out=path)
    opened = wd.open(path)
    assert opened.optimiser.item() == "adam_like" and lacking(opened) == "" and doubts(opened) == ()
    facts = wd.summarise(opened).facts
    assert "the rule's own transformation of (g, w)" in facts["update"]
    assert "inside of the rule's own transformation" in facts["decay"] and "no half-life" in facts["decay"]
    assert "no budget" not in facts
    assert opened.per_step_factor.isnull().all() and opened.decay_kept.isnull().all()


def constant(h):
    return optax.adamw(h.eta, weight_decay=1e-3)


def injected(h):
    return optax.inject_hyperparams(optax.adamw)(learning_rate=0.01, weight_decay=h.weight_decay)


NOT_SEPARABLE = {
    "a decay of its own": (
        constant,
        "a step of constant does not read lmbda, so that no part of it can be called decay",
    ),
    "a decay in the state": (injected, "a step of injected does not read lmbda"),
}


@pytest.mark.parametrize(("update", "why"), NOT_SEPARABLE.values(), ids=list(NOT_SEPARABLE))
def test_where_no_decay_can_be_separated_the_result_says_why(update, why: str, tiny, tmp_path) -> None:
    path = tmp_path / "own.nc"
    setup = dataclasses.replace(SETUP, optimiser=wd.rule(update))
    planned = wd.dry_run(setup, tiny, **{name: RUN[name] for name in ("eta", "lmbda", "epochs")})
    assert planned.facts()["no budget"].startswith(why)
    wd.sweep(setup, tiny, **RUN, out=path)
    runs = wd.open(path)
    assert not [name for name in runs.data_vars if str(name).startswith(("budget", "moved"))]
    assert runs.weight_rms.notnull().all() and "penalty" in runs
    assert runs.no_budget.item().startswith(why) and wd.summarise(runs).facts["no budget"].startswith(why)
    with jax.enable_x64(True):
        _, records = wd.train(setup, wd.Hyper(0.01, 1.0, rule=setup.rule), tiny, key=0, epochs=1)
    assert "weight_norm2" in records and not [name for name in records if name.startswith(("budget", "moved"))]


def test_a_probe_that_needs_the_decay_is_refused_where_there_is_none(tiny) -> None:
    probe = wd.probes.Probe(
        "mine",
        (wd.probes.Variable("mine", (), "mine", "mine"),),
        needs=("decay",),
        start=lambda program, params: 0.0,
        step=lambda state, seen: state,
        record=lambda state, record: {"mine": state},
    )
    setup = dataclasses.replace(SETUP, optimiser=wd.rule(constant))
    with pytest.raises(ValueError, match="extra: probe 'mine' needs the decay's part of a step: a step of constant"):
        wd.dry_run(setup, tiny, epochs=1, probes=wd.Probes(extra=(probe,)))


def asks(h):
    return optax.sgd(h.eta) if h.lmbda > 0 else optax.adam(h.eta)


def shrunk(h):
    return optax.stateless(lambda updates, params: jax.tree.map(lambda u: u[:1], updates))


def restless(h):
    return optax.GradientTransformation(lambda params: 0, lambda updates, state, params: (updates, (state, state)))


def misread(h):
    return optax.sgd(h.etta)


def lost_in_step_8(h):
    """Give no number for weights from the eighth step on; the biases' steps stay finite."""

    def update(updates, taken, params=None):
        def one(g):
            return jnp.where((taken >= 7) & (g.ndim >= 2), jnp.nan, -h.eta * g)

        return jax.tree.map(one, updates), taken + 1

    return optax.GradientTransformation(lambda params: jnp.zeros((), int), update)


@pytest.mark.parametrize(
    "probes", [wd.Probes(splits=(), keep_weights=True), wd.Probes(False, False, splits=(), keep_weights=True)]
)
def test_a_member_stays_where_its_weights_step_was_lost(probes, tiny) -> None:
    """23 examples in batches of 5 make five steps an epoch: the eighth is in the second."""
    runs = swept(wd.rule(lost_in_step_8), tiny, probes=probes)
    assert (runs.diverged_at == 2).all() and runs.weights_1.notnull().all()
    once = swept(wd.rule(lost_in_step_8), tiny, probes=probes, epochs=1)
    assert (runs.weights_1 != once.weights_1).any()  # two steps of the second epoch were taken


REFUSED = {
    "no function": (lambda: wd.rule(optax.sgd(0.1)), "give a function of the numbers, lambda h: optax.adamw(h.eta)"),
    "an unknown number": (lambda: wd.rule(adam_like, ("nu",)), "'nu' is not one of momentum, beta1, beta2"),
    "no number": (lambda: wd.rule(adam_like, (0.9,)), "coefficients: 0.9: give a wd.rules.Coefficient, or the name"),
    "no tuple": (lambda: wd.rule(adam_like, "beta1"), "coefficients='beta1': give a tuple, such as ('beta1',)"),
    "the library's name": (
        lambda: wd.Setup((6, 5, 3), rule=wd.rule(adam_like, ("beta1", "beta2"), name="adamw")),
        "rule 'adamw': the library has another of that name",
    ),
    "a number it was not given": (
        lambda: wd.rule(adam_like),
        "rule 'adam_like': its transformation cannot be built of eta, lmbda, init_scale, n, weight_decay: "
        "Hyper has no number 'beta1'",
    ),
    "a misspelt number": (lambda: wd.rule(misread), "n, weight_decay: Hyper has no number 'etta'"),
    "a question about a traced number": (
        lambda: wd.rule(asks),
        "is a stand-in there: choose with jnp.where, not if",
    ),
    "more than a step has": (
        lambda: wd.rule(lambda h: optax.polyak_sgd(), name="polyak"),
        "rule 'polyak': (gradients, state, parameters) give no step: ",
    ),
    "updates of another form": (lambda: wd.rule(shrunk), "rule 'shrunk': its updates have another form or dtype"),
    "an update with the sign of a direction": (
        lambda: wd.rule(lambda h: optax.chain(optax.trace(0.9), optax.scale(h.eta)), name="up"),
        "rule 'up': its first step goes up the gradient: end the chain with optax.scale_by_learning_rate(h.eta)",
    ),
    "a direction with the sign of an update": (
        lambda: wd.rules.Rule("up", lambda h: optax.adam(1.0)),
        "rule 'up': its first step goes up the gradient, and the library puts eta and the decay behind a direction: "
        "give optax.trace(...) or optax.scale_by_adam(...), not optax.sgd or optax.adam",
    ),
    "a direction with a learning rate": (
        lambda: wd.rules.Rule("twice", lambda h: optax.scale(h.eta)),
        "rule 'twice': its direction reads eta, and the library",
    ),
    "a direction with a decay": (
        lambda: wd.rules.Rule("twice", lambda h: optax.add_decayed_weights(h.weight_decay)),
        "rule 'twice': its direction reads lmbda, and the library",
    ),
    "a state that changes its form": (lambda: wd.rule(restless), "rule 'restless': a step changes the form or the"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_is_one_line(make, message: str, tiny) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        wd.dry_run(dataclasses.replace(SETUP, optimiser=make()), tiny, epochs=1)
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_an_own_direction_is_checked_too(tiny) -> None:
    own = wd.rules.Rule("own", misread)
    with pytest.raises(ValueError, match="rule 'own': its transformation cannot be built of eta, lmbda, init_scale"):
        wd.dry_run(dataclasses.replace(SETUP, optimiser=own), tiny, epochs=1)


@pytest.mark.parametrize("decay", ["coupled", "absolute", "cautious"])
def test_an_own_direction_decays_as_it_says(decay: str, tiny) -> None:
    own = wd.rules.Rule("mean", lambda h: optax.ema(h.beta1, debias=False), wd.rules.lion().coefficients[:1], (), decay)
    runs = swept(own, tiny)
    assert wd.rules.DECAYS[decay].update in runs.update_rule.item()
    parts = [runs[f"budget_{part}"].isel(epoch=slice(1, None)) for part in ("decay", "drift", "noise")]
    rest = abs(runs.weight_norm2.diff("epoch") - sum(parts)) / sum(abs(part) for part in parts)
    assert float(rest.max()) < 1e-11
