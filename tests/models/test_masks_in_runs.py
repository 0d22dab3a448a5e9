"""A mask in a sweep: the penalty, the budget, the words and the laws know which leaves decay."""

import numpy as np
import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric
SECOND_ALONE = [{"w": False, "b": False}, {"w": True, "b": True}]


@pytest.fixture(scope="module")
def runs(tiny):
    setup = wd.Setup((6, 5, 3), batch_size=5, dtype="float64", decays=SECOND_ALONE)
    probes = wd.Probes(splits=(), keep_weights=True)
    asked = dict(optimiser=["sgd", "adam_l2"], probes=probes, progress=False)
    return wd.sweep(setup, tiny, eta=0.05, lmbda=2.0, epochs=2, **asked)


def test_the_budget_closes_and_one_layer_has_no_decay(runs) -> None:
    parts = [runs[f"budget_{name}"].isel(epoch=slice(1, None)) for name in ("decay", "drift", "noise")]
    open_part = abs(runs.weight_norm2.diff("epoch") - sum(parts)) / sum(abs(part) for part in parts)
    assert open_part.max() < 1e-11
    for name in ("budget_decay", "moved_by_decay"):
        later = runs[name].isel(epoch=slice(1, None))
        assert (later.sel(optimiser="sgd", layer=1) == 0).all()
        # Through Adam it is a difference of two steps, each rounded.
        assert (abs(later.sel(layer=1)) <= 1e-12 * abs(later.sel(layer=2))).all()


def test_the_penalty_is_of_what_decays(runs) -> None:
    expected = (
        2.0 / 46 * ((runs.weights_2**2).sum(("weights_2_0", "weights_2_1")) + (runs.biases_2**2).sum("biases_2_0"))
    )
    np.testing.assert_allclose(runs.penalty.isel(epoch=-1), expected, rtol=1e-12)


def test_what_is_said_is_true(runs) -> None:
    assert all(text.endswith("; only 1/b, 1/w decayed") for text in runs.update_rule.values)
    assert set(np.ravel(runs.method.values)) == {"generic"}
    assert runs.decays.item() == '{"0/b": false, "0/w": false, "1/b": true, "1/w": true}'
    assert not wd.summarise(runs).warnings


def test_a_law_is_for_layers_that_decay(runs) -> None:
    sgd = runs.sel(optimiser="sgd")
    with pytest.raises(ValueError, match=r"layer 1 does not decay, and epoch_decay\.weight_rms is for what does"):
        wd.theory.evaluate("epoch_decay", "weight_rms", sgd)
    assert wd.theory.evaluate("epoch_decay", "weight_rms", sgd.sel(layer=[2])).notnull().all()


def test_the_words_are_an_axis(tiny) -> None:
    plan = wd.dry_run(wd.Setup((6, 5, 3), batch_size=5), tiny, decays=["layers", "all"], epochs=1)
    assert [group.setup.decays.name for group in plan.groups] == ["layers", "all"]
    with pytest.raises(ValueError, match="decays: a tree of true and false is no axis; give it to the Setup"):
        wd.dry_run(wd.Setup((6, 5, 3), batch_size=5), tiny, decays=SECOND_ALONE, epochs=1)
