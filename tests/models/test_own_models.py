"""A model of one's own is trained and measured as the library's network of the same functions is."""

import numpy as np
import pytest

import wd_jax as wd

pytestmark = pytest.mark.numeric
ASKED = dict(rotation=True, relative_update=True, alignment=True, effective_eta=True, spectrum=True)
ALL = wd.Probes(full_gradient=True, column_sums=True, gradient_noise=True, records_per_epoch=2, **ASKED)
ONLY_OF_AN_MLP = {"saturated", "dead_input_rms"}
COORDINATES_OF_AN_MLP = {"activation", "depth", "hidden"}


def swept(tiny, model, **fields):
    setup = wd.Setup(model=model, batch_size=6, dtype="float64", **fields)
    options = dict(lmbda=[0.5, 2.0], eta=0.1, seeds=2, epochs=2, progress=False, method="generic")
    return wd.sweep(setup, tiny, probes=ALL, **options)


@pytest.mark.parametrize("optimiser", ["sgd", "adam_l2"])
def test_the_same_functions_give_the_same_numbers(optimiser: str, tiny, copy) -> None:
    ours, own = (swept(tiny, model, optimiser=optimiser) for model in (wd.mlp((6, 5, 3), "tanh"), copy))
    assert set(ours.data_vars) - set(own.data_vars) == ONLY_OF_AN_MLP and set(own.data_vars) <= set(ours.data_vars)
    for name in own.data_vars:
        np.testing.assert_allclose(own[name], ours[name], rtol=1e-10, atol=1e-12, err_msg=name)


def test_its_coordinates_say_what_it_is(tiny, copy) -> None:
    runs = wd.sweep(wd.Setup(model=copy), tiny, epochs=1, progress=False, probes=wd.Probes(keep_weights=True))
    assert not COORDINATES_OF_AN_MLP & set(runs.coords)
    assert (runs.model.item(), runs.init.item()) == ("copy", "own")
    assert runs.layer_name.values.tolist() == ["hidden/kernel", "out/kernel"]
    assert (runs.n_w.values.tolist(), runs.n_in.values.tolist()) == ([30, 15], [6, 5])
    assert runs.weights_1.shape == (1, 6, 5) and runs.others_2.shape == (1, 3)
    text = repr(wd.summarise(runs))
    assert "model copy" in text and "widths" not in text
