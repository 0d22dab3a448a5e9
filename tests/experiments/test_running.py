"""``experiments.run`` and ``experiments.open`` from Python, and a new experiment that is added in one place."""

import dataclasses
import json
from pathlib import Path

import pytest

import experiments
import wd_jax as wd
from experiments import figure_sources, registry, reporting, run_folder
from experiments.exercise.preset import PRESETS, Preset
from wd_jax.cli import main
from wd_jax.files import ForeignFileError

pytestmark = pytest.mark.numeric
QUICK = PRESETS["digits", "quick"]
NAMES = experiments.names("exercise")
CLAIM_2 = NAMES[1]
TINY = dataclasses.replace(QUICK, factor_seeds=2, hidden=4, batch_size=100, epochs_of_book=2)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> str:
    """One line in the registry, and the folder of `toy_law` where Python finds it."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setitem(registry.HOMES, "toy_law", "toy_law")
    return "toy_law"


def test_a_run_in_memory_is_the_run_that_is_stored_and_judged_again(tmp_path: Path) -> None:
    loose = experiments.run(CLAIM_2, TINY, progress=False)
    begun: list[str] = []
    stored = experiments.run([CLAIM_2], TINY, wd.data.digits(), tmp_path / "run", progress=False, announce=begun.append)
    again = experiments.open(tmp_path / "run")
    assert loose.folder is None and loose.record()["out"] is None and begun == [CLAIM_2]
    texts = [json.dumps(one.record()["verdicts"], allow_nan=False) for one in (loose, stored, again)]
    assert texts[0] == texts[1] == texts[2] and len(loose.verdicts) == 6
    assert json.loads((tmp_path / "run" / "verdicts.json").read_text())["verdicts"] == json.loads(texts[0])
    assert stored.presets == again.presets == {CLAIM_2: TINY} and again.dataset == "digits"
    assert stored.outcomes[0].answer in " ".join(repr(again).split())
    assert "experiments.run(" in (tmp_path / "run" / "report.md").read_text(encoding="utf-8")
    with pytest.raises(FileExistsError, match="holds a run already"):
        experiments.run(CLAIM_2, TINY, out=tmp_path / "run", progress=False)


def test_nothing_is_reported_of_a_run_that_is_not_stored() -> None:
    judged = experiments.Judged((), {CLAIM_2: TINY}, "quick")
    with pytest.raises(ValueError, match="folder=None: nothing of this run is stored: give run"):
        judged.write_report()


@pytest.mark.parametrize(
    "given, error, words",
    [
        ({"names": "claim_5"}, KeyError, "no experiment 'claim_5': choose among claim_1_dominance"),
        ({"names": []}, ValueError, "names=[]: give one or more experiments, each once"),
        ({"names": [CLAIM_2, CLAIM_2]}, ValueError, "each once"),
        ({"names": ["claim_2", CLAIM_2]}, ValueError, "each once"),
        ({"names": "claim_"}, KeyError, "no experiment 'claim_': choose among claim_1_dominance"),
        ({"names": CLAIM_2, "data": "digits"}, TypeError, "data='digits': give a Dataset, such as wd.data.digits()"),
        (
            {"names": CLAIM_2, "preset": {"seeds": 2}},
            TypeError,
            "preset={'seeds': 2}: give the name of a size, 'quick'",
        ),
        ({"names": CLAIM_2, "out": "."}, IsADirectoryError, ".: is the folder you are in; name one of its own"),
        ({"names": CLAIM_2, "preset": "huge"}, KeyError, "no preset 'huge' for dataset 'digits'"),
        ({"names": CLAIM_2, "preset": TINY, "data": wd.data.null()}, ValueError, "preset.dataset='digits': the data"),
        ({"names": CLAIM_2, "preset": experiments.preset.Preset("digits")}, ValueError, "takes a experiments.exercise"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(given: dict, error: type, words: str) -> None:
    with pytest.raises(error) as found:
        experiments.run(**given)
    assert words in str(found.value) and "\n" not in str(found.value)


def test_the_beginning_of_a_name_will_do_in_python_too() -> None:
    assert experiments.load("claim_2").name == CLAIM_2
    found = experiments.run("claim_2", TINY, progress=False)
    assert list(found.presets) == [CLAIM_2] and "experiments.run(['claim_2_epoch_decay']" in found.command


def test_a_collection_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="collection='foo': choose one of exercise, laboratory"):
        experiments.names("foo")


def test_every_experiment_describes_itself_and_what_it_stores() -> None:
    import derivations
    from wd_jax.figures.kinds import KINDS

    drawn = set()
    for name in experiments.names():
        one = experiments.load(name)
        assert one.name == name and one.title and one.derivations and one.collection.name in ("exercise", "laboratory")
        assert set(one.derivations) <= set(derivations.names())
        assert (one.preset_type is Preset) == (one.collection.name == "exercise")
        assert all(set(stored) <= set(one.sweeps) for stored in one.figures.values()) and set(one.figures) <= set(KINDS)
        assert not drawn & set(one.figures)  # two experiments that offer one kind: which is drawn would be chance
        drawn |= set(one.figures)
    assert drawn == {kind.name for kind in KINDS.values() if kind.of_sweeps} - {"phase"}


def test_an_experiment_added_in_one_place_is_everywhere(toy: str, tmp_path: Path, capsys) -> None:
    assert toy in experiments.names("laboratory") and toy not in experiments.names("exercise")
    assert main(["experiment", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["experiments"][toy] == "Toy: dead inputs shrink by the exact factor"
    out = tmp_path / "run"
    assert main(["experiment", "toy", "--out", str(out), "--json"]) == 0
    (verdict,) = json.loads(capsys.readouterr().out)["verdicts"]
    assert (verdict["claim"], verdict["verdict"]) == ("toy law", "holds")
    assert json.loads((out / "verdicts.json").read_text())["verdicts"] == [verdict]
    assert {path.name for path in out.iterdir()} == {
        *("settings.json", "verdicts.json", "verdicts.svg", "report.md", "report.html"),
        *(f"toy_law{end}" for end in ("", ".svg", ".png")),
    }
    page, text = ((out / name).read_text(encoding="utf-8") for name in ("report.html", "report.md"))
    for shown in (page, text):
        assert "Laws of weight decay, measured" in shown and "what is small enough to see through." in shown
        assert "toy: WITHIN" in shown and "of the toy 0 to 4" in shown and "lmbda_crit" not in shown
        assert "Nielsen&#39;s claims" not in shown and "four claims" not in shown and "relative error" in shown
        assert "after results had been seen" not in shown  # its one tolerance was not chosen so
    assert main(["report", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == [verdict]
    assert main(["figure", toy, str(out), "-o", str(tmp_path / "x.svg")]) == 0
    assert figure_sources.drawn_from("phase") == (toy,)


def test_a_report_of_two_collections_has_the_words_of_both(toy: str) -> None:
    about = reporting.about_all([experiments.load(CLAIM_2), experiments.load(toy), experiments.load(NAMES[3])])
    assert about.title == "Experiments on weight decay" and about.introduction.startswith("An MLP with L2")
    assert [word for word, _ in about.glossary] == ["dead inputs", "toy"]
    exercise = [experiments.load(name) for name in NAMES]
    alone = reporting.about_all(exercise)
    deciding = [one for experiment in exercise for one in experiment.tolerances(QUICK)]
    assert not alone.chosen_after and reporting.about_all(exercise, deciding).chosen_after
    assert (alone.title, alone.heading) == (
        "Nielsen's claims about weight decay", "Nielsen's four claims about weight decay",
    )  # fmt: skip


def test_settings_of_two_kinds_are_stored_and_read_again(toy: str, tmp_path: Path) -> None:
    toys = dataclasses.replace(experiments.load(toy).preset("digits", "quick"), eta=0.2)
    from experiments import stored_settings

    stored_settings.write(tmp_path / "settings.json", {CLAIM_2: TINY, toy: toys}, "quick", "a command")
    content = json.loads((tmp_path / "settings.json").read_text())
    assert content["hidden"] == 4 and content["presets"][toy]["eta"] == 0.2 and content["experiments"] == [CLAIM_2, toy]
    assert run_folder.settings(tmp_path).presets == {CLAIM_2: TINY, toy: toys}
    content["presets"][toy]["repeats"] = 0
    (tmp_path / "settings.json").write_text(json.dumps(content))
    with pytest.raises(ForeignFileError, match=r"repeats is 0: a whole number of 1 to"):
        run_folder.settings(tmp_path)


def test_a_stored_sweep_of_other_settings_is_no_result_of_a_toy(toy: str, tmp_path: Path) -> None:
    judged = experiments.run(toy, out=tmp_path / "run", progress=False)
    settings = tmp_path / "run" / "settings.json"
    settings.write_text(settings.read_text().replace('"eta": 0.1', '"eta": 0.7'))
    with pytest.raises(ForeignFileError, match=r"its eta 0.1 is not the settings' 0.7"):
        experiments.open(judged.folder)
