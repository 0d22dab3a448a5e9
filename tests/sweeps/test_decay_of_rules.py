"""What a plan and a result say of a rule's decay is true of that rule, and what no rule has is left out."""

import math
import warnings

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.cli import main
from wd_jax.results import decays
from wd_jax.results.divergence import counted

pytestmark = pytest.mark.numeric
SETTINGS = {"eta": 0.1, "lmbda": 5.0, "epochs": 3}
QUICK = wd.Probes(budget=False, moved=False, splits=())


def setup(optimiser: str, dtype: str = "float64") -> wd.Setup:
    return wd.Setup(widths=(16, 8, 4), optimiser=optimiser, dtype=dtype)


@pytest.fixture(scope="module")
def still() -> wd.data.Dataset:
    """No gradient ever: decay acts alone. n = 200."""
    return wd.data.null()


SAID = {
    "sgd": "eta*lmbda/n = 0.0025 per step; weight_decay (optax, PyTorch) = lmbda/n = 0.025; half-life without gradient "
    "13.85 epochs",
    "adamw_absolute": "lmbda/n = 0.025 per step, whatever eta is; half-life without gradient 1.369 epochs",
    "lion_cautious": "eta*lmbda/n = 0.0025 per step, where u*w >= 0; weight_decay (optax, PyTorch) = lmbda/n = 0.025; "
    "half-life without gradient 13.85 epochs",
    "nesterov": "in the gradient, g + lmbda/n*w; weight_decay (optax, PyTorch) = lmbda/n = 0.025; half-life without "
    "gradient 0.9248 epochs, once the velocity has settled",
    "adam_l2": "in the gradient, g + lmbda/n*w; weight_decay (optax, PyTorch) = lmbda/n = 0.025; no half-life of its "
    "own: how fast weights decay depends on their gradients",
}


@pytest.mark.parametrize(("optimiser", "said"), SAID.items(), ids=list(SAID))
def test_the_plan_and_the_result_say_it_alike(optimiser: str, said: str, still) -> None:
    plan = wd.dry_run(setup(optimiser), still, **SETTINGS)
    runs = wd.sweep(setup(optimiser), still, **SETTINGS, probes=QUICK, progress=False)
    assert plan.facts()["decay"] == wd.summarise(runs).facts["decay"] == said
    assert plan.record()["settings"] == wd.summarise(runs).record["settings"]


def test_several_rules_are_told_apart(still) -> None:
    plan = wd.dry_run(setup("sgd"), still, optimiser=["sgd", "sgdw", "momentum", "adam_l2"], **SETTINGS)
    said = plan.facts()["decay"]
    assert said.startswith("sgd, sgdw: eta*lmbda/n = 0.0025 per step") and "; momentum: in the gradient" in said
    runs = wd.sweep(plan.groups[0].setup, still, optimiser=["sgd", "sgdw", "momentum", "adam_l2"], **SETTINGS,
                    probes=QUICK, progress=False)  # fmt: skip
    assert wd.summarise(runs).facts["decay"] == said
    factors = runs.per_step_factor.values.tolist()
    assert factors[:2] == [1 - 0.1 * 5 / 200] * 2 and all(map(math.isnan, factors[2:]))
    assert runs.decay_kept.notnull().values.tolist() == [True, True, True, False]


@pytest.mark.parametrize("optimiser", ["sgd", "sgdw_absolute", "adamw_cautious", "muon"])
def test_the_half_life_is_what_a_weight_without_gradient_does(optimiser: str, still) -> None:
    runs = wd.sweep(setup(optimiser), still, **SETTINGS, probes=QUICK, progress=False)
    ((_, rate),) = decays.per_rule(runs).values()
    fallen = runs.weight_rms.sel(epoch=3) / runs.weight_rms.sel(epoch=0)
    np.testing.assert_allclose(fallen, (1 - rate.item()) ** 60, rtol=1e-10)
    assert runs.per_step_factor.item() == pytest.approx(1 - rate.item(), rel=1e-14)


@pytest.mark.parametrize("optimiser", ["momentum", "nesterov"])
@pytest.mark.parametrize("lmbda", [0.5, 100.0])
def test_and_of_a_velocity_that_has_settled(optimiser: str, lmbda: float, still) -> None:
    """Overdamped, and where weights oscillate: then it is the envelope's."""
    runs = wd.sweep(
        setup(optimiser), still, eta=0.1, lmbda=lmbda, momentum=0.8, epochs=20, probes=QUICK, progress=False
    )
    ((_, rate),) = decays.per_rule(runs).values()
    fallen = np.log(runs.weight_rms.sel(epoch=20) / runs.weight_rms.sel(epoch=10)) / 200
    np.testing.assert_allclose(fallen, math.log1p(-rate.item()), rtol=1e-9 if lmbda < 1 else 0.1)


def test_adam_with_l2_decays_alike_at_any_lmbda(still) -> None:
    """Why it has no half-life: THEORY B0, up to its stabiliser."""
    runs = wd.sweep(setup("adam_l2"), still, eta=0.001, lmbda=[5.0, 500.0], epochs=5, probes=QUICK, progress=False)
    last = runs.weight_rms.sel(epoch=5)
    np.testing.assert_allclose(last.sel(lmbda=5.0), last.sel(lmbda=500.0), rtol=1e-4)
    assert (last < 0.95 * runs.weight_rms.sel(epoch=0)).all()


def test_the_dtype_is_asked_about_the_decay_that_the_rule_has(still) -> None:
    tiny = 2.9e-9 * 200 / 0.1  # eta*lmbda/n = 2.9e-9: float32 loses it
    with pytest.raises(ValueError, match=r"decay by 2.9e-09 per step, which float32 rounds to nothing"):
        wd.dry_run(setup("sgdw", "float32"), still, eta=0.1, lmbda=tiny, epochs=1)
    with pytest.raises(ValueError, match=r"decay by 2.9e-08 per step, which float32 rounds to nothing"):
        wd.dry_run(setup("momentum", "float32"), still, eta=0.1, lmbda=tiny, epochs=1, momentum=0.9)
    with pytest.warns(UserWarning, match=r"decay by 2.9e-07 per step, which float32 distorts"):
        wd.dry_run(setup("momentum", "float32"), still, eta=0.1, lmbda=tiny * 10, epochs=1, momentum=0.9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wd.dry_run(setup("adam_l2", "float32"), still, eta=0.1, lmbda=tiny, epochs=1)
        wd.dry_run(setup("momentum", "float32"), still, eta=0.1, lmbda=tiny * 100, epochs=1, momentum=0.9)
        wd.dry_run(setup("sgd_absolute", "float32"), still, eta=1e-9, lmbda=0.1, epochs=1)


def test_a_decay_that_makes_weights_grow_is_warned_of_in_the_rules_own_words(still) -> None:
    with pytest.warns(UserWarning, match=r"with momentum weights without gradient do not shrink, their factor being"):
        wd.dry_run(setup("momentum"), still, eta=0.1, lmbda=[1.0, 1e4], epochs=1)
    with pytest.warns(UserWarning, match=r"eta=0.1, lmbda=4400, n=200: .* a step \(1 of 2 cells\): lower eta or lmbda"):
        wd.dry_run(setup("momentum"), still, eta=0.1, lmbda=4400.0, momentum=[0.0, 0.9], epochs=1)
    with pytest.warns(
        UserWarning, match=r"lmbda/n = 1.5, so that weights change sign .* lower lmbda until it is below"
    ):
        wd.dry_run(setup("sgd_absolute"), still, eta=0.1, lmbda=300.0, epochs=1)


def test_a_divergence_is_not_explained_by_another_rules_decay(still) -> None:
    with pytest.warns(UserWarning):
        runs = wd.sweep(
            setup("sgd_absolute", "float32"), still, eta=0.1, lmbda=600.0, epochs=9, probes=QUICK, progress=False
        )
    assert counted(runs) == "1 of 1 runs diverged: lower eta or lmbda"


def test_laws_take_the_rules_that_they_are_for(still) -> None:
    runs = wd.sweep(setup("momentum"), still, **SETTINGS, momentum=0.5, probes=QUICK, progress=False)
    factor = wd.theory.evaluate("momentum", "per_epoch_factor", runs)
    measured = runs.weight_rms.sel(epoch=3) / runs.weight_rms.sel(epoch=2)
    np.testing.assert_allclose(measured, factor.item(), rtol=1e-12)
    with pytest.raises(ValueError, match=r"optimiser='momentum': epoch_decay.weight_rms is for sgd or sgdw or"):
        wd.theory.evaluate("epoch_decay", "weight_rms", runs)
    plain = wd.sweep(setup("momentum"), still, **SETTINGS, momentum=0.0, probes=QUICK, progress=False)
    law = wd.theory.evaluate("epoch_decay", "weight_rms", plain)  # at momentum 0 it is plain SGD
    np.testing.assert_allclose(law.transpose(*plain.weight_rms.dims), plain.weight_rms, rtol=1e-12)
    muon = wd.sweep(setup("muon"), still, **SETTINGS, probes=QUICK, progress=False)
    with pytest.raises(ValueError, match=r"nesterov='yes': muon.weight_norm is for no"):
        wd.theory.evaluate("muon", "weight_norm", muon, update_norm=1.0)
    cautious = wd.sweep(setup("sgd_cautious"), still, **SETTINGS, probes=QUICK, progress=False)
    with pytest.raises(ValueError, match=r"optimiser='sgd_cautious': epoch_decay.weight_rms is for"):
        wd.theory.evaluate("epoch_decay", "weight_rms", cautious)


def test_the_shell_takes_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    line = "sweep --dataset null --dry-run --optimiser muon adamw_cautious momentum --beta1 0.95 --eta 0.01 --lmbda 1"
    assert main(line.split()) == 0
    out = capsys.readouterr().out
    assert "muon: eta*lmbda/n" in out and "momentum: in the gradient" in out
    assert main(["sweep", "--dry-run", "--optimiser", "muon_cautios"]) == 2
    assert "choose one of sgd, sgdw, adamw" in capsys.readouterr().err
