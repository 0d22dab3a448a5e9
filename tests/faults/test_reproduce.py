"""``reproduce`` is killed: it goes on, and of an older run and the one that replaces it one is always whole."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from experiments import registry, replacing, run_files, run_folder, run_sweeps, stored_settings
from experiments.exercise.preset import PRESETS
from tests.cli.whole_run import chunks, names
from tests.faults.test_killed_sweeps import Journal, same_bits
from tests.tiny_reproduce import CLAIMS
from wd_jax.sweeps.store.verify import verify

pytestmark = pytest.mark.fault
KILLED, OLD, NEW = -9, 0, 100
FIGURES = {f"{name}.{end}" for name in CLAIMS for end in ("svg", "png")}
WHOLE = {"settings.json", "verdicts.json", *run_files.REPORTS, *CLAIMS, *FIGURES}
MINE = ("claim_2_epoch_decay_my_backup.nc", "claim_4_initialisation/note", "claim_9.nc")


def reproduce(out: Path, first_seed: int, *options: str) -> dict:
    arguments = ["reproduce", "--out", str(out), *options]
    given = {"arguments": arguments, "journal": f"{out}.txt", "first_seed": first_seed}
    return {"run": "tests.tiny_reproduce:shell", "arguments": given}


@pytest.fixture(scope="module")
def undisturbed(children, tmp_path_factory) -> dict[int, tuple[Path, float]]:
    """A run of each kind that nothing disturbed, and how long it took: they differ in their first seed."""
    found = {}
    for seed in (OLD, NEW):
        for attempt in range(4):  # the first ones compile, which a busy machine may not do within the limit of children
            out = tmp_path_factory.mktemp("undisturbed") / f"{seed}-{attempt}"
            (ended,) = children(reproduce(out, seed))
            if ended["code"] != KILLED:
                break
        assert ended["code"] == 0, ended["said"]
        assert names(out) == WHOLE
        found[seed] = out, ended["seconds"]
    return found


def which(out: Path, undisturbed: dict[int, tuple[Path, float]]) -> int:
    """Read a run as `report` and `figure` do, and say which it is: every number and word of it is that one's."""
    seed = next(iter(run_folder.settings(out).presets.values())).first_seed
    like = undisturbed[seed][0]
    for name in CLAIMS:
        for sweep in registry.load(name).sweeps:
            assert same_bits(run_sweeps.opened(out, sweep), run_sweeps.opened(like, sweep))
    for name in ("verdicts.json", "settings.json"):
        held, meant = (json.loads(run_files.located(one, name).read_text()) for one in (out, like))
        assert held | {"made_by": ""} == meant | {"made_by": ""}
    return seed


def published_and_sound(out: Path, keys: set[str]) -> int:
    """Count what is published; what was is still there, and all of it is sound."""
    stores = [path.parent for path in out.rglob("FORMAT")]
    there = {path.stem for store in stores for path in chunks(store)}
    assert keys <= there
    assert all(verify(store, full=True).sound for store in stores)
    return len(there)


def moments(children, wanted: int, seconds: float, again, look) -> int:
    """Kill at the report, when all sweeps are stored, then at random moments, as often as is wanted; the last one ends.

    `again(number)` gives the job of a run, `look(number, ended)` looks at its folder after each and says whether all
    that was asked for is there: a process may be killed on its way out, when nothing is left to go on with.
    """
    random, done, number = np.random.default_rng(15), 0, 0
    while done < wanted:
        number, whole = number + 1, False
        while not whole:
            job = again(number)
            if not done:
                job["arguments"]["unreported"] = True
            elif done < wanted:
                job["kill_after"] = float(random.uniform(0.1, 0.9)) * seconds
            (after,) = children(job)
            ended = after["code"]
            assert ended in (0, KILLED), after["said"]
            done += ended == KILLED
            whole = look(number, ended)
    return done


def test_killed_at_random_moments_it_goes_on(children, kills, undisturbed, tmp_path: Path, row) -> None:
    recomputed = 0

    def look(number: int, ended: int) -> bool:
        nonlocal recomputed
        out, said = tmp_path / f"{number}", Journal(tmp_path / f"{number}.txt")
        published_and_sound(out, set(said.published))
        if ended != KILLED:
            recomputed += said.recomputed
            assert which(out, undisturbed) == OLD and names(out) >= WHOLE
        return ended != KILLED

    def again(number: int) -> dict:
        return reproduce(tmp_path / f"{number}", OLD)

    done = moments(children, -(-kills // 8), undisturbed[NEW][1], again, look)
    row("1: reproduce killed at random moments", done, recomputed=recomputed)
    assert recomputed == 0


def test_killed_while_it_replaces_a_run_one_of_both_is_whole(children, kills, undisturbed, tmp_path, row) -> None:
    recomputed, found = 0, set()

    def again(number: int) -> dict:
        out = tmp_path / f"{number}"
        if not out.exists():
            shutil.copytree(undisturbed[OLD][0], out)
            for name in MINE:
                (out / name).write_text("mine")
        return reproduce(out, NEW, "--overwrite")

    def look(number: int, ended: int) -> bool:
        nonlocal recomputed
        out = tmp_path / f"{number}"
        there = which(out, undisturbed)
        found.add(there)
        if ended != KILLED:
            assert there == NEW and all((out / name).read_text() == "mine" for name in MINE)
            assert {name for name in names(out) if not name.startswith(".")} == WHOLE | {MINE[0], MINE[2]}
        if there == NEW:  # the same command once more would replace it, and train it again: it is a finished run
            assert all(any(path.read_text() == "mine" for path in out.rglob(Path(name).name)) for name in MINE)
            recomputed += Journal(Path(f"{out}.txt")).recomputed
        return there == NEW

    done = moments(children, -(-kills // 8), undisturbed[NEW][1], again, look)
    row("1: reproduce --overwrite killed at random moments", done, recomputed=recomputed)
    assert recomputed == 0 and found == {OLD, NEW}


def made_up(folder: Path, word: str, claims: tuple[str, ...]) -> Path:
    """A run's folder of which every file but the settings is a word."""
    settings = {name: PRESETS["digits", "quick"] for name in claims}
    sweeps = [sweep for name in claims for sweep in registry.load(name).sweeps]
    held = ["verdicts.json", *run_files.REPORTS, *(f"{name}.{end}" for name in claims for end in ("svg", "png"))]
    held += [f"{sweep}/{name}" for sweep in sweeps for name in ("FORMAT", "run-1/plan/1.npz", "run-1/chunks/ab/c.npz")]
    for name in held:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(word)
    stored_settings.write(folder / "settings.json", settings, word, word)
    return folder


def words(out: Path) -> set[str]:
    """The words of a run's files, each where it is read."""
    settings = run_files.located(out, "settings.json")
    found = {json.loads(settings.read_text())["size"], run_files.located(out, "verdicts.json").read_text()}
    for name in stored_settings.names(settings):
        found |= {run_files.located(out, f"{name}.{end}").read_text() for end in ("svg", "png")}
        for sweep in registry.load(name).sweeps:
            files = [
                path for path in run_files.located(out, sweep).rglob("*") if path.is_file() and path.name != "note"
            ]
            assert sorted(path.name for path in files) == ["1.npz", "FORMAT", "c.npz"]
            found |= {path.read_text() for path in files}
    return found | {run_files.located(out, name).read_text() for name in run_files.REPORTS}


def test_killed_at_every_step_of_putting_the_new_run_in_its_place(children, tmp_path: Path, row) -> None:
    step, ended = 0, KILLED
    while ended == KILLED:
        step, out = step + 1, made_up(tmp_path / f"{step}", "old", ("claim_1_dominance", *CLAIMS))
        made_up(out / "replacement", "new", CLAIMS)
        for name in MINE:
            (out / name).write_text("mine")
        (out / f"{CLAIMS[0]}.nc").write_text("of 0.2.0")
        (after,) = children({"run": "tests.tiny_reproduce:put", "arguments": {"out": str(out), "step": step}})
        ended = after["code"]
        assert ended in (0, KILLED), after["said"]
        assert words(out) == {"new"}
        replacing.finish(out)
        assert words(out) == {"new"} and names(out) == WHOLE | {MINE[0], MINE[2]}
        assert all((out / name).read_text() == "mine" for name in MINE)
        assert names(out / CLAIMS[0]) == {"FORMAT", "run-1"}
        shutil.rmtree(out)
    row("1: reproduce killed at each step of a replacement", step - 1)
    assert step > 30
