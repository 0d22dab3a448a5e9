"""Who follows which law: names, settings, misses; and the stored records, where they hold the same optimiser."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import wd_jax
from wd_jax.audit.translation import recorded, runs
from wd_jax.audit.translation.find import LIBRARIES, find
from wd_jax.audit.translation.specification import read

pytestmark = pytest.mark.numeric
RECORDS = sorted((Path(wd_jax.__file__).parent / "audit" / "records").glob("*.json"))
MEASURED = {
    "torch:AdamW": (0.999, 0.990045, 0.992525),
    "torch:SGD(momentum=.9)": (0.999, 0.9589791, 0.9729095),
    "torch:SGD(momentum=.9,nesterov)": (0.9980999, 0.9533366, 0.9682508),
    "torch:SGD(momentum=.9,dampening=.9)": (0.999, 0.9900136, 0.9925073),
    "timm:adan": (0.999001, 0.9900542, 0.9925312),
    "timm:adoptw": (1.0, 0.991036, 0.9935184),
    "timm:lookahead_adamw": (0.999, 0.990045, 0.992525),
    "torch-optimi:Ranger": (0.999, 0.9930257, 0.9952632),
    "schedulefree:AdamWScheduleFree": (0.999, 0.9945112, 0.9952582),
    "mosaicml:DecoupledAdamW": (0.9899999, 0.9043822, 0.927452),
    "optax:adafactor(weight_decay_rate)": (0.99, 0.9043821, 0.9043821),
    "chainer:NesterovAG(.9) + hook": (0.99729, 0.9482937, 0.9580361),
    "chainer:Adam(weight_decay_rate,eta=.1)": (0.999, 0.990045, 0.990045),
    "mxnet:SGD(momentum=.9)": (0.999, 0.9589791, 0.9654105),
    "tinygrad:SGD(momentum=.9,classic)": (0.999, 0.9589791, 0.9654105),
    "tinygrad:SGD(momentum=.9)": (0.999, 0.9589791, 0.9729096),
}
"""Ones after 1, 10, and 10 steps with the rate halved at 5; lr 0.1, weight decay 0.01, float32, November 2026."""


def left(spec: str, steps: int, halved: bool = False) -> float:
    law = find(spec).law
    rates = np.where(np.arange(steps) < 5, 1.0, 0.5 if halved and law.reach != "absolute" else 1.0)
    return math.exp(runs.log_left(law, 0.01, law.gain(0.1, batch=1) * rates))


@pytest.mark.parametrize("spec", MEASURED)
def test_a_law_gives_what_was_measured(spec: str) -> None:
    assert (left(spec, 1), left(spec, 10), left(spec, 10, True)) == pytest.approx(MEASURED[spec], abs=1.5e-6)


def stored() -> list[tuple[str, dict]]:
    """Each stored setting whose law has a number that can be compared."""
    found = []
    for file in RECORDS:
        rows = json.loads(file.read_text(encoding="utf-8"))
        for row in rows if isinstance(rows, list) else rows.get("records", rows.get("rows", [])):
            found.append((f"{row['library']}:{row['optimiser']}", row["numbers"]))
    return found


@pytest.mark.parametrize("spec, numbers", stored() or [pytest.param("", {}, marks=pytest.mark.skip("no records yet"))])
def test_a_law_gives_what_is_stored(spec: str, numbers: dict) -> None:
    try:
        found = find(spec)
    except ValueError:
        return  # not in the table
    if found.law.link in ("none", "averaged") or found.unread or found.law.facts.get("rms"):
        return  # of averaged weights some records have the training point
    if spec in ("sklearn:SGDClassifier", "sklearn:SGDRegressor"):
        return  # at their own schedule
    if abs((numbers.get("matrix_after_1_without_decay") or 1.0) - 1) > 1e-7:
        return  # something besides the decay moves the weights
    for name, value in (
        ("matrix_after_1", left(spec, 1)),
        ("matrix_after_10", left(spec, 10)),
        ("matrix_after_10_lr_halved_at_5", left(spec, 10, True)),
    ):
        if numbers.get(name) is not None:
            assert value == pytest.approx(numbers[name], abs=2e-6), name


@pytest.mark.parametrize(
    "text, words",
    [
        ("AdamW", "write LIBRARY:NAME"),
        ("torch:", "write LIBRARY:NAME"),
        ("trch:AdamW", "did you mean torch?"),
        ("torch:Adammax", "did you mean torch:Adamax"),
        ("nowhere:AdamW", "known: torch, timm"),
        ("keras:Rprop", "did you mean keras:RMSprop"),
        ("torch:SGD(momentum=2)", "momentum=2: give a momentum of at least 0 and below 1"),
        ("torch:SGD(momentum=much)", "momentum='much': give a number"),
        ("torch:SGD(momentum=.9,nesterov,dampening=.5)", "Nesterov's momentum has none"),
        ("optax:chain(sgd, adam)", "add_decayed_weights directly before"),
        ("torch:AdamW(weight_decay=.1)", "leave it out of the brackets"),
        ("torch:AdamW(weight_decouple=False)", "what weight_decouple does to the decay is not known"),
        ("torch:SGD(momentum=.9,momentum=.8)", "given twice"),
        ("torch:" + "A" * 400, "write LIBRARY:NAME"),
    ],
)
def test_what_is_not_known_is_one_line(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        find(text)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "one, other",
    [
        ("pytorch:adamw", "torch:AdamW"),
        ("scikit-learn:MLPClassifier", "sklearn:MLPClassifier"),
        ("mosaicml:DecoupledAdamW", "composer:DecoupledAdamW"),
        ("torch-optimi:AdamW", "optimi:AdamW"),
        ("mindspore:nn.SGD", "mindspore:SGD"),
        ("tensorflow:SGD", "keras:SGD"),
    ],
)
def test_other_names(one: str, other: str) -> None:
    assert find(one).law == find(other).law and find(one).library == find(other).library


def test_a_setting_that_nobody_looked_at_is_said() -> None:
    found = wd_jax.translate("optax:adamw(mu_dtype=bfloat16)", lr=0.1, weight_decay=0.1, to="keras:AdamW")
    assert found.warnings == (
        "optax:adamw(mu_dtype=bfloat16): mu_dtype is not looked at: it is taken not to change the decay",
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("torch:SGD(momentun=.9)", "momentun is no option of it: did you mean momentum?"),
        ("torch:SGD(momentum=.9,nestrov)", "did you mean nesterov?"),
        ("torch:AdamW(beta=(.9,.99))", "did you mean betas?"),
        ("torch:AdamW(frobnicate=3)", "frobnicate is no option of it: lr, "),
        ("optax:adamw(b_1=.9)", "did you mean b1?"),
        ("keras:AdamW(clip_norm=1)", "did you mean clipnorm?"),
        ("timm:sgdw(momemtum=.9)", "did you mean momentum?"),
        ("torch:SGD(momentum=.9", "a bracket is not closed: ) is missing"),
        ("torch:SGD momentum=.9)", ") closes no bracket"),
        ("torch:SGD(momentum=.9))", ") closes no bracket"),
        ("torch:SGD(momentum=.9;nesterov)", "is no option: write NAME(option=value, flag)"),
    ],
)
def test_a_slip_in_the_settings_is_refused(text: str, says: str) -> None:
    """It would be taken for the optimiser without that setting."""
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        find(text)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    "text",
    ["torch:AdamW(amsgrad)", "torch:AdamW(fused=False,eps=1e-6)", "torch:Rprop(etas=(.5,1.2))", "keras:AdamW(use_ema)",
     "optax:adamw(mu_dtype=bfloat16)", "torch:SGD(foreach)", "heavyball:AdamW(storage_dtype=bfloat16)"],
)  # fmt: skip
def test_settings_that_it_really_has_are_taken(text: str) -> None:
    """Whether a law reads them or not."""
    assert find(text).specification.options


def test_every_row_makes_a_law() -> None:
    count = 0
    for library, rows in LIBRARIES.items():
        for row in rows:
            for name in row.names.split():
                settings = ",".join(f"{key}={value}" for key, value in row.when.items())
                law = row.law(dict(row.when))
                text = f"{library}:{name}({settings})" if settings else f"{library}:{name}"
                assert str(law) and (law.link != "none" or law.why), text
                if "+" not in name:
                    assert find(text).law.link == law.link, text
                count += 1
    assert count > 200


def test_settings_are_read_not_run() -> None:
    found = read("torch:SGD(momentum=__import__('os'))")
    assert found.unread and "momentum" not in found.options


@pytest.mark.parametrize(
    "numbers, link, reach",
    [
        ((0.999, 0.990044880, 0.992525049), "plain", "rate"),
        ((0.99, 0.904382075, 0.904382075), "plain", "absolute"),
        ((0.99, 0.904382075, 0.927452041), "plain", "relative"),
        ((0.999, 0.958979105, 0.972909579), "momentum", "rate"),
        ((0.9, 0.348678440, 0.456909883), "none", "rate"),
    ],
)
def test_an_optimiser_that_only_the_records_have(numbers, link, reach, monkeypatch, tmp_path) -> None:
    names = ("matrix_after_1", "matrix_after_10", "matrix_after_10_lr_halved_at_5")
    row = {"library": "torch", "optimiser": "Novel(x=1)", "version": "9", "date": "2026-11-29", "lr": 0.1}
    row |= {"weight_decay": 0.01, "numbers": dict(zip(names, numbers, strict=True))}
    (tmp_path / "torch.json").write_text(json.dumps([row]), encoding="utf-8")
    if link == "none":  # twice the decay, the same step
        row["numbers"] |= {"matrix_after_1_decay_doubled": 0.9, "matrix_after_10_decay_doubled": 0.348678440}
        (tmp_path / "torch.json").write_text(json.dumps([row]), encoding="utf-8")
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    recorded._rows.cache_clear()
    try:
        law = find("torch:Novel(x=1)").law
        assert (law.link, law.reach) == (link, reach) and "as measured: torch 9" in law.notes[0]
        if link != "none":
            found = (left("torch:Novel(x=1)", 1), left("torch:Novel(x=1)", 10), left("torch:Novel(x=1)", 10, True))
            assert found == pytest.approx(numbers, abs=1e-6)
    finally:
        recorded._rows.cache_clear()


@pytest.mark.parametrize(
    "spec, word, library",
    [
        ("torch:AdamW", "weight_decay", "AdamW and Lion"),
        ("keras:SGD(momentum=.9)", "weight_decay", "Keras' other optimisers"),
        ("torch:SGD", "weight_decay", "momentum=0"),
        ("torch:SGD(momentum=.9)", "weight_decay", "PyTorch's SGD with momentum;"),
        ("chainer:AdamW", "weight_decay_rate", "Chainer"),
        ("optax:adafactor", "weight_decay_rate", "Chainer"),
        ("sklearn:MLPClassifier(solver=sgd,momentum=0)", "alpha", "MLPClassifier"),
        ("sklearn:SGDClassifier", "alpha", "SGDClassifier"),
    ],
)
def test_the_table_of_words_says_the_same(spec: str, word: str, library: str) -> None:
    """`wd.conventions.of` gives the lmbda whose 1 - eta lmbda/n a step is."""
    (row,) = [one for one in wd_jax.conventions.of(word) if library in one.library]
    eta, n, m, value = 0.1, 50_000, 64, 1e-3
    lmbda = row.to_lmbda(value, eta=eta, n=n, m=m, momentum=0.9)
    law = find(spec).law
    assert law.epsilon(value, eta, law.rows or m) == pytest.approx(eta * lmbda / n, rel=1e-13)


@pytest.mark.parametrize("spec", ["torch:Adam", "torch:RMSprop", "optax:lamb", "timm:lamb", "optax:lars"])
def test_what_is_no_rate_there_has_no_factor_here(spec: str) -> None:
    assert find(spec).law.link == "none"
