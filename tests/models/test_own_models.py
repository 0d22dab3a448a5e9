"""A model of one's own is trained and measured as the library's network of the same functions is."""

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.sweeps.task import Task

pytestmark = pytest.mark.numeric
ASKED = dict(rotation=True, relative_update=True, alignment=True, effective_eta=True, spectrum=True)
ALL = wd.Probes(full_gradient=True, column_sums=True, gradient_noise=True, keep_weights=True, **ASKED)
USUAL = wd.Probes(keep_weights=True)
ONLY_OF_AN_MLP = {"saturated", "dead_input_rms", "biases_1", "biases_2"}
COORDINATES_OF_AN_MLP = {"activation", "depth", "hidden"}


@pytest.mark.parametrize(("optimiser", "probes"), [("sgd", ALL), ("adam_l2", USUAL)], ids=["sgd", "adam_l2"])
def test_the_same_functions_give_the_same_numbers(optimiser: str, probes, tiny, copy) -> None:
    def swept(model):
        setup = wd.Setup(model=model, batch_size=6, dtype="float64", optimiser=optimiser)
        options = dict(seeds=2, epochs=2, progress=False, method="generic", probes=probes)
        return wd.sweep(setup, tiny, lmbda=[0.5, 2.0], eta=0.1, **options)

    ours, own = swept(wd.mlp((6, 5, 3), "tanh")), swept(copy)
    assert set(ours.data_vars) - set(own.data_vars) == ONLY_OF_AN_MLP
    for name in set(own.data_vars) & set(ours.data_vars):
        np.testing.assert_allclose(own[name], ours[name], rtol=1e-10, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(own.others_2, ours.biases_2, rtol=1e-10)
    assert not COORDINATES_OF_AN_MLP & set(own.coords)
    assert (own.model.item(), own.init.item()) == ("copy", "own")
    assert own.layer_name.values.tolist() == ["hidden/kernel", "out/kernel"]
    assert (own.n_w.values.tolist(), own.n_in.values.tolist()) == ([30, 15], [6, 5])
    assert own.update_rule.item().endswith("; only leaves of two or more dimensions decayed")
    text = repr(wd.summarise(own))
    assert "model copy" in text and "widths" not in text


def test_init_scale_is_of_the_layers(copy) -> None:
    """Both dtypes start from the same draws, and biases are as `init` gives them."""
    from wd_jax.engine.member import start
    from wd_jax.engine.minibatches import member_key

    def started(scale: float, dtype: str):
        numbers = wd.Hyper(init_scale=np.asarray(scale, dtype), eta=np.asarray(0.1, dtype), lmbda=np.asarray(0, dtype))
        import jax

        with jax.enable_x64(dtype == "float64"):
            params = start(wd.Setup(model=copy, dtype=dtype).start, numbers, member_key(3), 10).params
            return {name: np.asarray(leaf) for name, leaf in params["hidden"].items()}

    once, double = started(1.0, "float32"), started(2.0, "float64")
    assert double["kernel"].dtype == np.float64
    np.testing.assert_array_equal(double["kernel"], 2 * once["kernel"].astype(np.float64))
    np.testing.assert_array_equal(double["bias"], once["bias"])


def test_it_is_the_two_functions_and_the_name(copy) -> None:
    same, other = (wd.model(copy.init, copy.apply, name) for name in ("copy", "other"))
    assert copy == same and hash(copy) == hash(same) and copy != other
    assert wd.Setup(model=copy) == wd.Setup(model=same) != wd.Setup(model=other)


class Linear:
    """A model of another kind: any object with the two methods."""

    def init(self, key):
        import jax

        return {"w": jax.random.normal(key, (6, 3))}

    def apply(self, params, x):
        return x @ params["w"]


def test_any_object_with_init_and_apply_is_a_model(tiny) -> None:
    linear = Linear()
    plan = wd.dry_run(wd.Setup(model=linear, batch_size=5), tiny, epochs=1)
    assert plan.facts()["network"] == "model Linear, cross_entropy, float32" and wd.Setup(model=linear).n_w == (18,)
    assert wd.Setup(model=linear) == wd.Setup(model=linear) != wd.Setup(model=Linear())
    with pytest.raises(ValueError, match="model 'Linear': not one of the library's; make the task anew"):
        Task.from_json(plan.tasks[0].json())


def test_what_is_of_an_mlp_is_no_axis_of_another(tiny, copy) -> None:
    for axis, value in {"hidden": [3, 4], "depth": 2, "init": "fan_in", "activation": ["relu", "tanh"]}.items():
        with pytest.raises(ValueError, match=f"{axis}=.*of multilayer perceptrons only, and the model is 'copy'") as no:
            wd.dry_run(wd.Setup(model=copy), tiny, epochs=1, **{axis: value})
        assert "\n" not in str(no.value)


def test_several_models_are_an_axis(tiny, copy, tmp_path) -> None:
    """The shallower one has no second layer, and its members are what they are alone."""
    setup, probes = wd.Setup(model=copy, batch_size=5), wd.Probes(splits=(), moved=False)
    options = dict(lmbda=2.0, epochs=1, probes=probes, progress=False)
    runs = wd.sweep(setup, tiny, model=[copy, Linear()], out=tmp_path / "runs.nc", **options)
    assert runs.weight_rms.dims == ("model", "seed", "layer", "epoch") and runs.model.values.tolist() == [
        "copy",
        "Linear",
    ]
    stored = wd.open(tmp_path / "runs.nc")
    assert stored.layer_name.values.tolist() == [["hidden/kernel", "out/kernel"], ["w", ""]]
    assert stored.weight_rms.sel(model="Linear", layer=2).isnull().all() and not wd.summarise(stored).warnings
    alone = wd.sweep(setup, tiny, **options)
    np.testing.assert_array_equal(runs.sel(model="copy").weight_norm2, alone.weight_norm2)


def test_what_is_no_axis_of_models(tiny, copy) -> None:
    refused = {
        "two are called 'copy'": [copy, wd.model(copy.init, lambda params, x: x, "copy")],
        "swept by hidden, depth and activation": [copy, wd.mlp((6, 3))],
        "give it to the Setup": copy,
        "it is no model; give": [copy, "copy"],
    }
    for message, models in refused.items():
        with pytest.raises((ValueError, TypeError), match=message):
            wd.dry_run(wd.Setup(model=copy, batch_size=5), tiny, model=models, epochs=1)
