"""``--config`` and ``--print-config``: a file gives the plan that its options give; what is wrong in it is one line."""

import dataclasses
import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wd_jax
from wd_jax.cli import config_file, config_text, main, seeds
from wd_jax.cli.command import UsageError
from wd_jax.cli.parsing import parse
from wd_jax.cli.sweep import Options

pytestmark = pytest.mark.numeric

PLAN = (
    "--dataset teacher --widths 16 4 4 --lmbda 1 10 --eta 0.1 --seeds 8 9 --epochs 2 --no-moved --init gaussian fan_in"
)
WHOLE = """\
dataset = "teacher"
widths = [16, 4, 4]
lmbda = [1, 1e1]
eta = 0.1
seeds = [8, 9]
epochs = 2
no_moved = true
init = ["gaussian", "fan_in"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sweep.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def options(*tokens: str) -> Options:
    found = parse(Options, "wd-jax sweep", [*tokens, "--dry-run"])
    assert isinstance(found, Options)
    return dataclasses.replace(found, config=None)


def plan(capsys: pytest.CaptureFixture[str], *tokens: str) -> dict:
    assert main(["sweep", "--dry-run", "--json", *tokens]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_file_gives_what_its_options_give(file: Path, capsys) -> None:
    assert options("--config", str(file)) == options(*PLAN.split())
    assert plan(capsys, "--config", str(file)) == plan(capsys, *PLAN.split())


def test_what_is_typed_beats_the_file(file: Path) -> None:
    found = options("--lmbda", "3", "--config", str(file), "--seeds=1")
    assert (found.lmbda, found.seeds) == ((3.0,), ("1",))
    assert (found.eta, found.epochs, found.no_moved) == ((0.1,), 2, True)
    assert options(f"--config={file}", "--batch_size", "7").batch_size == (7,)


def test_what_is_printed_gives_the_same_plan(tmp_path: Path, capsys) -> None:
    said = ["--eta-schedule", "warm_up(0.1, then=cosine)", "--hidden", "3", "4", "--out", str(tmp_path / 'a "run"')]
    typed = [*PLAN.split(), *said]
    assert main(["sweep", *typed, "--print-config"]) == 0
    path = tmp_path / "printed.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert options("--config", str(path)) == options(*typed)
    assert plan(capsys, "--config", str(path)) == plan(capsys, *typed)
    assert main(["sweep", *typed, "--print-config", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["config"] == tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_defaults_it_shows_are_those_it_has(tmp_path: Path, capsys) -> None:
    typed = ["--dataset", "teacher", "--optimiser", "lion"]
    assert main(["sweep", *typed, "--print-config"]) == 0
    path = tmp_path / "printed.toml"
    path.write_text(capsys.readouterr().out.replace("\n# ", "\n").replace("\nBy default:", ""), encoding="utf-8")
    uncommented = plan(capsys, "--config", str(path))
    bare = plan(capsys, *typed)
    assert "beta2 = 0.999\n" in path.read_text(encoding="utf-8")
    assert uncommented["settings"] == bare["settings"]


@given(
    floats=st.lists(st.floats(min_value=1e-300, max_value=1e300), min_size=1, max_size=3),
    counts=st.lists(st.integers(1, 1000), min_size=1, max_size=3),
    words=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).filter(
            lambda word: word.strip() and not word.startswith("-")
        ),
        min_size=1,
        max_size=3,
    ),
    own=st.sampled_from([("4",), ("8:9",), ("8", "9"), ("0:3", "7")]),
)
@settings(max_examples=30)
def test_any_options_come_back(tmp_path_factory, floats, counts, words, own) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    meant = Options(
        lmbda=tuple(floats), hidden=tuple(counts), eta_schedule=tuple(words), seeds=own, dataset=words[0], dry_run=True
    )
    path.write_text(config_text.text(meant), encoding="utf-8")
    assert options("--config", str(path)) == meant


@pytest.mark.parametrize(
    "value, words, read",
    [
        ("4", ("4",), 4),
        ("[8]", ("8:9",), (8,)),
        ('"0:3"', ("0:3",), (0, 1, 2)),
        ('["0:3", 7]', ("0:3", "7"), (0, 1, 2, 7)),
    ],
)
def test_seeds_in_a_file_are_those_of_python(value: str, words, read, tmp_path: Path) -> None:
    path = tmp_path / "seeds.toml"
    path.write_text(f"seeds = {value}", encoding="utf-8")
    found = options("--config", str(path)).seeds
    assert found == words and seeds.chosen(found) == read


def test_the_seeds_typed_are_the_seeds_trained(tmp_path: Path) -> None:
    line = "sweep --dataset teacher --widths 16 2 4 --epochs 1 --seeds 8:10 3 --json --out"
    assert main([*line.split(), str(tmp_path / "x.nc")]) == 0
    assert wd_jax.open(tmp_path / "x.nc").seed.values.tolist() == [8, 9, 3]


MANY = ", ".join(str(number / 2000) for number in range(1, 1001))
REFUSED = {
    "not a number": ("eta = nan", "eta: nan is not a finite number"),
    "infinite": ("lmbda = [1.0, -inf]", "lmbda[1]: -inf is not a finite number"),
    "too large": ("lmbda = 1e400", "lmbda: '1e400' is above 1.8e308"),
    "negative": ("eta = [0.1, 0.2, -0.1, -0.2]", "eta[2]: -0.1 is not a positive finite number"),
    "negative, of all": ("eta = -1", "eta: -1 is not a positive finite number"),
    "zero": ("batch_size = [10, 0]", "batch_size[1]: 0 is too small"),
    "a twice-given key": ("eta = 0.1\n# more\neta = 0.2", "line 3, eta: given twice"),
    "an unknown key": ("lamda = 5", "lamda: unknown key: "),
    "a slip": ("batch_sise = 5", "batch_sise: unknown key: give batch_size=5: "),
    "a dash": ("batch-size = 5", "batch-size: unknown key: give batch_size=5: "),
    "another library's key": ("lr = 0.1", "lr: unknown key: give eta=0.1: "),
    "a number in quotes": ('eta = [0.1, "1e-3"]', "eta[1]: '1e-3' is a string and not a number: write 1e-3, without"),
    "a count in quotes": ('epochs = "3"', "epochs: '3' is a string and not a whole number: write 3, without"),
    "seeds in quotes": ('seeds = "8"', "seeds: '8' is a string and not a whole number: write 8, without"),
    "half a seed": ("seeds = [1, 2.5]", "seeds[1]: '2.5' is not a whole number"),
    "a seed twice": ('seeds = ["0:4", 3]', "seeds: the seed 3 is given twice"),
    "no seed": ("seeds = 0", "seeds: 0 is too small"),
    "a fraction": ("epochs = 3.0", "epochs: '3.0' is not a whole number: write 3"),
    "a truth": ("epochs = true", "epochs: true is not a whole number"),
    "no truth": ("keep_weights = 1", "keep_weights: 1 is not true or false"),
    "a word of no choice": ('init = ["fan_in", "gausian"]', "init[1]: 'gausian': "),
    "a method of no choice": ('method = "quick"', "method: 'quick': "),
    "words for one": ('dataset = ["digits", "mnist"]', "dataset: a list, and one value is taken"),
    "a list in a list": ("eta = [[0.1]]", "eta[0]: a list inside a list is not a number"),
    "an empty list": ("eta = []", "eta: an empty list"),
    "an empty word": ('dataset = " "', "dataset: ' ' names nothing"),
    "a zero byte": ('dataset = "a\\u0000b"', "names nothing"),
    "an option for a word": ('dataset = "--overwrite"', "dataset: '--overwrite' begins with a dash"),
    "a date": ("eta = 2026-01-01", "eta: a date is not a number"),
    "a table": ("[sweep]\neta = 0.1", "sweep: a table, which no option is"),
    "replacing": ("overwrite = true", "overwrite: not taken from a file: type --overwrite"),
    "another file": ('config = "b.toml"', "config: not taken from a file"),
    "a word without quotes": (
        "epochs = 2\ninit = fan_in",
        "line 2, init: invalid value: write words in quotation marks",
    ),
    "no TOML": ("eta: 0.1", "line 1: expected '=' after a key in a key/value pair"),
    "a million units": ("hidden = 1000000000000", "hidden: hidden=1000000000000: at most"),
    "a number of 5000 digits": (f"epochs = {'9' * 5000}", "a value is too deep or too long"),
    "a number of many digits": (f"epochs = 0x{'f' * 9000}", "epochs: a whole number of over 4000 digits is too large"),
    "lists without end": (f"eta = {'[' * 100_000}", "a value is too deep or too long"),
    "a key without end": (f"a{'.a' * 400_000} = 1", "a key of too many parts"),
    "a table without end": (f"[a{'.a' * 400_000}]", "a key of too many parts"),
    "a table in a line": (f"eta = {{ b = 1, a{' . a' * 100_000} = 2 }}", "a key of too many parts"),
    "a word without end": (f"{'a' * 900_000} = 1", "unknown key: see"),
    "a file without end": ("#" * (config_file.MOST_BYTES + 1), "over 1 MiB"),
}


def refusal(capsys, *tokens: str) -> str:
    assert main(["sweep", "--dry-run", *tokens]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("error: ") and err.endswith("\n") and err.count("\n") == 1
    return err.removeprefix("error: ").rstrip()


@pytest.fixture
def nothing_is_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("wd_jax.sweeps.plan.make_plan", "wd_jax.cli.datasets.load"):
        monkeypatch.setattr(name, lambda *_, **__: pytest.fail("read data or planned"))


@pytest.mark.usefixtures("nothing_is_planned")
@pytest.mark.parametrize("text, named", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_meant_is_refused_by_its_key(text: str, named: str, tmp_path: Path, capsys) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    said = refusal(capsys, "--config", str(path))
    assert str(path) in said and named in said
    assert len(said) < 400 and "Traceback" not in said


@pytest.mark.usefixtures("nothing_is_planned")
def test_a_grid_of_a_thousand_million_cells_is_refused_before_it_is_made(tmp_path: Path, capsys) -> None:
    path = tmp_path / "grid.toml"
    path.write_text(f"eta = [{MANY}]\nlmbda = [{MANY}]\nmomentum = [{MANY}]", encoding="utf-8")
    assert refusal(capsys, "--config", str(path)).startswith("1000000000 members (1000000000 cells): at most 1000000")


@pytest.mark.parametrize(
    "make, named",
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b"eta = 0.1 # \xff"), "byte 12 is not UTF-8"),
        (lambda path: path.write_text("eta = 0.1", encoding="utf-16"), "byte 0 is not UTF-8"),
    ],
    ids=["absent", "folder", "latin", "utf-16"],
)
def test_what_is_no_file_of_text_is_refused(make, named: str, tmp_path: Path, capsys) -> None:
    make(tmp_path / "c.toml")
    said = refusal(capsys, "--config", str(tmp_path / "c.toml"))
    assert said.startswith("--config: ") and named in said


def test_a_mark_of_the_byte_order_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_text("eta = 0.3", encoding="utf-8-sig")
    assert options("--config", str(path)).eta == (0.3,)


def test_a_place_to_write_may_stand_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "out.toml"
    path.write_text('out = "runs/x"', encoding="utf-8")
    found = parse(Options, "wd-jax sweep", ["--config", str(path)])
    assert isinstance(found, Options) and found.out == Path("runs/x")
    path.write_text("eta = 0.1", encoding="utf-8")
    with pytest.raises(UsageError, match="--out: missing"):
        parse(Options, "wd-jax sweep", ["--config", str(path)])


def test_a_file_can_hold_every_option_of_the_sweep() -> None:
    """A new option of a kind that a file cannot hold would be noticed here."""
    for option in config_file.tokens.named(Options).values():
        assert option.kind in (bool, int, float, str, Path) or option.choices
