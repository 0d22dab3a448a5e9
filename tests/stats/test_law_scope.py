"""A law is evaluated on runs that it is for: the right one passes, every other one is refused with the remedy."""

import json
import warnings

import numpy as np
import pytest
import xarray as xr

import derivations
import wd_jax as wd
from wd_jax.law_scope import facts
from wd_jax.setup import CHOICES

pytestmark = pytest.mark.numeric


def result(**coordinates: object) -> xr.Dataset:
    """A result of plain SGD as `sweep` labels it, with other settings where they are given."""
    rms = np.random.default_rng(0).uniform(0.5, 2, (2, 3, 2, 5))
    given = {
        "lmbda": [0.5, 2.0], "seed": [0, 1, 2], "layer": [1, 2], "epoch": np.arange(5), "eta": 0.3, "n": 20, "m": 5,
        "steps_per_epoch": 4, "n_w": ("layer", [30, 15]), "n_in": ("layer", [6, 5]), "optimiser": "sgd",
        "sampling": "reshuffle", "activation": "sigmoid", "loss": "cross_entropy", "init": "gaussian",
        "init_scale": 1.0, "depth": 1,
    }  # fmt: skip
    return xr.Dataset({"weight_rms": (("lmbda", "seed", "layer", "epoch"), rms)}, given | coordinates)


SGD = result()
ADAMW = result(optimiser="adamw", beta1=0.9, beta2=0.999)
BOTH = xr.concat(
    [SGD.assign_coords(beta1=np.nan), ADAMW.drop_vars("beta2")], "optimiser", coords="different", compat="equals"
)
SGDW = result(optimiser="sgdw", momentum=0.9)

REFUSED = {
    "another rule": (
        ("adamw", "weight_rms"), SGD, {"beta1": 0.9},
        "optimiser='sgd': adamw.weight_rms is for adamw: for this run there are epoch_decay.weight_rms, "
        "initialisation.weight_rms; to use it all the same call "
        "derivations.derive('adamw').formulas['weight_rms'](...)",
    ),
    "adamw's own rms on lion": (
        ("adamw", "weight_rms"), result(optimiser="lion", beta1=0.9, beta2=0.99), {},
        "optimiser='lion': adamw.weight_rms is for adamw: for this run there are epoch_decay.weight_rms, "
        "initialisation.weight_rms, lion.weight_rms;",
    ),
    "Adam's L2 on adamw": (
        ("adam_l2", "weight_rms"), ADAMW, {"batch_gradient_rms": 0.1}, "adam_l2.weight_rms is for adam_l2: for this run"
    ),
    "coupled momentum on decoupled": (
        ("momentum", "per_epoch_factor"), SGDW, {},
        "optimiser='sgdw': momentum.per_epoch_factor is for momentum: for this run there is "
        "epoch_decay.per_epoch_factor;",
    ),
    "a noise floor of independent draws": (
        ("stationary_variance", "noise_floor"), SGD, {"gradient_std": 0.1},
        "sampling='reshuffle': stationary_variance.noise_floor is for iid: for this run there are epoch_decay, ",
    ),
    "shuffling on independent draws": (
        ("shuffling", "variance_at_epoch_end"), result(sampling="iid"), {"batch_noise": 0.1},
        "sampling='iid': shuffling.variance_at_epoch_end is for reshuffle: for this run there are ",
    ),
    "a sigmoid's slope": (
        ("saturation", "mean_slope"), result(activation="relu"), {"preactivation_rms": 3.0},
        "activation='relu': saturation.mean_slope is for sigmoid: ",
    ),
    "sigmoid outputs": (
        ("saturation", "output_delta_ms"), result(loss="softmax"), {"preactivation_rms": 3.0},
        "loss='softmax': saturation.output_delta_ms is for cross_entropy or quadratic: ",
    ),
    "the wide start": (
        ("saturation", "preactivation_rms_first"), result(init="fan_in"), {"input_norm2": 9.0},
        "init='fan_in': saturation.preactivation_rms_first is for gaussian: ",
    ),
    "a start of another scale": (
        ("saturation", "preactivation_rms_first"), result(init_scale=0.1), {"input_norm2": 9.0},
        "init_scale=0.1: saturation.preactivation_rms_first is for 1: ",
    ),
    "one hidden layer": (
        ("dominance", "critical_lmbda_initial_output"), result(depth=2), {"input_norm2": 9.0, "n_hidden": 30},
        "depth=2: dominance.critical_lmbda_initial_output is for 1: ",
    ),
    "a scale that does not matter": (
        ("scale_invariant", "angle"), SGD, {}, "scale_invariant='no': scale_invariant.angle is for yes: "
    ),
    "a schedule": (
        ("schedules", "log_factor_cosine"), SGD, {"total_steps": 100},
        "schedule='constant': schedules.log_factor_cosine is for cosine: ",
    ),
    "no biases": (
        ("symmetry", "imbalance_next"), result(activation="relu"), {"imbalance_0": 1.0, "gradient_gap": 0.1},
        "biases='trained': symmetry.imbalance_next is for none: ",
    ),
    "some of the rules": (
        ("adamw", "weight_rms"),
        BOTH, {},
        "optimiser='adamw', 'sgd': adamw.weight_rms is for adamw: select that part of the result first: "
        "runs.sel(optimiser='adamw')",
    ),
    "some of the samplings": (
        ("stationary_variance", "noise_floor"),
        result(sampling=("lmbda", ["iid", "reshuffle"])), {"gradient_std": 0.1},
        "runs.sel(sampling='iid')",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("law", "runs", "given", "message"), REFUSED.values(), ids=list(REFUSED))
def test_a_run_that_a_law_is_not_for_is_refused(law: tuple, runs: xr.Dataset, given: dict, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.theory.evaluate(*law, runs, **given)
    assert message in str(caught.value) and "\n" not in str(caught.value)


ACCEPTED = {
    "decoupled decay": (("epoch_decay", "weight_rms"), ADAMW, {}),
    "adamw's own": (("adamw", "weight_rms"), ADAMW, {}),
    "reshuffled floors": (("shuffling", "variance_at_epoch_end"), SGD, {"batch_noise": 0.1}),
    "the mean, however drawn": (("stationary_variance", "stationary_mean"), SGD, {"mean_gradient": 0.1}),
    "a norm balance of any rule": (("tail_off", "plateau_rms"), ADAMW, {"Q": 0.1}),
    "momentum 0 is plain SGD": (
        ("dominance", "critical_lmbda"), result(optimiser="sgdw", momentum=0.0), {"gradient_ms": 0.1, "weight_ms": 1.0}
    ),
    "Lion of one average": (
        ("sign_momentum", "weight_rms"), result(optimiser="lion", beta1=0.9, beta2=0.9), {}
    ),
    "a part of several": (
        ("adamw", "weight_rms"),
        BOTH.sel(optimiser="adamw"), {},
    ),
    "what says nothing of itself": (
        ("adamw", "weight_rms"), xr.Dataset(), {"eta": 1e-3, "lmbda": 1.0, "n": 9, "beta1": 0.9}
    ),
}  # fmt: skip


@pytest.mark.parametrize(("law", "runs", "given"), ACCEPTED.values(), ids=list(ACCEPTED))
def test_a_run_that_a_law_is_for_passes(law: tuple, runs: xr.Dataset, given: dict) -> None:
    found = wd.theory.evaluate(*law, runs, **given)
    assert np.isfinite(found).all()
    assert set(found.attrs) == {"units", "long_name", "law", "scope", "gradients"}  # not the description of a symbol
    formula = derivations.derive(law[0]).formulas[law[1]]
    assert found.attrs["law"] == ".".join(law) and found.name == law[1]
    assert formula.scope is not None and found.attrs["scope"] == formula.scope.line()
    assert found.attrs["gradients"] == derivations.GRADIENTS[formula.scope.gradients]


def test_every_run_of_wd_jax_has_laws() -> None:
    for optimiser in CHOICES["optimiser"]:
        for sampling in CHOICES["sampling"]:
            known = facts(result(optimiser=optimiser, sampling=sampling))
            fit = [
                name
                for name in derivations.names()
                if any(f.scope and not f.scope.outside(known) for f in derivations.derive(name).formulas.values())
            ]
            decoupled = optimiser not in ("momentum", "nesterov", "adam_l2", "rmsprop_l2")
            assert ("epoch_decay" in fit) == decoupled
            own = ("adamw", "lion", "sign_momentum", "muon", "momentum", "adam_l2")
            assert (optimiser in fit) == (optimiser in own) and (optimiser != "nesterov" or "momentum" in fit)


def test_settings_are_read_from_the_configuration_where_they_are_no_coordinates() -> None:
    setup = {"optimiser": "sgd", "sampling": "reshuffle", "activation": "tanh"}
    runs = SGD.drop_vars(["sampling", "activation"]).assign_attrs(config=json.dumps({"setup": setup}))
    with pytest.raises(ValueError, match="sampling='reshuffle': stationary_variance"):
        wd.theory.evaluate("stationary_variance", "noise_floor", runs, gradient_std=0.1)
    with pytest.raises(ValueError, match="activation='tanh'"):
        wd.theory.evaluate("saturation", "mean_slope", runs, preactivation_rms=3.0)
    for broken in ("", "[]", "{", '{"setup": 3}'):
        assert "optimiser" in facts(runs.assign_attrs(config=broken))


def test_a_sweep_says_what_it_is() -> None:
    setup = wd.Setup(widths=(6, 4, 3), batch_size=5, sampling="iid", activation="tanh", loss="softmax")
    data = wd.data.teacher(0, n=20, n_in=6, n_out=3)
    runs = wd.sweep(setup, data, lmbda=1.0, eta=0.1, seeds=2, epochs=1, progress=False)
    known = facts(runs)
    assert known["optimiser"] == {"sgd"} and known["sampling"] == {"iid"} and known["loss"] == {"softmax"}
    assert known["activation"] == {"tanh"} and known["init"] == {"gaussian"} and known["depth"] == {1}
    floor = wd.theory.evaluate("stationary_variance", "noise_floor", runs, gradient_std=0.1)
    assert float(floor) == pytest.approx(0.1 * np.sqrt(0.1 * 20 / (5 * (2 - 0.1 / 20))), rel=1e-12)


def test_without_decay_the_factor_is_1_and_a_plateau_has_a_word() -> None:
    runs = result().assign_coords(lmbda=[0.0, 2.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        factor = wd.theory.evaluate("epoch_decay", "per_epoch_factor", runs)
        half_life = wd.theory.evaluate("epoch_decay", "half_life_epochs", runs)
        rms = wd.theory.evaluate("epoch_decay", "weight_rms", runs)
    np.testing.assert_allclose(factor, [1, (1 - 0.03) ** 4], rtol=1e-14)
    np.testing.assert_allclose(half_life, [np.inf, np.log(0.5) / (4 * np.log(0.97))], rtol=1e-14)
    start = runs.weight_rms.isel(epoch=0, lmbda=0)
    np.testing.assert_array_equal(rms.sel(lmbda=0.0).transpose("seed", "layer", "epoch")[..., 3], start)
    with pytest.warns(
        RuntimeWarning, match=r"plateau_rms: .* λ > 0 \(met λ = 0\): without decay nothing holds the weights"
    ):
        plateau = wd.theory.evaluate("tail_off", "plateau_rms", runs, Q=0.4)
    assert np.isnan(plateau.sel(lmbda=0.0)).all() and np.isfinite(plateau.sel(lmbda=2.0)).all()


def test_a_variable_that_means_something_else_is_not_taken_for_the_symbol() -> None:
    """tail_off's Q wants minibatch gradients; a result's gradient_norm2 is that of the full batch."""
    ones = xr.ones_like(SGD.weight_rms)
    runs = SGD.assign(gradient_norm2=ones, weight_dot_gradient=-ones, moved_by_gradient=ones)
    with pytest.raises(KeyError, match=r"gradient_norm2.*the result's is that of the full batch: pass the mean"):
        wd.theory.evaluate("tail_off", "Q", runs)
    found = wd.theory.evaluate("tail_off", "Q", runs, gradient_norm2=4.0)
    np.testing.assert_allclose(found, 1 + 0.3 * 4 / 2, rtol=1e-14)
    threshold = wd.theory.evaluate("dominance", "critical_lmbda_displacement", runs, weight_norm=3.0)
    assert np.isfinite(threshold).all()
    often = runs.assign_coords(epoch=runs.epoch / 2)
    with pytest.raises(KeyError, match=r"moved_by_gradient.*over each record, not over an epoch"):
        wd.theory.evaluate("dominance", "critical_lmbda_displacement", often, weight_norm=3.0)
