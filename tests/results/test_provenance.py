"""What a result says of itself is true of it: for every optimiser, for selections, and for results joined by xarray."""

import json

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.engine.hyper_tree import as_arrays
from wd_jax.hyper import restored
from wd_jax.optimisers import step
from wd_jax.optimisers.rules import LIBRARY
from wd_jax.results.validity import doubts, lacking

pytestmark = pytest.mark.numeric
QUICK = wd.Probes(budget=False, moved=False, splits=())
HONEST = {"coords": "different", "compat": "equals", "join": "outer", "data_vars": "all"}
FIRST_WINS = {"coords": "minimal", "compat": "override", "join": "outer", "data_vars": "all"}


def run(setup, data, **more) -> xr.Dataset:
    return wd.sweep(setup, data, **{"eta": 0.3, "lmbda": 0.5, "epochs": 2, "progress": False, "probes": QUICK} | more)


def newton_schulz(matrix: np.ndarray) -> np.ndarray:
    """Jordan's five steps, in NumPy."""
    x = matrix / np.linalg.norm(matrix)
    for _ in range(5):
        a = x @ x.T
        x = 3.4445 * x + (-4.775 * a + 2.0315 * a @ a) @ x
    return x


@pytest.mark.parametrize("optimiser", LIBRARY)
def test_the_stated_update_is_the_one_that_is_applied(optimiser: str) -> None:
    """Execute the equations as Python on random gradients, beside what the engine takes from optax."""
    n, random = 7, np.random.default_rng(0)
    hyper = wd.Hyper(eta=0.2, lmbda=3.0, momentum=0.7, beta1=0.8, beta2=0.6)
    at_half = restored({**as_arrays(hyper, "float32"), "eta_peak": jnp.float32(0.4)})  # of a schedule
    rule = step.build(LIBRARY[optimiser], at_half, n)
    first, *equations, biases = LIBRARY[optimiser].update_rule.split("; ")
    assert biases == "biases not decayed"
    if "others" in equations[-2]:  # Muon: what matrices get, and below what the others do
        equations = [equations[0].removeprefix("matrices: "), *equations[1:-2], equations[-1]]
    lines = [first.replace("(1/m) sum of gradients", "gradient"), *equations]
    lines = [
        one.removesuffix(" after that").replace("<-", "=").replace("^", "**").replace(") w", ") * w") for one in lines
    ]
    drawn = [random.normal(size=(2, 3)).astype("f4") for _ in range(4)]
    names = {
        **hyper,
        "eta_peak": 0.4,
        "n": n,
        "sqrt": np.sqrt,
        "sign": np.sign,
        "max": max,
        "NewtonSchulz5": newton_schulz,
        "v": 0.0,
    }
    names |= {"a": 0.0, "s": 0.0, "w": drawn[0].astype(float), "n_in": 2, "n_out": 3}
    params = [{"w": jnp.asarray(drawn[0]), "b": jnp.zeros(3, jnp.float32)}]
    state = rule.init(params)
    for t in (1, 2, 3):
        gradient = [{"w": drawn[t], "b": random.normal(size=3).astype("f4")}]
        parts = rule.step(gradient, state, params)
        params, state = step.move(params, parts), parts.state
        names |= {"t": t, "gradient": drawn[t].astype(float)}
        exec("\n".join(lines), names)
        np.testing.assert_allclose(params[0]["w"], names["w"], rtol=5e-5, atol=2e-6)


def test_every_optimiser_states_its_own_update_and_coefficients(tiny) -> None:
    setup = wd.Setup(widths=(6, 4, 3), batch_size=23)
    runs = run(setup, tiny, optimiser=["sgd", "sgdw", "adamw", "lion"], beta1=0.8)
    rules = dict(zip(runs.optimiser.values.tolist(), runs.update_rule.values.tolist(), strict=True))
    assert len(set(rules.values())) == 4 and "sqrt" in rules["adamw"] and "sign" in rules["lion"]
    assert runs.beta1.sel(optimiser=["adamw", "lion"]).values.tolist() == [0.8, 0.8]
    assert runs.beta1.sel(optimiser=["sgd", "sgdw"]).isnull().all() and runs.momentum.notnull().sum() == 1
    assert "sum of gradients" not in runs.attrs["convention"]  # true of every optimiser, so of what is joined, too
    facts = wd.summarise(runs).facts
    assert all(rule in facts["update"] for rule in rules.values())


def test_joined_seeds_keep_their_own_sweeps(setup32, tiny) -> None:
    one, two = (run(setup32, tiny, seeds=seeds) for seeds in ([0, 1], [5, 6]))
    both = xr.concat([one, two], "seed", **HONEST)
    for joined in (
        both,
        xr.merge([one, two], join="outer", compat="no_conflicts"),
        xr.combine_by_coords([one, two], **HONEST),
    ):
        assert joined.config_hash.values.tolist() == [*one.config_hash.values, *two.config_hash.values]
        assert len(set(joined.config_hash.values)) == 2
        assert [json.loads(text)["seeds"] for text in joined.config.values] == [[[0, 1]]] * 2 + [[[5, 6]]] * 2
        assert doubts(joined) == ()
        summary = wd.summarise(joined)
        assert summary.facts["seeds"] == "0 to 1, 5 to 6 (4 seeds)" and summary.warnings == ()
        assert summary.record["config_hash"] == [one.config_hash.values[0], two.config_hash.values[0]]
        assert "several sweeps, joined" in summary.facts["config_hash"]
    for joined in (both, one, two):  # no attribute is of one sweep alone
        assert joined.attrs == one.attrs == two.attrs


def test_joined_cells_and_data_sets_are_told_apart(setup32, tiny) -> None:
    other = wd.data.Dataset("other", tiny.test, tiny.validation, tiny.train)
    sweeps = [run(setup32, tiny), run(setup32, other, lmbda=2.0, eta=0.1, dtype="float64")]
    joined = xr.concat(sweeps, "run", **HONEST)
    assert joined.dataset.values.tolist() == ["tiny", "other"]
    assert joined.dataset_sha256.values.tolist() == [tiny.sha256, other.sha256]
    assert joined["dtype"].values.tolist() == ["float32", "float64"] and joined.n.values.tolist() == [23, 9]
    summary = wd.summarise(joined)
    assert summary.facts["eta, lmbda"] == "eta = 0.3 0.1, lmbda = 0.5 2"
    assert summary.facts["dataset"] == "tiny other, n = 23 9, n_in = 6, n_out = 3"
    labels = [{name: row[name] for name in ("run", "dataset", "eta", "lmbda", "dtype")} for row in summary.rows]
    assert labels[1] == {"run": 1, "dataset": "other", "eta": 0.1, "lmbda": 2.0, "dtype": "float64"}


def test_cells_that_nobody_ran_are_no_members(setup32, tiny) -> None:
    one, two = run(setup32, tiny, lmbda=[0.5, 2.0], seeds=[0]), run(setup32, tiny, lmbda=[0.5, 8.0], seeds=[1])
    summary = wd.summarise(xr.concat([one, two], "seed", **HONEST))
    assert summary.facts["members"] == "4, of 2 seeds; 0 diverged"
    assert summary.warnings == ("2 combinations were not run: results of other cells or seeds were joined",)


def test_labels_that_contradict_what_was_run_are_named(setup32, tiny) -> None:
    one, two = run(setup32, tiny, lmbda=[0.5, 2.0]), run(setup32, tiny, lmbda=[4.0, 8.0], eta=0.1)
    cases = {
        "lmbda 3 is not what was run (0.5, 2.0)": one.assign_coords(lmbda=[0.5, 3.0]),
        "seed 7 is not what was run (0 to 0)": one.assign_coords(seed=[7]),
        "lmbda 4 is not what was run (0.5, 2.0)": xr.concat([one, two], "lmbda", **FIRST_WINS),
        "eta 0.3 is not what was run (0.1)": xr.concat([one, two.assign_coords(seed=[1])], "seed", **FIRST_WINS),
        "penalty is not lmbda/(2n)": xr.concat([one.isel(lmbda=0), two.isel(lmbda=0)], "run", **FIRST_WINS),
        "seed 0 occurs 2 times": xr.concat([one, one], "seed", **HONEST),
        "dataset_sha256 abc is not what was run": one.assign_coords(dataset_sha256="abc"),
    }
    for words, altered in cases.items():
        assert any(words in doubt for doubt in doubts(altered)), words
        assert any(words in warning for warning in wd.summarise(altered).warnings), words
    assert doubts(one) == doubts(two) == ()


def test_doubts_are_told_on_opening_too(setup32, tiny, tmp_path) -> None:
    run(setup32, tiny).assign_coords(eta=0.9).to_netcdf(tmp_path / "x.nc", engine="scipy")
    with pytest.warns(UserWarning, match=r"x\.nc: eta 0\.9 is not what was run \(0\.3\)"):
        wd.open(tmp_path / "x")


def test_a_selection_is_described_as_what_it_is(setup32, tiny) -> None:
    runs = run(setup32, tiny, lmbda=[0.5, 2.0], seeds=4, hidden=[2, 3], probes=wd.Probes())
    chosen = wd.summarise(runs.sel(lmbda=2.0, hidden=3, seed=[1, 3], epoch=slice(0, 1)))
    assert chosen.facts["axes"] == "none" and chosen.facts["eta, lmbda"] == "eta = 0.3, lmbda = 2"
    assert chosen.facts["seeds"] == "1, 3 (2 seeds)" and chosen.facts["members"] == "2, of 2 seeds; 0 diverged"
    assert chosen.facts["network"].startswith("widths 6-3-3,") and chosen.facts["epochs"].startswith("1, 2 records")
    assert chosen.warnings == ()
    (row,) = wd.summarise(runs.isel(lmbda=0, hidden=0, seed=0, layer=0, epoch=2, split=2)).rows
    one = runs.isel(lmbda=0, hidden=0, seed=0, epoch=2)
    assert row == {"weight_rms_1": float(one.weight_rms.sel(layer=1)), "test_accuracy": float(one.accuracy[-1])}
    with pytest.raises(ValueError, match=r"Dataset without diverged_at: give the whole result of sweep or open"):
        wd.summarise(runs.mean("seed"))


def test_widths_that_differ_have_no_number(tiny) -> None:
    runs = run(wd.Setup(widths=(6, 4, 2, 3), batch_size=23), tiny)
    assert np.isnan(runs.hidden.item()) and runs.depth.item() == 2 and doubts(runs) == ()
    assert wd.summarise(runs).facts["network"].startswith("widths 6-4-2-3,")
    assert run(wd.Setup(widths=(6, 3), batch_size=23), tiny).hidden.item() == 0


def test_the_way_each_cell_was_trained_is_its_own(setup32, tiny) -> None:
    runs = run(
        setup32, tiny, lmbda=[*(0.1 * k for k in range(1, 17)), 50.0], eta=0.3, seeds=2
    )  # 0.65 a step fits no block
    assert runs.method.values.tolist() == ["blocked, 1 steps"] * 16 + ["generic"]


def test_units_are_true_of_every_loss(setup32, tiny) -> None:
    runs = run(setup32, tiny, loss=["quadratic", "cross_entropy"], probes=wd.Probes(full_gradient=True))
    assert not any("nat" in str(runs[name].attrs["units"]) for name in runs.variables)
    assert lacking(runs) == ""
