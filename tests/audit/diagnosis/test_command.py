"""``wd-jax diagnose`` and ``wd.diagnose``: what is printed, what is refused, what a program reads."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

import wd_jax as wd
from tests.audit.diagnosis.trainings import CLEAN
from wd_jax.audit.diagnosis import present
from wd_jax.audit.diagnosis.vectors import is_vector
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.cli import main


def _csv(log: TrainingLog, path: Path) -> Path:
    """Write a log as our hooks do."""
    names = ["step", "lr"]
    columns = [log.time, log.lr]
    for name in log.layers:
        names += [f"weight_norm/{name}", f"weight_size/{name}", f"weight_cosine/{name}", f"gradient_norm/{name}"]
        sizes = np.full(len(log.time), log.sizes[name])
        columns += [log.norms[name], sizes, log.cosines[name], log.gradients[name]]
    rows = [
        ",".join("" if np.isnan(value) else repr(float(value)) for value in row) for row in zip(*columns, strict=True)
    ]
    path.write_text("\n".join([",".join(names), *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def log() -> TrainingLog:
    """AdamW as asked for, but on layer2."""
    return CLEAN["adamw"].but(really={2: 0.0}, steps=1000, width=100).log()


@pytest.fixture(scope="module")
def path(log: TrainingLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    return _csv(log, tmp_path_factory.mktemp("logs") / "run.csv")


def _run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        raise SystemExit(main(["diagnose", *map(str, words)]))
    printed = capsys.readouterr()
    return int(stop.value.code or 0), printed.out, printed.err


ADAMW = ("--optimiser", "torch:AdamW", "--weight-decay", "0.3")


def test_a_picture_is_written_besides(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the text as ever; another suffix is refused before the log is read."""
    plain, picture = _run(capsys, path, *ADAMW)[1], tmp_path / "pictures" / "run.svg"
    code, out, _ = _run(capsys, path, *ADAMW, "-o", picture)
    assert (code, out) == (0, f"{plain}\n{picture}\n")
    assert "<svg" in picture.read_text(encoding="utf-8")
    code, out, _ = _run(capsys, path, *ADAMW, "-o", picture, "--json")
    assert json.loads(out)["figure"] == str(picture)
    bare = tmp_path / "bare.csv"
    bare.write_text("step,lr\n" + "\n".join(f"{step},0.01" for step in range(30)), encoding="utf-8")
    plain, picture = _run(capsys, bare, *ADAMW)[1], tmp_path / "none.svg"
    code, out, err = _run(capsys, bare, *ADAMW, "-o", picture)
    assert (code, out) == (1, plain) and "has no norm of a layer" in err and not picture.exists()
    assert json.loads(_run(capsys, bare, *ADAMW, "-o", picture, "--json")[1])["figure"] is None
    code, _, err = _run(capsys, "no.csv", *ADAMW, "-o", "run.gif")
    assert code == 2 and err.startswith("error: --out run.gif: the suffix must be one of .svg")


def test_the_answer_stands_first(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for the log, the layers, the finding with its remedy, then what cannot be said."""
    code, out, _ = _run(capsys, path, *ADAMW, "--scale-invariant", "layer*")
    assert code == 0
    assert out.splitlines()[0] == "1 mistake seen: no decay on a layer"
    order = [out.index(word) for word in ("optimiser", "layer2.weight", "1. no decay on a layer", "remedy:")]
    assert order == sorted(order)
    assert max(map(len, out.splitlines())) < 160


def test_the_same_as_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What Python's record has."""
    _, out, _ = _run(capsys, path, *ADAMW, "--scale-invariant", "layer*", "--json")
    record = json.loads(out)
    assert record["findings"][0]["layers"] == ["layer2.weight"]
    assert [one["name"] for one in record["layers"]] == [f"layer{k}.weight" for k in range(4)]
    assert 0.5 < record["layers"][0]["decay_seen_over_asked"] < 1.5
    found = wd.diagnose(path, "torch:AdamW", weight_decay=0.3, scale_invariant="layer*")
    assert [one.kind for one in found.findings] == [record["findings"][0]["kind"]]
    assert isinstance(found, wd.Diagnosis)


def test_columns_by_other_names(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--map says which is which."""
    other = tmp_path / "other.csv"
    other.write_text(path.read_text(encoding="utf-8").replace("step,lr,", "my_count,my_rate,"), encoding="utf-8")
    code, out, _ = _run(capsys, other, *ADAMW, "--map", "step=my_count", "lr=my_rate", "--scale-invariant", "layer*")
    assert code == 0
    assert "no decay on a layer" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--optimiser", "torch:Adammax"), "did you mean torch:Adamax"),
        (("--optimiser", "AdamW"), "write LIBRARY:NAME"),
        (("--optimiser", "torch:AdamW", "--lr", "-1"), "--lr: -1 is not a positive finite number"),
        (("--optimiser", "torch:AdamW", "--weight-decay", "nan"), "--weight-decay: nan"),
        (("--optimiser", "torch:SGD", "--momentum", "1"), "--momentum: 1 is not at least 0 and below 1"),
        (("--optimiser", "torch:AdamW", "--map", "lr"), "--map lr: no column: write NAME=COLUMN"),
        (("--optimiser", "torch:AdamW", "--dtype", "int8"), "--dtype"),
        (("--optimiser", "torch:AdamW", "--steps-per-epoch", "0"), "--steps-per-epoch: 0"),
        (("--optimiser", "torch:AdamW", "--first", "2"), "--first: 2 is not 0 or 1"),
    ],
)
def test_what_cannot_be_meant(path: Path, words: tuple, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One clear line, exit code 2."""
    code, out, err = _run(capsys, path, *words)
    assert code == 2
    assert not out
    assert len(err.strip().splitlines()) == 1
    assert said in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--scale-invariant", "conv*"), "no layer of"),
        (("--weight-decay", "300"), "a step would take"),
    ],
)
def test_what_does_not_fit_the_log(path: Path, words: tuple, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One clear line, exit code 1."""
    code, _, err = _run(capsys, path, "--optimiser", "torch:AdamW", *words)
    assert code == 1
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that names it."""
    code, _, err = _run(capsys, tmp_path / "no.csv", *ADAMW)
    assert code == 1
    assert "no.csv" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(("first", "shift"), [(0, 10), (1, 0)])
def test_from_which_number_a_log_counts(tmp_path: Path, first: int, shift: int, capsys: pytest.CaptureFixture) -> None:
    """Keras' epoch 0 is the end of the first: times shown count epochs that were trained, and nothing else changes."""
    rows = "".join(f"{epoch},1e-3,{5 + 0.01 * (-1) ** epoch}\n" for epoch in range(40))
    (path := tmp_path / "keras.csv").write_text(f"epoch,lr,weight_norm/fc\n{rows}", encoding="utf-8")
    said = {"weight_decay": 1.0, "steps_per_epoch": 100}
    plain, found = (wd.diagnose(path, "keras:AdamW", **said, **more) for more in ({}, {"first": first}))
    assert plain.layers[0].since is not None
    assert found.layers[0].since == plain.layers[0].since + shift / 10
    assert found.total == plain.total
    (note,) = [one for one in found.notes if "was said" in one]
    assert f"first epoch was said to have the number {first}" in note
    assert f"epoch 0 is after {shift // 10} of them" in note
    _, out, _ = _run(capsys, path, "--optimiser", "keras:AdamW", "--weight-decay", 1, "--first", first)
    assert note in " ".join(out.split())


def test_hundreds_of_layers_are_folded(log: TrainingLog) -> None:
    """Layers that agree share a row."""
    names = [f"h.{k}.attn.weight" for k in range(200)]
    many = dataclasses.replace(
        log, norms=dict.fromkeys(names, log.norms["layer0.weight"]),
        sizes=dict.fromkeys(names, 100), cosines={}, gradients={},
    )  # fmt: skip
    found = wd.diagnose(many, "torch:AdamW", weight_decay=0.3)
    assert len(found.layers) == 200
    assert len(present.rows(found.layers)) <= 3
    assert "200 layers: h.0.attn.weight ... h.199.attn.weight" in repr(found)
    assert len(repr(found).splitlines()) < 40


def test_a_notebook_shows_it(log: TrainingLog) -> None:
    """As a table, with what users wrote escaped."""
    named = dataclasses.replace(log, source="<script>")
    shown = wd.diagnose(named, "torch:AdamW", weight_decay=0.3)._repr_html_()
    assert "<table" in shown
    assert "<script>" not in shown


def test_nothing_is_known_without_lr_and_decay(log: TrainingLog) -> None:
    """States are told all the same, and which columns would say more."""
    bare = dataclasses.replace(log, lr=None)
    found = wd.diagnose(bare, "torch:AdamW")
    assert not found.findings
    assert any("log the column lr" in one for one in found.unanswered)
    assert any("weight_decay" in one for one in found.unanswered)


def test_adam_with_l2_has_no_decay_of_its_own(log: TrainingLog) -> None:
    """Its decay is divided by the gradient's size: that is said, and nothing compared."""
    found = wd.diagnose(log, "torch:Adam", weight_decay=1e-4)
    assert not found.findings
    assert any("divided" in one for one in found.unanswered)


def test_options_beside_the_brackets() -> None:
    """Both ways give one law."""
    log = CLEAN["momentum"].but(steps=300).log()
    laws = [
        wd.diagnose(log, "torch:SGD", momentum=0.9, weight_decay=0.01).law,
        wd.diagnose(log, "torch:SGD(momentum=0.9)", weight_decay=0.01).law,
        wd.diagnose(log, "torch:SGD()", momentum=0.9, weight_decay=0.01).law,
    ]
    assert len(set(laws)) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [("conv1.bias", True), ("bn1.weight", True), ("h.3.ln_1.weight", True), ("final_norm/scale", True),
     ("conv1.weight", False), ("debias.weight", False), ("lm_head.weight", False), ("dense/kernel", False)],
)  # fmt: skip
def test_names_of_biases_and_gains(name: str, said: bool) -> None:
    """Left without decay on purpose, as a rule."""
    assert is_vector(name) == said


def test_a_pattern_means_no_biases(log: TrainingLog) -> None:
    """The cost ignores the scale of a layer before a normalisation, not that of its bias."""
    like = "layer2.weight"
    with_bias = dataclasses.replace(
        log, norms={**log.norms, "layer0.bias": log.norms[like]}, sizes={**log.sizes, "layer0.bias": 100},
        cosines={**log.cosines, "layer0.bias": log.cosines[like]},
    )  # fmt: skip
    found = wd.diagnose(with_bias, "torch:AdamW", weight_decay=0.3, scale_invariant="layer*")
    assert [one.layers for one in found.findings] == [("layer2.weight",)]
    assert not found.layers[-1].conclusive


def test_errors_speak_as_the_command(tmp_path: Path, capsys) -> None:
    """Options by the names that the command has, and the nearest layer."""
    odd = tmp_path / "odd.csv"
    odd.write_text("Iteration No.,LR (x)\n" + "".join(f"{k},0.1\n" for k in range(30)))
    assert main(["diagnose", str(odd), "--optimiser", "torch:AdamW"]) != 0
    said = capsys.readouterr().err
    assert "--map step=NAME" in said and "columns=" not in said
    log = tmp_path / "log.csv"
    log.write_text("step,lr,weight_norm/fc1.weight\n" + "".join(f"{k},0.1,{1 + k}\n" for k in range(30)))
    assert main(["diagnose", str(log), "--optimiser", "torch:AdamW", "--scale-invariant", "fc3"]) != 0
    assert "--scale-invariant fc3: no layer" in (said := capsys.readouterr().err) and "did you mean fc1.weight" in said


@pytest.mark.parametrize("optimiser", ["torch:SGD(momentun=.9)", "torch:SGD(momentum=.9"])
def test_a_slip_in_the_optimiser_is_an_error(optimiser: str, tmp_path: Path, capsys) -> None:
    """It would be diagnosed as another optimiser."""
    assert main(["diagnose", str(tmp_path), "--optimiser", optimiser]) == 2
    assert "momentum" in (said := capsys.readouterr().err) and ("did you mean" in said or "not closed" in said)
