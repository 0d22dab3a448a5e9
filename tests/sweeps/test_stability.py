"""A decay per step of 1 or more gets a word before anything runs: one for all cells, with the value and the remedy."""

import pytest

import wd_jax as wd
from wd_jax.cli import main

pytestmark = pytest.mark.numeric
NULL = wd.data.null()
SETUP = wd.Setup(widths=(16, 8, 4), dtype="float64")


@pytest.mark.parametrize(
    "epsilon, words",
    [
        ([1.0], ["eta*lmbda/n = 1, so that a step wipes the weights out: lower eta or lmbda"]),
        ([0.5, 1.5], ["eta*lmbda/n = 1.5, so that weights change sign every step, their factor being -0.5",
                      "(1 of 2 settings of eta and lmbda reach 1, 0 of them 2): lower eta or lmbda until it"]),
        ([0.5, 1.5, 2.5], ["eta*lmbda/n = 2.5, so that weights change sign and grow by the factor 1.5 a step",
                           "(2 of 3 settings of eta and lmbda reach 1, 1 of them 2)"]),
        ([1e300], ["eta*lmbda/n = 1e+300"]),
    ],
)  # fmt: skip
def test_a_step_that_removes_a_weight_or_more_is_warned_of_once(epsilon: list[float], words: list[str]) -> None:
    values = {"lmbda": float(NULL.n), "eta": epsilon}
    with pytest.warns(UserWarning) as caught:
        wd.dry_run(SETUP, NULL, seeds=2, epochs=2, batch_size=[5, 10], **values)
    (warning,) = caught
    for word in words:
        assert word in str(warning.message)


def test_below_one_there_is_no_warning() -> None:
    assert wd.dry_run(SETUP, NULL, epochs=1, lmbda=float(NULL.n), eta=0.999).members == 1


@pytest.mark.filterwarnings("default")
def test_a_dry_run_in_the_shell_warns_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--hidden", "2", "--eta", "1e3", "--lmbda", "5", "--epochs", "1", "--dry-run"]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "eta*lmbda/n" in line]
    assert line.startswith("warning: eta=1000, lmbda=5, n=1200: eta*lmbda/n = 4.17, so that weights change sign")
