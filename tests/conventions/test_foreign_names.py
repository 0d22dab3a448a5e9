"""What a reader brings from another library is answered with our word and the number to give, in one line."""

import copy
import dataclasses
import inspect
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import wd_jax as wd
from wd_jax import setup
from wd_jax.cli import main
from wd_jax.cli.foreign import EXAMPLES
from wd_jax.inputs import spelling_table, spellings
from wd_jax.inputs.foreign_values import ANSWERS, reduced
from wd_jax.models import mlp
from wd_jax.optimisers import rules

pytestmark = pytest.mark.numeric
RULES = "sgd, sgdw, adamw, lion, nadamw, sign_momentum, muon, momentum, nesterov, adam_l2, rmsprop_l2"
SETUP = wd.Setup(widths=(64, 10, 10))


@pytest.fixture(scope="module")
def digits() -> wd.data.Dataset:
    return wd.data.digits()  # n = 1200


AXES = [
    ({"weight_decay": 0.01}, "'weight_decay': give lmbda=12 (lmbda = n weight_decay)"),
    ({"weight_decay": np.float32(0.01)}, "give lmbda=12 ("),
    ({"wd": [1e-4, 1e-3]}, "'wd': give lmbda=[0.12, 1.2] (lmbda = n weight_decay)"),
    ({"wd": np.array([1e-4, 1e-3])}, "give lmbda=[0.12, 1.2] ("),
    ({"weight_decay": 1e-3, "optimiser": "sgdw", "momentum": 0.9}, "or lmbda=12.1101 (to decay as PyTorch's SGD with"),
    ({"weight_decay": 1e-3, "optimiser": "momentum", "momentum": 0.9}, "give lmbda=1.2 (lmbda = n weight_decay)"),
    ({"weight_decay": "x"}, "give lmbda (lmbda = n weight_decay)"),
    ({"lr": 0.1}, "'lr': give eta=0.1"),
    ({"learning_rate": [0.1, 0.2]}, "'learning_rate': give eta=[0.1, 0.2]"),
    ({"learning_rate_init": 1e-3}, "give eta=0.001"),
    ({"alpha": 1e-4}, "give lmbda=0.012 (lmbda = n alpha/m, as scikit-learn's MLPClassifier has it), or eta=0.0001"),
    ({"alpha": 1e-4, "batch_size": 200}, "give lmbda=0.0006 (lmbda = n alpha/m"),
    ({"C": 10.0}, "give lmbda=0.1 (lmbda = 1/C"),
    ({"l2": 1e-3}, "give lmbda=2.4 (lmbda = 2 n l2"),
    ({"kernel_regularizer": 1e-3}, "give lmbda=2.4"),
    ({"lambda_": 5}, "give lmbda=5 (where the cost has lmbda/(2n)*sum(w**2)), or lmbda=6000 (where it has lambda/2"),
    ({"lambd": 5}, "give lmbda=5"),
    ({"lam": 5}, "give lmbda=5"),
    ({"reg": 5}, "give lmbda=5"),
    ({"absolute_decay": 1e-5, "eta": 0.5}, "give lmbda=0.024 (lmbda = n absolute_decay/eta)"),
    ({"m": 32}, "'m': give batch_size=32"),
    ({"batch": 32}, "give batch_size=32"),
    ({"bs": 32}, "give batch_size=32"),
    ({"minibatch_size": [10, 20]}, "give batch_size=[10, 20]"),
    ({"n": 500}, "n is the size of the training set that is given"),
    ({"steps": 1000}, "give epochs=9 (epochs = steps/ceil(n/m))"),
    ({"n_epochs": 3}, "give epochs=3"),
    ({"num_epochs": 3}, "give epochs=3"),
    ({"max_iter": 3}, "give epochs=3"),
    ({"seed": 3}, "'seed': give seeds=[3] for the seed 3, seeds=4 for the seeds 0 to 3"),
    ({"random_state": 3}, "give seeds (a number of seeds: 0, 1, ...; in Python a list too, seeds=[3]"),
    ({"n_seeds": 3}, "give seeds=3"),
    ({"optimizer": "AdamW"}, "give optimiser='adamw'"),
    ({"optimizer": optax.adamw}, "give optimiser='adamw'"),
    (
        {"optimizer": "Adam"},
        f"give optimiser: choose one of {RULES}; 'adam' with weight_decay is Adam + L2",
    ),
    ({"solver": "sgd"}, "give optimiser='sgd'"),
    ({"nesterov": True}, "choose optimiser='nesterov'"),
    ({"betas": (0.9, 0.95)}, "give beta1=0.9, beta2=0.95"),
    ({"b1": 0.9}, "give beta1=0.9"),
    ({"mu": 0.9}, "give momentum=0.9"),
    ({"hidden_layer_sizes": (100,)}, "give hidden=100 "),
    ({"hidden_layer_sizes": (100, 50)}, "give hidden (units per hidden layer; for layers that differ give widths)"),
    ({"n_layers": 3}, "give depth=3 (the number of hidden layers)"),
    ({"criterion": "mse"}, "give loss: choose one of cross_entropy, quadratic, softmax, mean_squared_error; 'mean_sq"),
    ({"lr_scheduler": "cosine"}, "give eta_schedule='cosine'"),
    ({"warmup_steps": 100}, "give eta_schedule='warm_up(100)' (steps, or a share of the run with a point)"),
    ({"rotation": True}, "rotation belongs to wd.Probes"),  # not "did you mean 'activation'?"
    ({"dropout": 0.1}, "weight decay is the only regulariser here"),
    ({"eps": 1e-8}, "Adam's epsilon is optax's 1e-8; here epsilon is eta*lmbda/n"),
    ({"evaluate_every": 5}, "evaluate_every belongs to wd.Probes"),
    ({"weigth_decay": 0.01}, "give lmbda=12"),
    ({"learning_rates": 0.1}, "give eta=0.1"),
    ({"lr": 0.1, "weight_decay": 0.01}, "'lr': give eta=0.1; sweep has no axis 'weight_decay': give lmbda=12"),
]


@pytest.mark.parametrize("axes, words", AXES, ids=lambda value: "" if isinstance(value, str) else "-".join(value))
@pytest.mark.parametrize("run", [wd.sweep, wd.dry_run], ids=["sweep", "dry_run"])
def test_an_axis_of_another_library(run, axes: dict, words: str, digits, monkeypatch) -> None:
    monkeypatch.setattr("wd_jax.sweeps.threads.run", lambda *_, **__: pytest.fail("computed first"))
    with pytest.raises(ValueError, match="sweep has no axis") as caught:
        run(SETUP, digits, epochs=1, **axes)
    assert words in str(caught.value) and "\n" not in str(caught.value)


FIELDS = [
    (wd.Setup, {"optimizer": "AdamW"}, "Setup has no field 'optimizer': give optimiser='adamw'"),
    (wd.Setup, {"batch": 32}, "Setup has no field 'batch': give batch_size=32"),
    (wd.Setup, {"hidden": 30}, "give widths (all layers, inputs first: (64, 30, 10))"),
    (wd.Setup, {"layers": (64, 30, 10)}, "give widths=(64, 30, 10)"),
    (wd.Setup, {"lr": 0.1}, "that is eta; eta belongs to wd.sweep(..., eta=...) and wd.Hyper"),
    (wd.Setup, {"eta": 0.1}, "Setup has no field 'eta': eta belongs to wd.sweep(..., eta=...) and wd.Hyper"),
    (
        wd.Setup,
        {"weight_decay": 0.1},
        "that is lmbda (lmbda = n weight_decay); lmbda belongs to wd.sweep(..., lmbda=...",
    ),
    (wd.Setup, {"seed": 1}, "seeds belongs to wd.sweep(..., seeds=...)"),
    (wd.Setup, {"zzz": 1}, "Setup has no field 'zzz': choose among widths, init,"),
    (wd.Hyper, {"lr": 0.1}, "Hyper has no field 'lr': give eta=0.1"),
    (wd.Hyper, {"weight_decay": 0.1}, "give lmbda (lmbda = n weight_decay)"),
    (wd.Hyper, {"betas": (0.9, 0.99)}, "give beta1=0.9, beta2=0.99"),
    (wd.Hyper, {"batch_size": 10}, "batch_size belongs to wd.sweep(..., batch_size=...) and wd.Setup"),
    (wd.Probes, {"eval_every": 5}, "Probes has no field 'eval_every': give evaluate_every=5"),
]


@pytest.mark.parametrize(
    "kind, given, words", FIELDS, ids=lambda value: "-".join(value) if isinstance(value, dict) else ""
)
def test_a_field_of_another_library(kind: type, given: dict, words: str) -> None:
    with pytest.raises(TypeError) as caught:
        kind(**({"widths": (64, 10, 10)} if kind is wd.Setup else {}), **given)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_an_argument_of_another_library() -> None:
    with pytest.raises(TypeError, match=r"^train\(\) has no argument 'n_epochs': give epochs=3$"):
        wd.train(SETUP, wd.Hyper(), None, None, n_epochs=3)
    with pytest.raises(TypeError, match=r"'lr': that is eta; eta belongs to wd.sweep\(..., eta=...\) and wd.Hyper$"):
        wd.train(SETUP, wd.Hyper(), None, None, 3, lr=0.1)


def test_the_answer_leaves_the_parts_what_they_were() -> None:
    assert pickle.loads(pickle.dumps(SETUP)) == copy.deepcopy(SETUP) == dataclasses.replace(SETUP) == SETUP
    assert list(inspect.signature(wd.Setup).parameters) == [*setup.SETUP_FIELDS, "model", "rule", "network"]
    assert list(inspect.signature(wd.train).parameters)[:2] == ["setup", "hyper"]


VALUES = [
    ({"optimiser": "SGD"}, f"optimiser='SGD': choose one of {RULES}; give 'sgd'"),
    ({"optimiser": "AdamW"}, "give 'adamw'"),
    ({"optimiser": "adam"}, "'adam' with weight_decay is Adam + L2"),
    (
        {"optimiser": optax.adam},
        f"optimiser=adam: choose one of {RULES}; 'adam' with weight_decay is Adam + L2",
    ),
    ({"optimiser": "torch.optim.AdamW"}, "give 'adamw'"),
    ({"optimiser": "heavy_ball"}, "give 'momentum', PyTorch's SGD with L2 in the gradient, or 'sgdw', which decays by"),
    ({"optimiser": "rmsprop"}, "give 'rmsprop_l2', PyTorch's with weight_decay in the gradient"),
    ({"optimiser": "lamb"}, "its weight_decay need not mean adamw's: wd.conventions.of('weight_decay'); optax's is"),
    ({"optimiser": None}, f"optimiser=None: choose one of {RULES}"),
    (
        {"loss": "mse"},
        "'mean_squared_error' is PyTorch's MSELoss, the mean over linear outputs; 'quadratic' is half the squared "
        "error summed over sigmoid outputs",
    ),
    ({"loss": "bce"}, "'cross_entropy' is binary cross-entropy, summed over sigmoid outputs"),
    ({"loss": "crossentropy"}, "PyTorch's CrossEntropyLoss is 'softmax' here"),
    ({"loss": "CrossEntropyLoss"}, "PyTorch's CrossEntropyLoss is 'softmax' here"),
    ({"activation": "ReLU"}, "give 'relu'"),
    ({"activation": "logistic"}, "give 'sigmoid'"),
    ({"init": "xavier"}, "Xavier's variance 2/(n_in + n_out) is not here"),
    ({"init": "kaiming_normal"}, "He's variance is 2/n_in: 'fan_in', N(0, 1/n_in), with init_scale=2**0.5"),
    ({"init": "fan-in"}, "give 'fan_in'"),
    ({"dtype": np.float32}, "dtype=numpy.float32: choose one of float32, float64, bfloat16; give 'float32'"),
    ({"dtype": np.dtype("float64")}, "give 'float64'"),
    ({"dtype": float}, "dtype=float: choose one of float32, float64, bfloat16; give 'float64'"),
    ({"dtype": jnp.bfloat16}, "give 'bfloat16', which loses any decay below about 2e-3 per step unless"),
    ({"dtype": "fp16"}, "of 16 bits and fewer 'bfloat16' alone is here; it loses any decay below about 2e-3 per"),
    ({"rounding": "Kahan"}, "choose one of nearest, compensated; give 'compensated'"),
    ({"sampling": "shuffle"}, "give 'reshuffle'"),
    ({"sampling": True}, "give 'reshuffle'"),
    ({"order": ["seed"]}, "order=['seed']: choose one of seed, shared"),
    (
        {"activation": np.array(["relu"] * 30)},
        "activation=a value of type ndarray and shape (30,): choose one of sigmoid, tanh, relu",
    ),
]


@pytest.mark.parametrize("given, words", VALUES, ids=lambda value: "" if isinstance(value, str) else "-".join(value))
def test_a_value_of_another_library(given: dict, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        wd.Setup(widths=(64, 10, 10), **given)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_said_of_he_is_true() -> None:
    """init="fan_in" with init_scale = sqrt(2) has He's variance, 2/n_in, within the error of 64 000 draws."""
    setup = wd.Setup(widths=(640, 100), init="fan_in")
    (weights,) = mlp.weights(mlp.initialise(setup.model, jax.random.key(0), setup.init, 2**0.5))
    assert float(weights.var()) == pytest.approx(2 / 640, rel=5 * (2 / 64_000) ** 0.5)


SHELL = [
    ("sweep --rule adamw --dry-run", "--rule: unknown option: give --optimiser adamw: see `wd-jax sweep --help`"),
    ("predict --learning_rate=0.1 --n 9", "--learning_rate: unknown option: give --eta 0.1: see"),
    (
        "predict --eta 0.1 --alpha 1e-4 --n 50000 --m 200",
        "--alpha: unknown option: give --lmbda 0.025 (lmbda = n alpha/m",
    ),
    ("predict --eta 0.1 --wd 1e-4 --n 50000", "give --weight-decay 0.0001, or --lmbda 5 (lmbda = n weight_decay): see"),
    ("predict --eta 0.1 --batch-size 128 --n 50000", "--batch-size: unknown option: give --m 128: see"),
    ("predict -n 50000", "-n: unknown option: did you mean --n? see"),
    ("predict --seeds 3", "--seeds: unknown option: `wd-jax sweep` has --seeds: see"),
    ("sweep --lr 0.1 0.2", "--lr: unknown option: give --eta 0.1 0.2: see"),
    ("sweep -lr 0.1", "-lr: unknown option: give --eta 0.1: see"),
    ("sweep --weight-decay 1e-4 1e-3", "give --lmbda 0.12 1.2 (lmbda = n weight_decay): see"),
    ("sweep --weight-decay 1e-4 --dataset mnist", "give --lmbda 5 (lmbda = n weight_decay): see"),
    ("sweep --weight-decay 1e-4 --dataset teacher", "give --lmbda (lmbda = n weight_decay): see"),
    (
        "sweep --wd 1e-3 --eta 0.1 --momentum 0.9",
        "or --lmbda 12.1101 (to decay as PyTorch's SGD with this momentum): see",
    ),
    ("sweep --steps 1000", "give --epochs 9 (epochs = steps/ceil(n/m)): see"),
    ("sweep --steps 1000 --batch-size 100", "give --epochs 84 (epochs = steps/ceil(n/m)): see"),
    ("sweep --optimizer AdamW", "give --optimiser adamw: see"),
    ("sweep --optimizer adam", "'adam' with weight_decay is Adam + L2"),
    ("sweep --batch 32", "give --batch-size 32: see"),
    ("sweep --m 32", "give --batch-size 32: see"),
    ("sweep --max-iter 200", "give --epochs 200: see"),
    ("sweep --betas 0.9 0.95", "give --beta1 0.9 --beta2 0.95: see"),
    ("sweep --seed 3", "give --seeds (a number of seeds"),
    ("sweep --hidden-size 30", "give --hidden 30 "),
    ("sweep --scheduler cosine", "give --eta-schedule cosine ("),
    ("sweep --weigth-decay 1e-4", "give --lmbda 0.12 (lmbda = n weight_decay): see"),
    ("sweep --lr", "--lr: unknown option: give --eta: see"),
    ("sweep --optimiser Adam --dry-run", f"optimiser='Adam': choose one of {RULES}; 'adam' with"),
    ("sweep --loss mse --dry-run", "'quadratic' is half the squared error"),
    ("reproduce --lmbda 5", "--lmbda: unknown option: `wd-jax sweep` has --lmbda: see `wd-jax reproduce --help`"),
    ("reproduce --lr 0.1", "--lr: unknown option: that is eta; `wd-jax sweep` has --eta: see"),
    (
        "sweep --device cuda",
        "--device: unknown option: that is devices (a list of JAX devices, such as jax.devices('cpu'))",
    ),
    ("predict --betas 0.9 0.99", "--betas: unknown option: give --beta1 0.9 --beta2 0.99: see"),
]


@pytest.mark.parametrize("line, words", SHELL, ids=[line for line, _ in SHELL])
def test_an_option_of_another_program(line: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert words in err and err.startswith("error: ") and err.count("\n") == 1 and out == ""


def test_torchs_weight_decay_as_lmbda_is_named_before_float64(digits) -> None:
    """Issue 10, item 11: obeying "use dtype='float64'" decayed 1200 times too weakly."""
    setup = wd.Setup(widths=(64, 10, 10), optimiser="adamw")
    with pytest.raises(ValueError) as caught:
        wd.sweep(setup, digits, eta=1e-3, lmbda=0.01, epochs=1, progress=False)
    said = str(caught.value)
    assert "if 0.01 is the weight_decay of PyTorch or optax, give lmbda=12 (lmbda = n weight_decay)" in said
    assert said.index("lmbda=12") < said.index("dtype='float64'")


def test_in_float64_it_is_warned_of(digits) -> None:
    setup = wd.Setup(widths=(64, 10, 10), optimiser="adamw", dtype="float64")
    with pytest.warns(UserWarning, match=r"as good as nothing: if 0.01 is the weight_decay .* give lmbda=12 "):
        wd.dry_run(setup, digits, eta=1e-3, lmbda=0.01, epochs=1)


@pytest.mark.parametrize("eta, lmbda", [(0.1, 1e-9), (0.1, 5.0), (1e-3, 0.0), (1e-7, 0.01), (1.0, 0.5)])
def test_what_is_no_weight_decay_is_not_called_one(eta: float, lmbda: float) -> None:
    assert spellings.if_weight_decay(eta, lmbda, 1200) == ""


def test_the_tables_are_whole() -> None:
    words = [reduced(word) for spelling in spelling_table.SPELLINGS for word in spelling.words.split()]
    twice = {word for word in words if words.count(word) > 1}
    assert all(
        len({s.words for s in spelling_table.SPELLINGS if word in map(reduced, s.words.split())}) == 1 for word in twice
    )
    ours = {name for _, names in spellings.PLACES for name in names}
    assert set(rules.NAMES) | set(setup.SETUP_FIELDS) <= ours
    assert {field.name for field in dataclasses.fields(wd.Probes)} <= ours
    assert set(ANSWERS) == set(setup.CHOICES)
    for field, answers in ANSWERS.items():
        known = [word for group in answers for word in group.split()]
        assert len(known) == len(set(known)), field


def test_the_sizes_that_the_shell_knows_are_those_of_the_data(digits) -> None:
    assert EXAMPLES["digits"] == digits.n
    assert EXAMPLES["mnist"] == 50_000  # as Nielsen splits it: tests/data/test_mnist.py holds mnist() to it
