"""The picture of a log's diagnosis: what stands in it is what the log and the law say, and what cannot is refused."""

import math
import pickle

import numpy as np
import pytest
from matplotlib.figure import Figure

import wd_jax as wd
from derivations import derive
from tests.audit.diagnosis.trainings import CLEAN
from wd_jax.audit.diagnosis.diagnosis import Diagnosis
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.figures import style
from wd_jax.figures.plots import diagnosis

pytestmark = pytest.mark.numeric


@pytest.fixture(scope="module")
def log() -> TrainingLog:
    """AdamW as asked for, but on layer2."""
    return CLEAN["adamw"].but(really={2: 0.0}, width=100).log()


@pytest.fixture(scope="module")
def found(log: TrainingLog) -> Diagnosis:
    return wd.diagnose(log, "torch:AdamW", weight_decay=CLEAN["adamw"].decay, scale_invariant="layer*")


def test_the_lines_are_the_log_and_the_decay_asked_for(log: TrainingLog, found: Diagnosis) -> None:
    drawn = wd.figures.diagnosis(found)
    assert next(iter(drawn.artists)) == "layer2.weight" and len(drawn.artists) == len(log.layers)
    for name, artists in drawn.artists.items():
        wrong = name == "layer2.weight"
        norm = artists[diagnosis.WRONG if wrong else diagnosis.NORM]
        assert np.array_equal(norm.get_ydata(), log.norms[name])
        left, wanted, epsilon = log.norms[name][0], [log.norms[name][0]], float(log.lr[0]) * CLEAN["adamw"].decay
        for step in range(1, int(log.time[-1]) + 1):
            left *= 1 - epsilon
            if step % CLEAN["adamw"].every == 0:
                wanted.append(left)
        alone = artists[diagnosis.ALONE].get_ydata()
        assert alone == pytest.approx(wanted, rel=1e-9)  # 2000 products in float64
    titles = [ax.get_title() for ax in drawn.axes]
    assert "no decay on a layer" in titles[0] and not any("\n" in title for title in titles[1:])
    assert drawn.title == f"{found.headline} (torch:AdamW)"


def test_the_laws_size_at_rest_stands_over_the_records_that_rest() -> None:
    training = CLEAN["adamw"].but(kind="noise", width=2000, steps=4000, layers=2)
    log = training.log()
    found = wd.diagnose(log, "torch:AdamW", weight_decay=training.decay, scale_invariant="layer*")
    law = derive("adamw").formulas["weight_rms"](eta=training.lr, lmbda=training.decay, n=1, beta1=0.9)
    artists = wd.figures.diagnosis(found).artists
    assert [one.state for one in found.layers] == ["at rest"] * 2
    for one in found.layers:
        band = artists[one.name][diagnosis.LAW].get_paths()[0].vertices
        assert (band[:, 0].min(), band[:, 0].max()) == (one.since, log.time[-1])
        assert band[:, 1] == pytest.approx(np.full(len(band), math.sqrt(2000) * law), rel=1e-9)
        assert artists[one.name][diagnosis.REST].get_x() == one.since


def test_a_layer_that_moves_has_no_size_at_rest(found: Diagnosis) -> None:
    artists = wd.figures.diagnosis(found).artists
    assert all(diagnosis.REST not in artists[one.name] for one in found.layers if one.state != "at rest")


@pytest.mark.parametrize("width", style.WIDTHS)
def test_nothing_overlaps(found: Diagnosis, width: style.Width, layout) -> None:
    assert not layout.overlapping(wd.figures.diagnosis(found, width=width).figure)


def test_long_names_dollars_and_weights_that_are_gone() -> None:
    long = "encoder.layers.11.self_attention.projection_$out$.weight"
    steps = np.arange(0.0, 101.0)
    norms = {long: np.where(steps < 50, 0.5**steps, 0.0), "gone": np.zeros(101), "tiny": 1e-3**steps}
    found = wd.diagnose(TrainingLog("a run", "NumPy", steps, "epoch", norms), lr=1e-3, weight_decay=0.1)
    drawn = wd.figures.diagnosis(found)
    assert list(drawn.artists) == [long, "tiny"]
    first, second = drawn.axes
    assert first.get_title().startswith("…") and first.get_title().split(":")[0].endswith(r"\$out\$.weight")
    assert first.get_xlabel() == "epoch" and diagnosis.ALONE not in drawn.artists[long]
    low, high = second.get_ylim()
    assert high / low < 2 * diagnosis.SPAN


def test_six_layers_at_most_those_with_a_mistake_among_them() -> None:
    training = CLEAN["adamw"].but(layers=9, really={8: 0.0}, width=40, steps=1000)
    found = wd.diagnose(training.log(), "torch:AdamW", weight_decay=training.decay, scale_invariant="layer*")
    assert [one.layers for one in found.findings] == [("layer8.weight",)]
    drawn = wd.figures.diagnosis(found)
    assert list(drawn.artists) == ["layer8.weight", *(f"layer{k}.weight" for k in range(5))]
    assert drawn.title.endswith("(torch:AdamW, 6 of 9 layers)")
    ax = Figure().subplots()
    assert list(wd.figures.diagnosis(found, ax, layer="layer7.weight").artists) == ["layer7.weight"]


def test_decay_that_the_log_does_not_say_is_a_band() -> None:
    """A canary, a record every 500 steps, the rate ten times smaller right after the third of them."""
    steps = np.arange(0.0, 3001.0, 500.0)
    rates = np.where(steps <= 1000, 1e-2, 1e-3)
    left, norms = 1.0, [1.0]
    for step in range(3000):
        left *= 1 - (1e-2 if step <= 1000 else 1e-3) * 0.1
        norms += [left] * ((step + 1) % 500 == 0)
    found = wd.diagnose(
        TrainingLog("a run", "NumPy", steps, "step", {"canary": np.array(norms)}, lr=rates), weight_decay=0.1
    )
    artists = wd.figures.diagnosis(found).artists["canary"]
    known = artists[diagnosis.ALONE].get_ydata()
    assert known[:3] == pytest.approx(norms[:3], rel=1e-9) and np.isnan(known[3:]).all()
    curve = found.curves["canary"]
    assert (curve.decayed.low <= np.array(norms) * (1 + 1e-9)).all()
    assert (np.array(norms) <= curve.decayed.high * (1 + 1e-9)).all()
    band = artists[diagnosis.BETWEEN].get_paths()[0].vertices
    assert band[:, 0].min() == 1000 and band[:, 1].min() == pytest.approx(curve.decayed.low[-1])


def test_a_layer_that_starts_at_0_or_ends_infinite_or_has_one_record() -> None:
    steps = np.arange(0.0, 101.0)
    norms = {"bias": steps / 100, "blown": np.where(steps < 60, 1 + steps, np.inf)}
    found = wd.diagnose(TrainingLog("a run", "NumPy", steps, "step", norms), lr=1e-3, weight_decay=0.1)
    drawn = wd.figures.diagnosis(found)
    assert diagnosis.ALONE not in drawn.artists["bias"] and diagnosis.ALONE in drawn.artists["blown"]
    assert "infinite from step 60" in drawn.axes[1].get_title()
    assert all(ax.get_xlim()[1] > 100 for ax in drawn.axes)
    one = wd.diagnose(TrainingLog("a run", "NumPy", steps[:1], "step", {"w": np.ones(1)}), lr=1e-3, weight_decay=0.1)
    assert wd.figures.diagnosis(one).artists["w"][diagnosis.NORM].get_marker() == "o"
    pickle.loads(pickle.dumps(found))


@pytest.mark.parametrize(("low", "high"), [(0.9, 1.0), (0.998, 1.0), (4.1, 6.9), (0.3, 2.9)])
def test_an_axis_under_a_decade_has_three_ticks_or_more(low: float, high: float) -> None:
    steps = np.arange(0.0, 101.0)
    found = wd.diagnose(TrainingLog("a run", "NumPy", steps, "step", {"w": np.linspace(high, low, 101)}))
    (ax,) = wd.figures.diagnosis(found).axes
    bottom, top = ax.get_ylim()
    assert sum(bottom <= tick <= top for tick in ax.get_yticks()) >= 3
    texts = [label.get_text() for label in ax.get_yticklabels()]
    assert len(set(texts)) == len(texts)


def test_what_cannot_be_drawn_is_refused_in_one_line(found: Diagnosis) -> None:
    bare = TrainingLog("a run", "NumPy", np.arange(9.0), "step", {}, lr=np.ones(9))
    zeros = wd.diagnose(TrainingLog("a run", "NumPy", np.arange(9.0), "step", {"w": np.zeros(9)}))
    for draw, error, words in (
        (lambda: wd.figures.diagnosis("log.csv"), TypeError, "give what wd.diagnose(...) returns"),
        (lambda: wd.figures.diagnosis(found, layer="layer9"), ValueError, "layer='layer9': "),
        (lambda: wd.figures.diagnosis(found, layer=[]), ValueError, "at least one layer, each once"),
        (lambda: wd.figures.diagnosis(found, layer=3), ValueError, "layer=3: a training has no such layer, but "),
        (lambda: wd.figures.diagnosis(zeros), ValueError, "has no norm above 0"),
        (lambda: wd.figures.diagnosis(found, Figure().subplots()), ValueError, "or choose layers with layer="),
        (lambda: wd.figures.diagnosis(wd.diagnose(bare, weight_decay=0.1)), ValueError, "has no norm of a layer"),
    ):
        with pytest.raises(error) as caught:
            draw()
        assert words in str(caught.value) and "\n" not in str(caught.value)
