"""What targets mean is decided once; what no output can reach is refused with the line that mends it."""

import numpy as np
import pytest

import wd_jax as wd
from wd_jax.data.targets import ACCURACY
from wd_jax.results.summary import MAX_FACT

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(3)
N = 24
LABELS = np.r_[0, 1, 2, RANDOM.integers(3, size=N - 3)]
ROWS = np.eye(3)[LABELS]
BITS = np.c_[np.arange(N) % 2]
SEVERAL = np.c_[BITS, 1 - BITS, BITS]


def dataset(targets: np.ndarray, loss_weights: np.ndarray | None = None) -> wd.data.Dataset:
    inputs = np.random.default_rng(0).random((N, 4))

    def split(rows: slice) -> wd.data.Split:
        return wd.data.Split(inputs[rows], targets[rows], None if loss_weights is None else loss_weights[rows])

    return wd.data.Dataset("mine", split(slice(0, 12)), split(slice(12, 18)), split(slice(18, N)))


def check(targets: np.ndarray, loss: str, loss_weights: np.ndarray | None = None) -> None:
    data = dataset(targets, loss_weights)
    setup = wd.Setup(widths=(4, 3, data.n_out), batch_size=4, loss=loss)
    wd.dry_run(setup, data, epochs=1)


KINDS = {
    "one-hot rows": (ROWS, "one_hot"),
    "booleans": (ROWS > 0, "one_hot"),
    "smoothed rows": (0.9 * ROWS + 0.1 / 3, "one_hot"),
    "0.1 and 0.9": (0.1 + 0.8 * ROWS, "one_hot"),
    "one column": (BITS, "binary"),
    "a smoothed column": (0.1 + 0.8 * BITS, "binary"),
    "a column of zeros": (0 * BITS, "binary"),
    "several labels": (SEVERAL, "multilabel"),
    "smoothed labels": (0.05 + 0.9 * SEVERAL, "multilabel"),
    "probabilities": (np.array([0.2, 0.5, 0.3])[(LABELS[:, None] + np.arange(3)) % 3], "distribution"),
    "a real column": (np.linspace(0, 1, N)[:, None], "real"),
    "two values that mirror nothing": (0.2 + 0.1 * BITS, "real"),
    "real rows": (np.linspace(0, 1, 2 * N).reshape(N, 2), "real"),
}


@pytest.mark.parametrize("targets, kind", KINDS.values(), ids=list(KINDS))
def test_the_kind_is_what_the_targets_are(targets: np.ndarray, kind: str) -> None:
    assert dataset(targets).target_kind == kind


def test_the_kind_is_that_of_all_splits_together() -> None:
    targets = ROWS.copy()
    targets[-1] = 1  # the last test example has three labels
    assert dataset(targets).target_kind == "multilabel"
    column = 1.0 * BITS
    column[-1] = 0.3
    assert dataset(column).target_kind == "real"


def test_every_kind_says_what_accuracy_means() -> None:
    assert set(ACCURACY) == {kind for _, kind in KINDS.values()} | {"classes"}  # which is said, never found
    assert max(map(len, ACCURACY.values())) <= MAX_FACT  # or `summarise` leaves it out
    assert ACCURACY["real"].startswith("no number: ")


UNREACHABLE = {
    "class numbers in a column": (LABELS[:, None], "targets[2, 0] is 2: ", "give wd.data.one_hot(targets, 3)"),
    "class numbers from 1": (LABELS[:, None] + 1, "is 2: ", "give wd.data.one_hot(targets - 1, 3)"),
    "class numbers from -1": (LABELS[:, None] - 1, "targets[0, 0] is -1: ", "give wd.data.one_hot(targets + 1, 3)"),
    "minus and plus one": (2 * BITS - 1, "targets[0, 0] is -1: ", "give (targets + 1) / 2"),
    "rows of minus and plus one": (2 * ROWS - 1, "targets[0, 1] is -1: ", "give (targets + 1) / 2"),
    "only minus one": (0 * BITS - 1, "targets[0, 0] is -1: ", "give (targets + 1) / 2"),
    "one and two": (BITS + 1, "targets[1, 0] is 2: ", "labels of 1 and 2 become 0 and 1, give targets - 1"),
    "0 and 255": (255 * BITS, "targets[1, 0] is 255: ", "give targets / 255"),
    "rows of 0 and 3": (3 * ROWS, "targets[0, 0] is 3: ", "give targets / 3"),
    "prices": (np.linspace(2e5, 9e5, N)[:, None], "is 200000: ", "targets / targets.max() over all splits"),
    "standardised": (np.linspace(-1.7, 1.7, N)[:, None], "is -1.7: ", "(targets - targets.min())"),
    "pixels": (np.arange(2.0 * N).reshape(N, 2) * 5, "targets[0, 1] is 5: ", "scale a quantity, targets / 255"),
    "log-odds": (np.linspace(-6, 9, 3 * N).reshape(N, 3), "is -6: ", "with loss='quadratic'"),
}


@pytest.mark.parametrize("loss", ["cross_entropy", "quadratic", "softmax"])
@pytest.mark.parametrize("targets, where, remedy", UNREACHABLE.values(), ids=list(UNREACHABLE))
def test_targets_that_no_output_reaches_are_refused(targets: np.ndarray, where: str, remedy: str, loss: str) -> None:
    with pytest.raises(wd.data.DatasetError) as caught:
        check(targets, loss)
    message = str(caught.value)
    assert message.startswith("targets[") and where in message and remedy in message and "\n" not in message


@pytest.mark.parametrize(
    "remedy, expected",
    [
        (lambda y: wd.data.one_hot(y, 3), LABELS),
        (lambda y: wd.data.one_hot((y + 1) - 1, 3), LABELS),
    ],
)
def test_the_remedy_is_accepted(remedy, expected: np.ndarray) -> None:
    targets = remedy(LABELS[:, None])
    check(targets, "softmax")
    np.testing.assert_array_equal(targets.argmax(axis=1), expected)


SOFTMAX = {
    "one output": (
        BITS,
        "has one output, and the softmax of one output is always 1: give loss='cross_entropy', or two",
    ),
    "one output of ones": (0 * BITS + 1, "has one output, and the softmax of one output is always 1"),
    "one real output": (np.linspace(0, 1, N)[:, None], "is always 1: give loss='quadratic' or 'cross_entropy'"),
    "several labels": (SEVERAL, "rows of targets that do not sum to 1, as softmax outputs do: give loss='cross_entr"),
    "real rows": (np.linspace(0, 1, 2 * N).reshape(N, 2), "do not sum to 1, as softmax outputs do: give loss='quadr"),
    "0.1 and 0.9": (0.1 + 0.8 * ROWS, "do not sum to 1"),
}


@pytest.mark.parametrize("targets, message", SOFTMAX.values(), ids=list(SOFTMAX))
def test_softmax_needs_rows_that_are_a_distribution(targets: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        check(targets, "softmax")
    assert str(caught.value).startswith("loss='softmax': the dataset 'mine' ") and message in str(caught.value)
    check(targets, "cross_entropy")
    check(targets, "quadratic")


def test_softmax_is_refused_before_the_widths_are_looked_at() -> None:
    """The remedy for the widths, one output, would lead on to a cost of 0."""
    with pytest.raises(ValueError, match="loss='softmax'"):
        wd.dry_run(wd.Setup(widths=(4, 2), loss="softmax"), dataset(BITS), epochs=1)
    with pytest.raises(
        ValueError, match=r"has 1 output, not 2; set widths\[-1\]=1, or give the targets as wd.data.one_ho"
    ):
        wd.dry_run(wd.Setup(widths=(4, 2)), dataset(BITS), epochs=1)


def test_softmax_takes_distributions_of_any_rounding() -> None:
    for targets in (ROWS, 0.9 * ROWS + 0.1 / 3, np.full((N, 3), 0.333), np.random.default_rng(0).dirichlet([1] * 3, N)):
        check(targets, "softmax")


def test_one_loss_of_a_sweep_is_enough_to_be_refused() -> None:
    with pytest.raises(ValueError, match="loss='softmax'"):
        wd.dry_run(wd.Setup(widths=(4, 1)), dataset(BITS), loss=["cross_entropy", "softmax"], epochs=1)


def test_examples_of_weight_0_cost_nothing_and_may_be_anything_within_reach() -> None:
    targets, weights = 1.0 * ROWS, np.ones(N)
    targets[::5], weights[::5] = 0.4, 0
    check(targets, "softmax", weights)
    with pytest.raises(ValueError, match="do not sum to 1"):
        check(targets, "softmax")
    for loss in ("cross_entropy", "quadratic", "softmax"):
        wd.dry_run(wd.Setup(widths=(16, 4), loss=loss), wd.data.null(), epochs=1)


def test_train_refuses_as_sweep_does() -> None:
    import jax

    from wd_jax.engine.examples import on_device
    from wd_jax.engine.minibatches import member_key

    for targets, message in ((BITS, "softmax of one output is always 1"), (SEVERAL, "do not sum to 1")):
        setup = wd.Setup(widths=(4, targets.shape[1]), loss="softmax", batch_size=4)
        examples = on_device(dataset(targets), "float32")
        with pytest.raises(ValueError, match=message):
            jax.eval_shape(lambda key: wd.train(setup, wd.Hyper(), examples, key, 1), member_key(0))  # noqa: B023


def test_a_few_rows_without_a_label_are_named() -> None:
    rows = ROWS.copy()
    rows[5] = 0
    with pytest.warns(UserWarning, match="mine: 1 of 24 rows of targets hold no label and the others one: accuracy"):
        assert dataset(rows).target_kind == "multilabel"


def test_swapped_arrays_are_noticed() -> None:
    with pytest.raises(wd.data.DatasetError, match="if inputs and targets were swapped, give Split"):
        wd.data.Split(ROWS, np.linspace(0, 16, 9 * N).reshape(N, 9))
    with pytest.raises(wd.data.DatasetError, match="if inputs and targets were swapped, Split"):
        wd.data.Split(LABELS, np.linspace(0, 1, 9 * N).reshape(N, 9))
    with pytest.warns(UserWarning, match="inputs are labels and targets 9 columns of real numbers: if the two were sw"):
        wd.data.Split(ROWS, np.linspace(0, 1, 9 * N).reshape(N, 9))


def test_one_output_of_a_synthetic_data_set_is_a_label_too() -> None:
    """With one class every label was 1, and every network right."""
    assert wd.data.teacher(0, n_out=1).target_kind == wd.data.null(n_out=1).target_kind == "binary"
    assert 0.2 < wd.data.teacher(0, n_out=1).train.targets.mean() < 0.8
    assert 0.2 < wd.data.null(n_out=1).train.targets.mean() < 0.8
