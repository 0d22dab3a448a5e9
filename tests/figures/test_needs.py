"""What a figure asks of a sweep: said in one line, with the axis, the value and the remedy."""

import numpy as np
import pytest
import xarray as xr

from wd_jax.figures.kinds import KINDS
from wd_jax.figures.needs import axes, choose, settings

pytestmark = pytest.mark.numeric
BUDGET = ("budget_decay", "budget_drift", "budget_noise")


def sweep(epochs: int = 30, **swept) -> xr.Dataset:
    """A result with these axes in which every number is 1."""
    dims = swept | {"seed": range(2), "layer": [1, 2], "epoch": np.arange(epochs + 1.0)}
    shape = [len(values) for values in dims.values()]
    ones = (tuple(dims), np.ones(shape))
    names = ("weight_rms", "weight_norm2", "saturated", *BUDGET)
    return xr.Dataset(dict.fromkeys(names, ones), dims | {"dataset": "digits"})


@pytest.mark.parametrize(
    "kind, runs, words",
    [
        ("phase", sweep(lmbda=[1.0, 5.0]), ["needs axes eta and lmbda, no eta: run `wd-jax sweep --eta", "--out RUN`"]),
        ("phase", sweep(eta=[0.1, 1], lmbda=[1.0, 5], hidden=[8, 30]), ["has hidden 8, 30: choose with --at hidden=8"]),
        (
            "budget",
            sweep(lmbda=[0.5, 5.0]),
            ["draws one lmbda, and the sweep has lmbda 0.5, 5: choose with --at lmbda=0.5"],
        ),
        ("budget", sweep(lmbda=[0.5, 5.0], init=["gaussian", "fan_in"]), ["--at lmbda=0.5 init=gaussian"]),
        ("budget", sweep().drop_vars("budget_drift"), ["needs budget_drift", "without --no-budget"]),
        ("budget", sweep() * np.nan, ["needs weight_norm2, which was not measured"]),
        ("plateau", sweep(), ["needs one axis out of hidden, lmbda, eta, batch_size: run `wd-jax sweep --hidden"]),
        ("plateau", sweep(hidden=[8, 30], lmbda=[1.0, 5]), ["draws one lmbda", "--at lmbda=1"]),
        ("plateau", sweep(epochs=3, hidden=[8, 30]), ["needs 6 epochs or more, not 3"]),
        ("two_starts", sweep(), ["needs axis init, no init: run `wd-jax sweep --init gaussian fan_in"]),
        ("two_starts", sweep(init=["gaussian"]), ["needs init gaussian and fan_in, not only gaussian"]),
        ("two_starts", sweep(init=["gaussian", "fan_in"]), ["needs accuracy", "without --no-evaluation"]),
        (
            "two_starts",
            sweep(init=["gaussian", "fan_in"]).assign(accuracy=np.nan).assign_coords(target_kind="real"),
            ["needs accuracy, of which there is no number: real-valued targets have no right and wrong, read the cost"],
        ),
        (
            "trajectories",
            sweep(eta=[0.1, 1.0]),
            ["draws one eta, and the sweep has eta 0.1, 1: choose with --at eta=0.1"],
        ),
        ("epoch_factor", sweep(epochs=1), ["needs 2 epochs or more, not 1"]),
    ],
)
def test_what_is_missing_is_said_with_the_remedy(kind: str, runs: xr.Dataset, words: list[str]) -> None:
    with pytest.raises(ValueError, match=f"^{kind}: ") as caught:
        KINDS[kind].draw(runs)
    assert "\n" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_nothing_is_missing_where_everything_is_there() -> None:
    for kind, runs in {
        "budget": sweep(), "epoch_factor": sweep(), "trajectories": sweep(lmbda=[1.0, 2.0]),
        "plateau": sweep(hidden=[8, 16]), "phase": sweep(eta=[1.0, 2.0], lmbda=[1.0, 2.0]),
    }.items():  # fmt: skip
        assert KINDS[kind].needs.lacking(runs) == ""


@pytest.mark.filterwarnings("ignore:eta=.*grow by the factor")  # the phase diagram's shows where runs diverge
def test_every_example_is_a_sweep_that_can_be_planned() -> None:
    from wd_jax.cli.dispatch import main

    for kind in KINDS.values():
        if kind.needs is not None:
            assert main(["sweep", *kind.needs.example.split(), "--dry-run"]) == 0


def test_a_chosen_value_is_a_scalar_and_an_axis_of_one_value_is_none() -> None:
    runs = choose(sweep(lmbda=[0.5, 5.0], hidden=[8]), {"lmbda": "5.0"})
    assert axes(runs) == () and runs.lmbda == 5.0 and runs.hidden == 8
    assert choose(sweep(init=["gaussian", "fan_in"]), {"init": "fan_in"}).init == "fan_in"


@pytest.mark.parametrize(
    "at, words",
    [
        ({"lmda": "5"}, "--at lmda=5: the sweep has no axis lmda: it has lmbda"),
        ({"lmbda": "7"}, "--at lmbda=7: the sweep has no such lmbda: choose among 0.5, 5.0"),
        ({"lmbda": "many"}, "--at lmbda=many: the sweep has no such lmbda: choose among 0.5, 5.0"),
        ({"seed": "0"}, "--at seed=0: the sweep has no axis seed"),
    ],
)
def test_a_value_that_is_not_there_is_named_with_those_that_are(at: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError) as caught:
        choose(sweep(lmbda=[0.5, 5.0]), at)
    assert str(caught.value).startswith(words)


def test_settings_are_those_that_are_fixed() -> None:
    runs = sweep(lmbda=[0.5, 5.0]).assign_coords(eta=0.1, m=10)
    assert settings(runs, "eta", "lmbda", "m", "momentum") == "digits, η = 0.1, m = 10, 2 seeds"
