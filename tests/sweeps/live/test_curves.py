"""The first curves, beside the means of the whole result."""

import numpy as np
import pytest

import wd_jax as wd
from tests.sweeps.live.conftest import DATA, LMBDAS
from wd_jax.sweeps.live.curves import LINES, Curves, Seen
from wd_jax.sweeps.live.state import watched

pytestmark = pytest.mark.numeric


def read(root, seconds=60.0) -> Seen:
    return Curves(watched(root)).look(seconds)


def lines(seen: Seen, title: str) -> dict[str, np.ndarray]:
    (panel,) = [panel for panel in seen.panels if panel.title == title]
    return {line.label: np.array(line.values) for line in panel.lines}


def test_lines_are_means_over_seeds_of_each_value(finished) -> None:
    runs, seen = wd.open(finished), read(finished)
    assert seen.members == 20
    for title, values in (
        ("rms weight, first layer", runs.weight_rms.isel(layer=0)),
        ("rms weight, last layer", runs.weight_rms.isel(layer=-1)),
        ("cost, validation", runs.cost.sel(split="validation")),
    ):
        found = lines(seen, title)
        assert list(found) == [f"lmbda = {lmbda:g}" for lmbda in LMBDAS]
        for lmbda, line in zip(LMBDAS, found.values(), strict=True):
            np.testing.assert_allclose(line, values.sel(lmbda=lmbda).mean("seed"), rtol=1e-12)


def test_members_that_are_not_there_yet_are_in_no_mean(halved) -> None:
    seen = read(halved)
    assert seen.members == 7
    found = lines(seen, "rms weight, first layer")
    with pytest.warns(UserWarning, match="13 of 20 members are missing"):
        runs = wd.open(halved)
    wanted = runs.weight_rms.isel(layer=0).mean("seed")  # over those that are there
    there = [lmbda for lmbda in LMBDAS if bool(wanted.sel(lmbda=lmbda).notnull().all())]
    assert list(found) == [f"lmbda = {lmbda:g}" for lmbda in there]
    for lmbda in there:
        np.testing.assert_allclose(found[f"lmbda = {lmbda:g}"], wanted.sel(lmbda=lmbda), rtol=1e-12)


def test_a_copy_at_the_end_of_a_task_counts_once(finished) -> None:
    store = watched(finished)
    assert sum(chunk.size for chunk in store.plan.chunks) == 21  # one copy
    assert read(finished).members == 20


def test_a_moment_reads_a_task_and_the_next_goes_on(finished) -> None:
    curves = Curves(watched(finished))
    assert [curves.look(0.0).members for _ in range(4)] == [7, 14, 20, 20]
    assert curves.look(60.0) == read(finished)


def test_who_diverged_is_counted_and_has_no_part_in_the_curves(tmp_path) -> None:
    setup = wd.Setup(widths=(4, 3, 2), batch_size=5)
    options = {"eta": [0.1, 1e30], "lmbda": 0.0, "seeds": 2, "epochs": 2, "progress": False}
    runs = wd.sweep(setup, DATA, out=tmp_path / "run", **options)
    seen = read(tmp_path / "run")
    assert seen.diverged == int((runs.diverged_at >= 0).sum()) == 2
    found = lines(seen, "rms weight, first layer")
    assert np.isfinite(found["eta = 0.1"]).all() and not np.isfinite(found["eta = 1e+30"][-1])


def test_many_values_become_a_few_lines_and_one_member_a_line_without_a_name(tmp_path) -> None:
    setup, options = wd.Setup(widths=(4, 3, 2), batch_size=5), {"eta": 0.1, "epochs": 1, "progress": False}
    many = [0.1 * k for k in range(1, 21)]
    wd.sweep(setup, DATA, out=tmp_path / "many", lmbda=many, **options)
    found = lines(read(tmp_path / "many"), "rms weight, first layer")
    assert len(found) == LINES and next(iter(found)) == "lmbda = 0.1" and list(found)[-1] == "lmbda = 2"
    wd.sweep(setup, DATA, out=tmp_path / "one", lmbda=1.0, probes=wd.Probes(splits=()), **options)
    seen = read(tmp_path / "one")
    assert [panel.title for panel in seen.panels] == ["rms weight, first layer", "rms weight, last layer"]
    assert list(lines(seen, "rms weight, first layer")) == [""]


def test_words_make_lines_where_no_axis_has_numbers(tmp_path) -> None:
    setup = wd.Setup(widths=(4, 3, 2), batch_size=5)
    options = {"init": ["gaussian", "fan_in"], "lmbda": 1.0, "eta": 0.1, "epochs": 1, "progress": False}
    wd.sweep(setup, DATA, out=tmp_path / "run", **options)
    assert list(lines(read(tmp_path / "run"), "rms weight, first layer")) == ["init = gaussian", "init = fan_in"]


def test_a_damaged_task_is_left_out(run) -> None:
    store = watched(run)
    path = store.chunks.path(store.plan.keys[0])
    path.write_bytes(path.read_bytes()[:100])
    assert read(run).members == 13
