"""Figures of other runs than plain SGD on a network name rule, schedule and layers, and draw no law that is none."""

import jax
import numpy as np
import pytest

import wd_jax as wd
from wd_jax.figures.plots import trajectories

PROBES = wd.Probes(budget=False, moved=False, splits=())


def swept(setup: wd.Setup, **axes):
    numbers = {"lmbda": [1.0, 5.0], "eta": 0.1, "seeds": 2, "epochs": 2} | axes
    return wd.sweep(setup, wd.data.null(n=20, n_in=4, n_out=2), probes=PROBES, progress=False, **numbers)


def halves(key):
    return {"trunk": jax.random.normal(key, (4, 3)), "head": jax.random.normal(key, (3, 2))}


def drawn(runs):
    """Title, titles of the panels, and the dashed lines of the first."""
    figure = trajectories.sketch(runs).figure()
    first = figure.axes[0]
    dashed = [line for line in first.lines if line.get_linestyle() == "--" and len(line.get_xdata())]
    return figure._suptitle.get_text().replace("\n", " "), [ax.get_title() for ax in figure.axes], dashed


@pytest.mark.numeric
def test_a_schedule_is_named_and_decays_as_it_says() -> None:
    runs = swept(wd.Setup(widths=(4, 3, 2), eta_schedule="cosine"))
    title, _, dashed = drawn(runs)
    assert "pure decay" in title and "η schedule cosine" in title
    # Without gradient from the data the first layer's weights only decay.
    expected = runs.weight_rms.sel(layer=1).mean("seed").isel(lmbda=0)
    np.testing.assert_allclose(dashed[0].get_ydata(), expected, rtol=1e-6)


@pytest.mark.numeric
@pytest.mark.parametrize("rule", ["momentum", "adam_l2"])
def test_a_decay_without_a_factor_has_no_line_of_pure_decay(rule) -> None:
    title, _, dashed = drawn(swept(wd.Setup(widths=(4, 3, 2), optimiser=rule)))
    assert title.startswith(f"Weights ({rule}, ") and not dashed


@pytest.mark.numeric
def test_layers_of_other_models_have_their_names() -> None:
    model = wd.model(halves, lambda params, x: x @ params["trunk"] @ params["head"], name="two")
    runs = swept(wd.Setup(model=model, optimiser="adamw"))
    title, panels, dashed = drawn(runs)
    assert panels == ["layer 1 (head)", "layer 2 (trunk)"] and "adamw" in title and len(dashed) == 2
    facts = wd.summarise(runs).facts
    assert facts["layers"] == "1 head, 2 trunk"
    assert "n_in" not in facts["dataset"]  # the head has 3 inputs, the data 4


@pytest.mark.numeric
def test_the_laboratory_has_weights_and_no_network() -> None:
    runs = wd.lab("sgd", "independent", steps=4, records=2, shape=3, seeds=2, eta=0.1, lmbda=[1.0, 2.0], probes=PROBES)
    title, panels, dashed = drawn(runs)
    assert title.startswith("Weights (independent gradients, η = 0.1") and panels == ["weights"] and not dashed
