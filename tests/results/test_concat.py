"""Joined results are like the result of one sweep, each member with its own plan; what cannot be joined is refused."""

import dataclasses
import json

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from tests.results.test_foreign_files import format_1
from wd_jax.law_scope import facts
from wd_jax.results import netcdf
from wd_jax.results.validity import doubts, lacking

pytestmark = pytest.mark.numeric
QUICK = wd.Probes(splits=())
PLANS = ("config", "config_hash")


def swept(setup, data, **more) -> xr.Dataset:
    given = {"eta": 0.3, "lmbda": 0.5, "seeds": 8, "epochs": 2, "method": "generic", "probes": QUICK}
    return wd.sweep(setup, data, **given | more, progress=False)


def assert_as_one(joined: xr.Dataset, one: xr.Dataset) -> None:
    """Every number has the same bits and place, and every label but the plan is the same."""
    assert set(joined.variables) == set(one.variables) and set(joined.data_vars) == set(one.data_vars)
    for name in set(one.variables) - {*PLANS}:
        assert joined[name].variable.identical(one[name].variable), name
    assert joined.attrs == one.attrs and lacking(joined) == "" and doubts(joined) == ()


@pytest.fixture(scope="module")
def halves(setup32, tiny) -> list[xr.Dataset]:
    """Two sweeps of one lmbda each."""
    return [swept(setup32, tiny, lmbda=lmbda) for lmbda in (0.5, 2.0)]


def test_two_values_are_one_sweep_bit_for_bit(halves, setup32, tiny) -> None:
    one = swept(setup32, tiny, lmbda=[0.5, 2.0])
    joined = wd.concat(halves)
    assert_as_one(joined, one)
    for lmbda, half in zip((0.5, 2.0), halves, strict=True):
        mine = joined.sel(lmbda=lmbda)
        assert mine.config.values.tolist() == half.config.values.tolist()
        assert mine.config_hash.values.tolist() == half.config_hash.values.tolist()
    assert_as_one(wd.concat([one.sel(lmbda=[0.5]), halves[1]], dim="lmbda"), one)


def test_seeds_and_parts_of_one_sweep(pair) -> None:
    assert_as_one(wd.concat([pair.sel(seed=[0]), pair.sel(seed=[1])]), pair)
    assert_as_one(wd.concat([pair.sel(lmbda=[0.5]), pair.sel(lmbda=[2.0])]), pair)


@pytest.mark.parametrize("axis", [{"optimiser": ["sgd", "adamw"]}, {"depth": [0, 1]}, {"batch_size": [5, 4]}], ids=str)
def test_a_word_or_a_size_becomes_a_dimension(axis, setup32, tiny) -> None:
    ((name, values),) = axis.items()
    parts = [swept(setup32, tiny, **{name: value}) for value in values]
    assert_as_one(wd.concat(parts), swept(setup32, tiny, **axis))


@pytest.fixture(scope="module")
def schedules(setup32, tiny) -> list[xr.Dataset]:
    """A sweep without a schedule, and one with."""
    return [swept(setup32, tiny, eta_schedule=words) for words in ("constant", "cosine")]


def test_a_schedule_beside_none_is_a_dimension_too(schedules, setup32, tiny) -> None:
    assert "eta_mean" not in schedules[0].coords  # its rates by record are known all the same
    assert_as_one(wd.concat(schedules), swept(setup32, tiny, eta_schedule=["constant", "cosine"]))


def test_a_part_of_a_longer_run_has_another_schedule(schedules, setup32, tiny) -> None:
    longer = swept(setup32, tiny, eta_schedule="cosine", epochs=4, seeds=[8, 9])
    message = r"epoch: .* 3 and 5 records, and a schedule may follow the run's length: run both for as long"
    with pytest.raises(ValueError, match=message):
        wd.concat([schedules[1], longer])
    part = longer.sel(epoch=slice(0, 2))
    cut = "planned for 2 and 4 epochs, and a part of a longer run has another schedule"
    with pytest.raises(ValueError, match=f"eta_schedule=cosine: {cut}"):
        wd.concat([schedules[1], part])
    other = part.assign_coords(seed=[0, 1], eta_schedule="linear")
    with pytest.raises(ValueError, match=f"eta_schedule=cosine and eta_schedule=linear: {cut}"):
        wd.concat([schedules[1].sel(seed=[0, 1]), other])
    assert wd.concat([schedules[0].sel(seed=[0, 1]), planned(others(schedules[0].sel(seed=[0, 1])), epochs=4)])


def test_functions_of_one_name_are_two_schedules(setup32, tiny) -> None:
    one, two = (wd.schedules.of_optax(shape) for shape in (lambda k: 1 / (1 + k), lambda k: 1 / (1 + k) ** 2))
    first = swept(setup32, tiny, eta_schedule=one, seeds=[0, 1])
    message = r"eta_schedule=of_optax\(function\): .* give different schedules different names"
    with pytest.raises(ValueError, match=message):
        wd.concat([first, swept(setup32, tiny, eta_schedule=two, seeds=[2, 3])])
    same = first.assign_coords(seed=[2, 3])
    assert wd.concat([first, same]).sizes["seed"] == 4
    with pytest.raises(ValueError, match=message):  # also where records show no difference
        wd.concat([first, planned(same, own_schedules=["f"])])
    sized = same.assign_coords(seed=[0, 1], m=4, steps_per_epoch=6)
    with pytest.raises(ValueError, match="cannot be compared: sweep all batch sizes at once"):
        wd.concat([first, planned(sized, own_schedules=["f"])])


def test_networks_without_biases_are_said_to_have_none(setup32, tiny) -> None:
    without = dataclasses.replace(setup32, network=wd.mlp(setup32.widths, biases=False))
    joined = wd.concat([swept(setup32, tiny), swept(without, tiny)])
    assert joined.biases.values.tolist() == [True, False] and joined.weight_rms.dims[0] == "biases"
    assert facts(joined)["biases"] == {"trained", "none"} and facts(joined.sel(biases=True))["biases"] == {"trained"}
    assert joined.update_rule.dims == ("biases",)


def test_it_is_used_like_any_result(halves, tmp_path) -> None:
    joined = wd.concat(halves)
    words = wd.summarise(joined).facts
    assert words["axes"] == "lmbda = 0.5 2" and words["config_hash"].endswith("(several sweeps, joined)")
    netcdf.write(joined, tmp_path / "joined.nc")
    again = wd.open(tmp_path / "joined.nc")
    assert set(again.variables) == set(joined.variables)
    for name in joined.variables:
        np.testing.assert_array_equal(again[name], joined[name], err_msg=str(name))
    theory = wd.theory.evaluate("epoch_decay", "weight_rms", joined)
    verdict = wd.compare(joined.weight_rms.isel(layer=0, epoch=0), theory, within=0.01)
    assert verdict.verdict == "holds" and verdict.cells == 1
    assert "lmbda: 2" in repr(joined)


def test_a_result_of_an_older_version_beside_a_new_one(pair) -> None:
    later = pair.assign_coords(seed=[2, 3])
    joined = wd.concat([format_1(pair), later])
    np.testing.assert_array_equal(joined.weight_rms, xr.concat([pair.weight_rms, later.weight_rms], "seed"))
    assert lacking(joined) == "" and len(set(joined.config_hash.values.tolist())) == 2


def test_results_of_the_laboratory() -> None:
    probes = wd.Probes(budget=False, moved=False, splits=())
    settings = {"steps": 4, "shape": 3, "seeds": 2, "probes": probes}
    parts = [wd.lab("sgd", "independent", eta=eta, lmbda=[1.0, 2.0], **settings) for eta in (0.1, 0.2)]
    joined = wd.concat(parts)
    one = wd.lab("sgd", "independent", eta=[0.1, 0.2], lmbda=[1.0, 2.0], **settings)
    np.testing.assert_array_equal(joined.weight_rms, one.weight_rms)
    assert joined.weight_rms.dims == one.weight_rms.dims
    kinds = wd.concat([parts[0], wd.lab("sgd", "none", eta=0.1, lmbda=[1.0, 2.0], **settings)])
    assert kinds.weight_rms.dims[0] == "gradients" and np.isnan(kinds.gradient_std.sel(gradients="none"))
    with pytest.raises(ValueError, match=r"epoch: results\[0\] and results\[1\] end at epoch 4 and 5"):
        wd.concat([parts[0], wd.lab("sgd", "independent", eta=0.3, lmbda=[1.0, 2.0], **settings | {"steps": 5})])


def test_another_burn_in_is_another_measurement() -> None:
    runs = [wd.lab("sgd", "none", steps=2, shape=3, seeds=[seed], burn_in=seed) for seed in (0, 1)]
    with pytest.raises(ValueError, match="burn_in=0 and 1: differs too"):
        wd.concat([part.sel(epoch=[0, 2]) for part in runs])


def test_tensors_of_other_shapes_are_not_joined() -> None:
    runs = [wd.lab("sgd", "none", steps=2, shape=shape, seeds=[seed]) for seed, shape in ((0, 3), (1, 4))]
    with pytest.raises(ValueError, match=r"n_w=3 and 4: weights of other shapes"):
        wd.concat(runs)


def others(pair: xr.Dataset, **labels) -> xr.Dataset:
    """The same numbers as if of other seeds, with other labels."""
    return pair.assign_coords(seed=[5, 6], **labels)


def planned(runs: xr.Dataset, **said) -> xr.Dataset:
    """The same as if its plan had said something else, as a whole or of its setup."""
    plan = json.loads(runs.config.values[0])
    plan = plan | said | {"setup": plan["setup"] | said.get("setup", {})}
    return runs.assign_coords(config=("seed", [json.dumps(plan)] * runs.sizes["seed"]))


REFUSED = {
    "a setting that no list names": (
        lambda a: (a.assign_coords(tomorrow="x"), others(a, tomorrow="y")),
        "seed=[0, 1] and [5, 6], tomorrow=x and y: results differ in 2 settings",
    ),
    "a setting that one alone has": (
        lambda a: (a, others(a, tomorrow="y")), "seed=[0, 1] and [5, 6], tomorrow=y: results differ in 2 settings"
    ),
    "a setting of each layer": (
        lambda a: (a.assign_coords(kind=("layer", ["x", "y"])), a.assign_coords(kind=("layer", ["y", "y"]))),
        "kind=[x, y] and [y]: it differs and can be no dimension, as it is not one value of each result: run both",
    ),
    "a setting of other records": (
        lambda a: (
            a.assign_coords(kind=("epoch", np.where(a.epoch < 2, "x", "y"))),
            others(a, kind=("epoch", np.where(a.epoch < 3, "x", "y"))),
        ),
        "seed=[0, 1] and [5, 6], kind=[x, y]: results differ in 2 settings",
    ),
    "another burn-in": (
        lambda a: (planned(a, burn_in=0), planned(others(a), burn_in=5)),
        "burn_in=0 and 5: differs too, and is no coordinate that could be a dimension: run both with one burn_in",
    ),
    "other parameters of a model": (
        lambda a: (a, planned(others(a), setup={"parameters": {"w": [2]}})),
        "parameters=none and {'w': [2]}: differs too, and is no coordinate that could be a dimension: two models are",
    ),
    "the same twice": (lambda a: (a, a), "seed=0 to 1: in results[0] and in results[1], the same members twice: leave"),
    "some twice": (
        lambda a: (a, a.assign_coords(seed=[1, 2])),
        "seed=1: in results[0] and in results[1], the same members twice: results[1].sel(seed=[2])",
    ),
    "other data": (
        lambda a: (a, others(a, dataset="mnist", dataset_sha256="f")),
        "dataset=tiny and mnist: two data sets answer two questions",
    ),
    "other data of one name": (lambda a: (a, others(a, dataset_sha256="f")), "dataset=tiny of other content: "),
    "another rule of the name": (lambda a: (a, others(a, update_rule="w <- w")), "update_rule=g = (1/m)"),
    "two differences": (
        lambda a: (a, others(a, dtype="float64")),
        "seed=[0, 1] and [5, 6], dtype=float32 and float64: results differ in 2 settings, and one can be the dimension",
    ),
    "no independent seeds": (
        lambda a: (a, others(a, independent_seeds=False)), "independent_seeds=True and False: run both with order="
    ),
    "other epochs": (
        lambda a: (a, others(a).isel(epoch=slice(0, 4))),
        "epoch: results[0] and results[1] end at epoch 6 and 3, with 7 and 4 records: take the part that both have, "
        "runs.sel(epoch=slice(0, 3))",
    ),
    "no budget": (
        lambda a: (a, others(a.drop_vars("budget_noise"))),
        "budget_noise: results[1] has none: run both with wd.Probes(budget=True), or leave it out of the other, "
        "runs.drop_vars(['budget_noise'])",
    ),
    "other layers": (
        lambda a: (a, others(a).sel(layer=[1])),
        "layer: results[0] and results[1] have 1, 2 and 1: select what both have, runs.sel(layer=[...])",
    ),
    "one axis less": (
        lambda a: (a, others(a, lmbda=[0.5, 2.0]).sel(lmbda=0.5)), "seed=[0, 1] and [5, 6], lmbda=[0.5, 2] and [0.5]: "
    ),
    "another format": (
        lambda a: (a, others(a).assign_attrs(format=3)),
        "results[0] and results[1]: their format is 2 and 3: open both with wd.open",
    ),
    "a sweep and the laboratory": (
        lambda a: (a, others(a, gradients="independent")),
        "results[0] and results[1]: one is of wd.sweep, one of wd.lab",
    ),
    "other widths": (
        lambda a: (a, a.assign_coords(seed=[5, 6], n_in=("layer", [7, 5]))),
        "n_in=[6, 5] and [7, 5]: weights of other shapes; join along hidden or depth where that is what differs",
    ),
    "another model": (lambda a: (a, others(a, model="mine")), "model=mlp and mine: two models are no two values of"),
    "another schedule": (
        lambda a: (a, others(a, eta_schedule="cosine")),
        "seed=[0, 1] and [5, 6], eta_schedule=constant and cosine: results differ in 2 settings",
    ),
    "one alone": (lambda a: (a,), "results: got 1 of them; give two or more"),
    "a part": (lambda a: (a, a.drop_vars("weight_rms")), "results[1]: no whole result, with no weight_rms"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_joined_is_refused_in_one_line(given, message: str, pair) -> None:
    with pytest.raises(ValueError) as caught:
        wd.concat(given(pair))
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("dim", "message"),
    [
        ("epoch", "dim='epoch': results are joined along seeds or settings: seed, lmbda"),
        ("lamda", "dim='lamda': all of them have seed, lmbda"),
        (
            "lmbda",
            "seed=[0, 1] and [5, 6]: differs too, and results are joined along lmbda alone: select what both have",
        ),
        (3, "dim=3: all of them have"),
    ],
)
def test_a_dimension_that_is_none(dim, message: str, pair) -> None:
    with pytest.raises(ValueError) as caught:
        wd.concat([pair, others(pair)], dim=dim)
    assert message in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("given", ["pair", "dataset", "array"])
def test_what_is_no_list_of_results(given: str, pair) -> None:
    with pytest.raises(TypeError, match=r"give a list|give what sweep"):
        wd.concat({"pair": "runs.nc", "dataset": pair, "array": [pair, pair.weight_rms]}[given])


def test_a_number_that_a_rule_does_not_read_is_a_gap(setup32, tiny) -> None:
    parts = [swept(dataclasses.replace(setup32, optimiser=name), tiny) for name in ("sgd", "adamw")]
    joined = wd.concat(parts)
    assert np.isnan(joined.beta1.sel(optimiser="sgd")) and joined.beta1.sel(optimiser="adamw") == 0.9
    assert joined.optimiser.attrs == parts[0].optimiser.attrs and joined.beta1.attrs == parts[1].beta1.attrs


@pytest.mark.numeric
def test_a_remedy_of_records_leaves_something_to_join() -> None:
    # One record each, at steps 4 and 8: the part that both have would be the start alone.
    settings = {"shape": 3, "seeds": 2, "lmbda": 1.0, "probes": wd.Probes(budget=False, moved=False, splits=())}
    parts = [wd.lab("sgd", "none", eta=eta, steps=steps, **settings) for eta, steps in ((0.1, 4), (0.2, 8))]
    with pytest.raises(ValueError, match=r"2 and 2 records: run both with the same records, for as long$"):
        wd.concat(parts)
