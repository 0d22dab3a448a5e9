"""Each convention against the library itself, where it is installed, and against its update in NumPy elsewhere."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest
import sklearn.linear_model
import sklearn.neural_network

import wd_jax as wd
from wd_jax.conventions import coupled_decay, coupled_from_lmbda, lmbda_from_coupled, of, per_step_factor

pytestmark = pytest.mark.numeric
ETA, ROUNDING = 0.1, 1e-12


def row(word: str, library: str) -> wd.conventions.Convention:
    (found,) = [one for one in of(word) if library in one.library]
    return found


def mlp(alpha: float, rows: int, epochs: int, **settings: float) -> list[np.ndarray]:
    """First-layer weights of scikit-learn's MLPRegressor after each epoch; inputs of 0 give them no gradient at all."""
    net = sklearn.neural_network.MLPRegressor(
        hidden_layer_sizes=(4,), alpha=alpha, solver="sgd", learning_rate_init=ETA, random_state=1, **settings
    )
    weights = []
    for _ in range(epochs):  # partial_fit is an epoch, and keeps the velocity from call to call
        net.partial_fit(np.zeros((rows, 3)), np.ones(rows))
        weights.append(net.coefs_[0].copy())
    return weights


@pytest.mark.parametrize("rows, batch", [(20, 20), (20, 5), (7, 1)])
def test_alpha_of_scikit_learns_mlp(rows: int, batch: int) -> None:
    alpha, convention = 0.3, row("alpha", "MLPClassifier")
    before, after = mlp(alpha, rows, epochs=2, batch_size=batch, momentum=0.0)
    lmbda = convention.to_lmbda(alpha, n=rows, m=batch)
    steps = rows // batch
    assert after / before == pytest.approx(per_step_factor(ETA, lmbda, rows) ** steps, rel=ROUNDING)
    assert convention.from_lmbda(lmbda, n=rows, m=batch) == pytest.approx(alpha, rel=1e-15)


def test_alpha_of_scikit_learns_mlp_on_a_short_last_batch() -> None:
    """The note says that it decays more: 1 - eta*alpha/3 after 1 - eta*alpha/4."""
    before, after = mlp(0.3, rows=7, epochs=2, batch_size=4, momentum=0.0)
    assert after / before == pytest.approx((1 - ETA * 0.3 / 4) * (1 - ETA * 0.3 / 3), rel=ROUNDING)


@pytest.mark.parametrize("nesterov", [False, True])
def test_scikit_learns_momentum_is_coupled(nesterov: bool) -> None:
    """By default solver='sgd' has Nesterov momentum 0.9: in the long run it decays as `coupled_decay` says."""
    weights = mlp(0.01, rows=1, epochs=402, momentum=0.9, nesterovs_momentum=nesterov)
    assert weights[401] / weights[400] == pytest.approx(1 - coupled_decay(ETA * 0.01, 0.9, nesterov), rel=1e-10)


def test_alpha_of_scikit_learns_sgd_classifier() -> None:
    """A row a step, hinge loss of rows far beyond the margin: no gradient."""
    rows, alpha = 6, 0.01
    inputs, labels = np.zeros((rows, 2)), np.array([0, 1] * 3)
    inputs[:, 0] = np.where(labels == 1, 1e4, -1e4)
    model = sklearn.linear_model.SGDClassifier(
        alpha=alpha, learning_rate="constant", eta0=ETA, max_iter=1, tol=None, shuffle=False, fit_intercept=False
    )
    model.fit(inputs, labels, coef_init=np.array([[1.0, 1.0]]))
    lmbda = row("alpha", "SGDClassifier").to_lmbda(alpha, n=rows)
    assert model.coef_ == pytest.approx(per_step_factor(ETA, lmbda, rows) ** rows, rel=ROUNDING)


def test_alpha_of_ridge_is_lmbda() -> None:
    """The minimum of mean (y - xw)^2/2 + lmbda/(2n) w^2, from its normal equations."""
    draw = np.random.default_rng(0)
    x, y, alpha = draw.normal(size=(30, 3)), draw.normal(size=30), 7.0
    n, lmbda = len(y), row("alpha", "Ridge").to_lmbda(alpha)
    minimum = np.linalg.solve(x.T @ x / n + lmbda / n * np.eye(3), x.T @ y / n)
    assert sklearn.linear_model.Ridge(alpha, fit_intercept=False).fit(x, y).coef_ == pytest.approx(minimum, rel=1e-9)


def test_c_of_logistic_regression_is_one_over_lmbda() -> None:
    """At scikit-learn's minimum the gradient of mean loss + lmbda/(2n) w^2 is 0, by the solver's tolerance."""
    draw = np.random.default_rng(0)
    x, c = draw.normal(size=(40, 3)), 0.2
    labels = (x[:, 0] + draw.normal(size=40) > 0).astype(int)
    model = sklearn.linear_model.LogisticRegression(C=c, fit_intercept=False, tol=1e-10, max_iter=10_000)
    w = model.fit(x, labels).coef_[0]
    n, lmbda = len(labels), row("C", "LogisticRegression").to_lmbda(c)
    gradient = x.T @ (1 / (1 + np.exp(-x @ w)) - labels) / n
    assert lmbda == 5.0
    assert gradient + lmbda / n * w == pytest.approx(np.zeros(3), abs=1e-7)


def optax_weights(chain: optax.GradientTransformation, steps: int) -> np.ndarray:
    """A weight of 1 under gradients that are exactly 0."""
    params, weights = jnp.ones((2, 2)), [1.0]
    state = chain.init(params)
    for _ in range(steps):
        updates, state = chain.update(jnp.zeros_like(params), state, params)
        params = optax.apply_updates(params, updates)
        weights.append(float(params[0, 0]))
    return np.array(weights)


@pytest.mark.parametrize(
    "rule, library",
    [
        (lambda decay: optax.adamw(ETA, weight_decay=decay), "AdamW"),
        (lambda decay: optax.lion(ETA, weight_decay=decay), "AdamW"),
        (lambda decay: optax.chain(optax.add_decayed_weights(decay), optax.sgd(ETA)), "momentum=0"),
    ],
    ids=["adamw", "lion", "sgd"],
)
def test_weight_decay_of_optax(rule, library: str) -> None:
    n, decay = 1200, 0.25
    lmbda = row("weight_decay", library).to_lmbda(decay, n=n)
    left = optax_weights(rule(decay), 10)[-1]
    assert left == pytest.approx(per_step_factor(ETA, lmbda, n) ** 10, rel=1e-5)  # float32, ten roundings


def test_weight_decay_of_optax_through_a_momentum() -> None:
    n, decay, momentum = 1200, 0.01, 0.9
    coupled = row("weight_decay", "SGD with momentum;")
    lmbda = coupled.to_lmbda(decay, eta=ETA, n=n, momentum=momentum)
    weights = optax_weights(optax.chain(optax.add_decayed_weights(decay), optax.sgd(ETA, momentum=momentum)), 300)
    rate = np.log(weights[100] / weights[300]) / 200
    assert rate == pytest.approx(-np.log(per_step_factor(ETA, lmbda, n)), rel=1e-4)  # float32
    # The next order is momentum*epsilon/(1 - momentum)**2 = 0.09 of it.
    assert lmbda == pytest.approx(n * decay / (1 - momentum), rel=0.13) and lmbda > 9 * n * decay
    assert coupled.from_lmbda(lmbda, eta=ETA, n=n, momentum=momentum) == pytest.approx(decay, rel=1e-12)


def test_lamb_of_optax_has_no_rate() -> None:
    """Whatever weight_decay is, a step takes eta of the weight: what the row says."""
    for decay in (0.01, 0.1):
        assert optax_weights(optax.lamb(ETA, weight_decay=decay), 1)[-1] == pytest.approx(1 - ETA, rel=1e-6)
    with pytest.raises(ValueError, match="no lmbda decays as it does"):
        row("weight_decay", "LAMB").to_lmbda(0.01, n=10)


def test_adafactor_of_optax_is_absolute() -> None:
    left = optax_weights(optax.adafactor(ETA, weight_decay_rate=0.01), 10)[-1]
    lmbda = row("absolute_decay", "adafactor").to_lmbda(0.01, n=50, eta=ETA)
    assert left == pytest.approx(per_step_factor(ETA, lmbda, 50) ** 10, rel=1e-5)


@pytest.mark.parametrize("coefficient", [1e-3, 0.02])
def test_kernel_regularizer_of_keras(coefficient: float) -> None:
    """Keras is not installed: L2(c) is documented as c * reduce_sum(square(x)); one step of SGD on it by hand."""
    n, w, small = 500, 0.7, 1e-6
    gradient = (coefficient * (w + small) ** 2 - coefficient * (w - small) ** 2) / (2 * small)
    lmbda = row("kernel_regularizer", "Keras").to_lmbda(coefficient, n=n)
    assert (w - ETA * gradient) / w == pytest.approx(per_step_factor(ETA, lmbda, n), rel=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("nesterov", [False, True])
def test_coupled_decay_is_the_derivations_root(momentum: float, nesterov: bool) -> None:
    import derivations

    epsilon = 1e-6
    share = coupled_decay(epsilon, momentum, nesterov)
    if momentum == 0:
        assert share == pytest.approx(epsilon, rel=1e-12)
        return
    root = derivations.derive("momentum").formulas["nesterov_slow_root" if nesterov else "slow_root"]
    exact = 1 - root.number(40, eta=epsilon, lmbda=1, n=1, momentum=momentum)
    assert share == pytest.approx(float(exact), rel=1e-13)
    lmbda = lmbda_from_coupled(epsilon / ETA, ETA, 100, momentum, nesterov)
    assert coupled_from_lmbda(lmbda, ETA, 100, momentum, nesterov) == pytest.approx(epsilon / ETA, rel=1e-9)


@pytest.mark.parametrize("epsilon, momentum", [(0.01, 0.9), (1.5, 0.5), (0.1, 1.0), (float("nan"), 0.5)])
def test_a_decay_under_which_weights_oscillate_is_refused(epsilon: float, momentum: float) -> None:
    with pytest.raises(ValueError, match="weights oscillate instead of decaying"):
        coupled_decay(epsilon, momentum)


@pytest.mark.parametrize("convention", wd.conventions.CONVENTIONS, ids=lambda row: f"{row.word}-{row.library[:12]}")
def test_every_row_converts_there_and_back_or_says_why_not(convention) -> None:
    given = {"n": 1200, "m": 10, "eta": 0.01, "momentum": 0.9}
    if convention.kind == "no rate":
        with pytest.raises(ValueError, match="no lmbda"):
            convention.to_lmbda(0.01, **given)
        return
    assert convention.from_lmbda(convention.to_lmbda(0.01, **given), **given) == pytest.approx(0.01, rel=1e-12)
    if convention.needs:
        with pytest.raises(ValueError, match=f"give {', '.join(convention.needs)} too"):
            convention.to_lmbda(0.01)


@pytest.mark.parametrize(
    "word, lmbdas",
    [
        ("alpha", {"lmbda = n alpha/m", "lmbda = n alpha", "lmbda = alpha"}),
        ("weight_decay", {"lmbda = n weight_decay", "lmbda = n absolute_decay/eta"}),
        ("Weight Decay", {"lmbda = n weight_decay"}),
        ("wd", {"lmbda = n weight_decay"}),
        ("C", {"lmbda = 1/C"}),
        ("l2", {"lmbda = 2 n c"}),
        ("kernel_regularizer", {"lmbda = 2 n c"}),
        ("lambda", {"lmbda = lambda", "lmbda = n lambda", "lmbda = 2 n lambda"}),
        ("scikit-learn", {"lmbda = n alpha/m", "lmbda = 1/C"}),
        ("MLPClassifier", {"lmbda = n alpha/m"}),
        ("Ridge", {"lmbda = alpha"}),
        ("Keras", {"lmbda = 2 n c", "lmbda = n weight_decay"}),
        ("AdamW", {"lmbda = n weight_decay"}),
        ("add_decayed_weights", {"lmbda = n weight_decay"}),
    ],
)
def test_a_convention_is_found_by_the_readers_word(word: str, lmbdas: set[str]) -> None:
    assert lmbdas <= {found.lmbda for found in of(word)}


@pytest.mark.parametrize("word", ["weigth_decay", "", "xyz", None, 3])
def test_a_word_that_nobody_uses_lists_those_in_use(word) -> None:
    with pytest.raises(ValueError, match=r"known are alpha, C, weight_decay, absolute_decay") as caught:
        of(word)
    assert "\n" not in str(caught.value)
    assert ("did you mean 'weight_decay'" in str(caught.value)) == (word == "weigth_decay")
