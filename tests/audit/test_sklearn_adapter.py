"""scikit-learn's estimators are driven on the gradients asked for: against loops in NumPy."""

import numpy as np
import pytest

from wd_jax.audit.adapters import sklearn as adapter
from wd_jax.audit.adapters.registry import find
from wd_jax.audit.black_box import BlackBox, Params

LR, WD = 0.1, 0.01


def ones() -> Params:
    return {"matrix": np.ones((4, 4), np.float32), "bias": np.ones(4, np.float32)}


def run(
    box: BlackBox, steps: int, gradient: float | None = 0.0, dtype: str = "float64", **settings: float
) -> list[Params]:
    optimiser = box.make(lr=LR, weight_decay=WD, dtype=dtype, **settings)
    now = ones()
    optimiser.init(now)
    path = [now]
    for k in range(steps):
        draw = np.random.default_rng(k)
        given = {
            name: draw.standard_normal(w.shape).astype(np.float32) if gradient is None else np.full_like(w, gradient)
            for name, w in now.items()
        }
        now = optimiser.step(now, given)
        path.append(now)
    return path


@pytest.mark.parametrize("rows", [1, 200])
@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
def test_the_perceptron_decays_through_its_momentum_by_alpha_over_the_batch(rows, momentum, nesterov):
    options = {"solver": "sgd", "momentum": momentum, "nesterovs_momentum": nesterov, "m": rows}
    path = run(adapter.find("MLPRegressor", options, ""), 10)
    w, velocity = 1.0, 0.0
    for k in range(1, 11):
        gradient = WD / rows * w
        velocity = momentum * velocity - LR * gradient
        w += momentum * velocity - LR * gradient if nesterov else velocity
        assert path[k]["matrix"] == pytest.approx(w, abs=1e-7)
        assert (path[k]["bias"] == 1).all()


@pytest.mark.parametrize("name", ["MLPClassifier", "MLPRegressor"])
def test_the_perceptron_meets_the_gradients_that_are_given(name):
    path = run(adapter.find(name, {"solver": "sgd", "momentum": 0.0}, ""), 3, gradient=None)
    for k in range(3):
        draw = np.random.default_rng(k)
        for role, decay in (("matrix", WD), ("bias", 0.0)):
            w = path[k][role].astype(float)
            expected = w - LR * (draw.standard_normal(w.shape) + decay * w)
            assert path[k + 1][role] == pytest.approx(expected, abs=1e-6)


def test_the_perceptron_divides_by_summed_sample_weights_not_by_rows():
    halves = run(adapter.find("MLPRegressor", {"solver": "sgd", "momentum": 0.0, "m": 4, "sample_weight": 0.5}, ""), 1)
    assert halves[1]["matrix"] == pytest.approx(1 - LR * WD / 2, abs=1e-7)


def test_the_rate_of_the_perceptron_can_be_set_although_set_params_does_nothing():
    optimiser = adapter.find("MLPRegressor", {"solver": "sgd", "momentum": 0.0}, "").make(lr=LR, weight_decay=WD)
    now = ones()
    optimiser.init(now)
    nothing = {name: np.zeros_like(w) for name, w in now.items()}
    optimiser.step(now, nothing)
    optimiser.set_lr(0.0)
    still = optimiser.step(now, nothing)
    assert (still["matrix"] == optimiser.step(now, nothing)["matrix"]).all()


@pytest.mark.parametrize("loss", ["hinge", "log_loss", "modified_huber", "squared_hinge", "squared_error"])
def test_a_linear_classifier_steps_on_the_gradient_that_is_given_whatever_its_loss(loss):
    path = run(adapter.find("SGDClassifier", {"loss": loss, "learning_rate": "constant"}, ""), 3, gradient=None)
    for k in range(3):
        draw = np.random.default_rng(k)
        for role, decay in (("matrix", WD), ("bias", 0.0)):
            w = path[k][role].astype(float)
            expected = w * (1 - LR * decay) - LR * draw.standard_normal(w.shape)
            assert path[k + 1][role] == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("name", ["SGDClassifier", "SGDRegressor"])
def test_l1_takes_the_same_from_every_weight(name):
    path = run(adapter.find(name, {"penalty": "l1", "learning_rate": "constant"}, ""), 10)
    assert path[10]["matrix"] == pytest.approx(1 - 10 * LR * WD, abs=1e-6)


@pytest.mark.parametrize("name", ["SGDClassifier", "SGDRegressor"])
def test_what_is_averaged_is_shown_and_what_is_stepped_is_kept(name):
    path = run(adapter.find(name, {"average": True, "learning_rate": "constant"}, ""), 10)
    steps = (1 - LR * WD) ** np.arange(1, 11)
    assert path[10]["matrix"] == pytest.approx(steps.mean(), abs=1e-6)


def test_the_default_schedule_of_the_classifier_is_set_by_alpha_not_by_eta0():
    one, two = (adapter.find("SGDClassifier", {}, "") for _ in range(2))
    slow, fast = one.make(lr=1e-3, weight_decay=WD), two.make(lr=1.0, weight_decay=WD)
    for each in (slow, fast):
        each.init(ones())
    nothing = {name: np.zeros_like(w) for name, w in ones().items()}
    assert (slow.step(ones(), nothing)["matrix"] == fast.step(ones(), nothing)["matrix"]).all()


@pytest.mark.parametrize("label", [label for label in adapter.LIBRARY.settings if label.startswith(("MLP*", "SGDC"))])
def test_a_label_of_the_catalogue_can_be_driven(label):
    assert np.isfinite(run(find(f"scikit-learn:{label}"), 2)[-1]["matrix"]).all()


def test_labels_that_are_not_listed_are_read_too():
    box = find("sklearn:SGDClassifier(modified_huber, constant, eta0=.5, alpha=.3, penalty=elasticnet), per row")
    assert run(box, 1)[1]["matrix"] == pytest.approx(1 - LR * WD, abs=1e-6)


def test_an_instance_gives_its_settings():
    from sklearn.neural_network import MLPClassifier

    box = adapter.wrap(MLPClassifier(solver="sgd", momentum=0.5, batch_size=8, alpha=3))
    assert dict(box.facts)["momentum"] == 0.5
    assert run(box, 1)[1]["matrix"] == pytest.approx(1 - 1.5 * LR * WD / 8, abs=1e-7)


@pytest.mark.parametrize(
    ("name", "options", "label", "said"),
    [
        ("Perceptron", {}, "Perceptron", "MLPClassifier"),
        ("MLPRegressor", {"speed": 3}, "MLPRegressor(speed=3)", "it takes no speed"),
        ("SGDRegressor", {}, "SGDRegressor(constant), per epoch", "per epoch could not be read"),
        ("SGDRegressor", {}, "SGDRegressor(wide)", "wide is no option"),
    ],
)
def test_what_is_unknown_is_named_in_one_line(name, options, label, said):
    with pytest.raises(ValueError, match=said) as error:
        adapter.find(name, options, label)
    assert "\n" not in str(error.value)


def test_lbfgs_takes_no_steps():
    with pytest.raises(ValueError, match="lbfgs takes no steps"):
        adapter.find("MLPRegressor", {"solver": "lbfgs"}, "").make()


@pytest.mark.parametrize("name", ["MLPRegressor", "SGDRegressor"])
def test_a_missing_gradient_is_refused(name):
    optimiser = adapter.find(name, {}, "").make()
    optimiser.init(ones())
    with pytest.raises(ValueError, match="bias without a gradient"):
        optimiser.step(ones(), {"matrix": np.zeros((4, 4)), "bias": None})
