"""The page of a sweep: one file, nothing asked for, every text as text; and the command that writes it."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import wd_jax as wd
from wd_jax.cli.dispatch import main
from wd_jax.report.of_sweep import figures
from wd_jax.report.of_sweep.laws import LAWS

pytestmark = pytest.mark.numeric
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp; {{ 7 * 7 }}"
SMALL = wd.Setup(widths=(6, 5, 3), batch_size=5)


class Page(HTMLParser):
    """Names and attributes of all elements, and the text outside of style and script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.text, self.inside = "", ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        self.text += data if self.inside not in ("style", "script") else ""


@pytest.fixture(scope="module")
def runs(tiny):
    """Over lmbda, of two rules."""
    options = {"eta": 0.1, "seeds": 3, "epochs": 3, "progress": False}
    return wd.sweep(SMALL, tiny, lmbda=[0.5, 2.0], optimiser=["sgd", "adam_l2"], **options)


@pytest.fixture(scope="module")
def text(runs, tmp_path_factory: pytest.TempPathFactory) -> str:
    evil = runs.assign_coords(dataset=EVIL)
    return wd.report.write(evil, tmp_path_factory.mktemp("page") / "report.html").read_text(encoding="utf-8")


def test_the_page_is_one_file_and_shows_every_text_as_text(text: str) -> None:
    page = Page(text)
    assert len(text.encode()) < 5_000_000 and EVIL in page.text and "alert(1)</script>" not in text
    tags = [tag for tag, _ in page.elements]
    assert tags.count("script") == tags.count("style") == tags.count("h1") == 1
    addresses = [one[name] for _, one in page.elements for name in ("src", "href", "srcset") if name in one]
    assert addresses and all(one.startswith(("data:", "#")) for one in addresses)
    policy = next(one["content"] for tag, one in page.elements if one.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    ids = [one["id"] for _, one in page.elements if "id" in one]
    assert len(set(ids)) == len(ids)
    assert {one["href"][1:] for tag, one in page.elements if one.get("href", "").startswith("#")} <= {*ids}
    for tag, one in page.elements:
        assert tag != "img" or len(one["alt"].split()) > 3


def test_the_page_answers_first_and_names_every_law(text: str, runs) -> None:
    page, judged = Page(text), wd.report.judge(runs)
    plain = " ".join(page.text.split())
    assert plain.index(judged.answer) < plain.index("The laws, one by one") < plain.index("Figures")
    for law in LAWS:
        assert law.title in plain or law.name in plain, law.name
    assert "In all" in plain and "by chance alone" in plain and "the same for every sweep" in plain
    assert "--full-gradient" in plain and plain.count("Every cell (") == len(judged.laws)


def test_facts_are_told_without_names_of_the_code(text: str) -> None:
    facts = dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", text))
    assert facts["members"].endswith("of 3 seeds; 0 diverged") and "4 records" in facts["epochs"]
    assert facts["η and λ"].startswith("η = 0.1, λ = ") and "eta, lmbda" not in facts
    assert "gaussian (weights from N(0, 1))" in facts["start"] and "(" in facts["members trained"]
    assert not [fact for fact in facts.values() if "(s)" in fact]


def test_what_has_nothing_to_show_is_left_out_with_its_reason() -> None:
    runs = wd.lab("sgd", steps=200, records=40, lmbda=[0.5, 1.0, 2.0], eta=0.1, shape=20_000, seeds=3)
    still = figures.kinds(wd.report.judge(runs).parts)
    assert "plateau" in dict(still[1]) and "plateau" not in [one.name for one in still[0]]


def test_a_layer_that_is_at_rest_for_the_page_may_not_be_so_for_the_figure(monkeypatch, runs) -> None:
    monkeypatch.setattr(figures, "rest", lambda part: None)
    for at_rest in (False, True):
        size = xr.Dataset({"weight_rms": ("seed", [1.0 if at_rest else np.nan])})
        monkeypatch.setattr(figures.plateau, "measure", lambda one, size=size: size)
        why = figures._no_plateau(None, runs)
        assert bool(why) != at_rest and at_rest != ("less than 1 %" in why and "10 %" in why)


def test_layers_side_by_side_have_marks_and_a_legend(runs) -> None:
    drawing = figures.ratios(wd.report.judge(runs).found)
    figure = drawing.draw()
    (legend,) = figure.legends
    said = [text.get_text() for text in legend.get_texts()]
    assert said[-2:] == ["layer 1", "layer 2"] and "shape says which layer" in drawing.caption
    handles = legend.legend_handles[-2:]
    assert len({handle.get_marker() for handle in handles}) == 2


def test_a_sweep_without_its_start_is_one_line_with_the_remedy(runs) -> None:
    with pytest.raises(ValueError, match=r"begins at epoch 2: .* give all records of the sweep"):
        wd.report.judge(runs.isel(epoch=slice(2, None)))


def test_a_folder_in_place_of_a_file_is_refused(runs, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a folder: name a file"):
        wd.report.write(runs, tmp_path)


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in a folder."""
    out = tmp_path_factory.mktemp("sweeps") / "run"
    wd.sweep(SMALL, tiny, lmbda=[0.5, 2.0], eta=0.3, seeds=2, epochs=2, progress=False, out=out)
    return out


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_NUM_CPU_DEVICES", "1")


def told(capsys: pytest.CaptureFixture, *words: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of ``wd-jax report``."""
    code = main(["report", *map(str, words)])
    found = capsys.readouterr()
    return code, found.out, found.err


@pytest.mark.usefixtures("machine")
def test_the_command_writes_the_page_of_a_folder_and_of_a_file(folder: Path, tmp_path: Path, capsys) -> None:
    code, out, err = told(capsys, folder, "--json")
    record = json.loads(out)
    assert (code, err) == (0, "") and record["out"] == str(folder / "report.html")
    page = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert record["answer"] in " ".join(page.text.split()) and record["verdicts"][0]["verdict"] == "holds"
    assert "wd-jax " in page.text and "verify" not in err
    file = tmp_path / "decay.nc"
    wd.open(folder).drop_vars("status").to_netcdf(file, engine="scipy")
    for words, written in (((file,), "decay.report.html"), ((file, "--out", tmp_path / "own.html"), "own.html")):
        code, out, err = told(capsys, *words)
        assert code == 0 and (tmp_path / written).is_file() and written in out
    assert main(["verify", str(folder)]) == 0  # the page beside the tasks is no damage
    capsys.readouterr()


@pytest.mark.usefixtures("machine")
def test_a_run_that_goes_on_has_a_page_of_what_is_there(tiny, tmp_path: Path, capsys) -> None:
    from wd_jax.sweeps import planning
    from wd_jax.sweeps.plan import make_plan

    plan = make_plan(SMALL, tiny, {"lmbda": [0.5, 2.0]}, seeds=2, epochs=2)
    planning.begin(plan, tmp_path / "run", overwrite=False, made_by="wd-jax sweep --lmbda 0.5 2")
    code, _, err = told(capsys, tmp_path / "run")
    assert code == 1 and "no member of this sweep has been trained yet" in err and err.count("\n") == 1
    planned = ["--dataset", "null", "--widths", "16", "4", "4", "--hidden", "3", "5", "--lmbda", "1", "--seeds", "2"]
    half = str(tmp_path / "half")
    assert main(["sweep", *planned, "--epochs", "2", "--out", half, "--plan-only"]) == 0
    assert main(["worker", half, "--shard", "2/2"]) == 0
    capsys.readouterr()
    code, out, err = told(capsys, half, "--json")
    record = json.loads(out)
    assert code == 0 and record["missing"] == 2 and "2 of 4 members are missing" in err
    page = " ".join(Page((tmp_path / "half" / "report.html").read_text(encoding="utf-8")).text.split())
    assert "2 of 4 members are missing" in page and "command that trained" in page and "hidden 5" in page


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere",), 1, "nowhere: no such file or folder: name a folder that reproduce"),
        (("empty",), 1, "empty: a folder that holds neither a run nor a sweep: name a folder that reproduce"),
        (("above",), 1, "name one of those in it: above/run"),
        (("notes.txt",), 1, "notes.txt: not a NetCDF result; name the folder or the .nc file"),
        (("other.nc",), 2, "a NetCDF file, but not one that wd_jax wrote"),
        (("above/run", "--out", "page.nc"), 2, "--out page.nc: the page is HTML: give a name that ends in .html"),
        (("above/run", "--dataset", "x.csv"), 2, "--dataset x.csv: above/run is a sweep, whose page needs no data"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    words, code, said, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("above").mkdir()
    shutil.copytree(folder, "above/run")
    Path("notes.txt").write_text("notes")
    import xarray as xr

    xr.Dataset({"a": ("x", np.ones(3))}).to_netcdf("other.nc", engine="scipy")
    found, out, err = told(capsys, *words)
    assert (found, out) == (code, "") and said in err, err
    assert err.count("\n") == 1 and not re.search(r"Traceback", err)
