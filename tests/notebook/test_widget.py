"""The widget without a front end: values are read and set, wrong ones refused, and it carries its program."""

import base64
import importlib.util
import json
import re
import subprocess
import sys

import pytest

import wd_jax as wd
from wd_jax.notebook import module

pytestmark = pytest.mark.numeric
anywidget = pytest.importorskip("anywidget", reason="the extra notebook")
traitlets = pytest.importorskip("traitlets", reason="the extra notebook")
EVIL = "</script><script>alert(1)</script>"


@pytest.fixture
def shown(pair):
    return wd.notebook.explorer(pair)


@pytest.fixture(scope="module")
def starts(setup32, tiny):
    return wd.sweep(
        setup32, tiny, init=["gaussian", "fan_in"], eta=[0.1, 0.3], lmbda=2.0, seeds=2, epochs=3, progress=False
    )


def test_it_opens_with_the_first_of_each_or_what_is_asked_for(pair, starts) -> None:
    assert wd.notebook.explorer(pair).setting == {"lmbda": 0.5, "eta": 0.3, "batch_size": 5, "layer": 1}
    asked = wd.notebook.explorer(starts, eta=0.2, init="fan_in", layer=2)
    assert asked.setting == {"lmbda": 2.0, "eta": 0.2, "batch_size": 5, "init": "fan_in", "layer": 2}
    assert asked.nearest == {"init": "fan_in", "eta": 0.3}
    assert asked.measured.identical(starts.sel(init="fan_in", eta=0.3))


def test_values_are_set_from_python_and_sent(shown) -> None:
    shown.lmbda = 1.5
    shown.layer = 2
    state = shown.get_state()
    assert (state["lmbda"], state["layer"], state["eta"]) == (1.5, 2, 0.3) and shown.nearest == {"lmbda": 2.0}
    assert state["momentum"] is None and state["choices"] == {}
    assert len(state["values"]) == 2 * 2 * 7 * 3 * 4
    assert {"choices", "precision", "schedules", "cells", "axes"} <= set(state["given"])
    json.dumps(state["given"], allow_nan=False)


def test_a_front_end_sets_values_too(shown) -> None:
    shown.set_state({"lmbda": 0.7})
    assert shown.lmbda == 0.7


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("lmbda", -1.0, "a number, 0 or above"),
        ("lmbda", float("inf"), "a number, 0 or above"),
        ("eta", 0.0, "a number above 0"),
        ("momentum", 0.5, "the sweep's runs have no momentum that moves anything"),
        ("batch_size", 24, "a whole number from 1 to 23"),
        ("layer", 3, "the sweep has 1, 2"),
        ("choices", {"init": "fan_in"}, "no init; the sweep has none"),
    ],
)
def test_a_wrong_value_is_refused_and_changes_nothing(shown, name: str, value, said: str) -> None:
    before = shown.setting
    with pytest.raises(traitlets.TraitError, match=said):
        setattr(shown, name, value)
    assert shown.setting == before


def test_choices_are_of_the_sweep_and_the_others_stay(starts) -> None:
    shown = wd.notebook.explorer(starts, init="fan_in")
    shown.choices = {}
    assert shown.choices == {"init": "fan_in"}
    with pytest.raises(traitlets.TraitError, match="init='zeros': the sweep has 'gaussian', 'fan_in'"):
        shown.choices = {"init": "zeros"}


def test_an_unknown_setting_is_refused(pair) -> None:
    with pytest.raises(ValueError, match=r"explorer: lamda=5: .* it has lmbda, eta, batch_size, layer"):
        wd.notebook.explorer(pair, lamda=5)


def test_without_anywidget_it_says_what_to_install(pair, monkeypatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"needs anywidget: pip install 'wd-jax\[notebook\]'"):
        wd.notebook.explorer(pair)


def test_the_door_loads_nothing_of_jupyter() -> None:
    code = "import sys, wd_jax as wd; wd.notebook; dir(wd.notebook); print([m for m in sys.modules if 'widget' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert dir(wd.notebook) == ["Explorer", "explorer", "html"]
    with pytest.raises(AttributeError, match=r"no attribute 'explore'; it has Explorer, explorer, html"):
        _ = wd.notebook.explore


def test_its_program_is_the_report_s_and_asks_for_nothing() -> None:
    from wd_jax.report.explorer import _text

    esm = module.esm()
    for name in ("explorer.evaluate.js", "explorer.words.js", "explorer.plot.js", "explorer.scales.js"):
        assert _text(name) in esm
    assert esm.rstrip().endswith("export default { render };") and "explorer.js" not in module.text("widget.js")
    urls = set(re.findall(r"https?://[^\s\"'`]+", esm))
    assert {url.split("/")[2] for url in urls} == {"www.w3.org"}  # names of SVG and MathML, which nothing asks for
    assert not re.search(r"\bfetch\(|XMLHttpRequest|\bimport\b|getElementById|innerHTML", esm)


def test_its_colours_are_those_of_the_report_for_both_themes() -> None:
    style = module.style()
    light, dark = re.findall(r"^:host.*?\{(.*?)\}", style, re.MULTILINE)[:2]
    used = set(re.findall(r"var\((--[\w-]+)\)", style))
    for theme in (light, dark):
        assert used <= set(re.findall(r"(--[\w-]+):", theme)), theme
    assert "color-scheme: dark" in dark and "color-scheme: light" in light and light != dark


def test_as_html_carries_the_setting_and_ends_no_script_early(pair) -> None:
    evil = wd.notebook.explorer(pair.assign_coords(dataset=EVIL), lmbda=1.5)
    text = evil.as_html()
    assert text.count("<script>") == text.count("</script>") == 1 and "alert(1)</script>" not in text
    assert '"lmbda": 1.5' in text and base64.b64encode(evil.values).decode() in text


def test_html_is_the_widget_s_and_needs_no_anywidget(pair, monkeypatch) -> None:
    wanted = wd.notebook.explorer(pair, lmbda=1.5, layer=2).as_html()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    text = wd.notebook.html(pair, lmbda=1.5, layer=2)
    held = [json.loads(re.search(r"modelOf\(\{ \.\.\.(\{.*\}), values", one)[1]) for one in (text, wanted)]
    assert held[0] == held[1] and text._repr_html_() == text and repr(text).startswith("HTML, ")


def test_it_says_where_it_stands(starts) -> None:
    said = repr(wd.notebook.explorer(starts))
    assert said.startswith("Explorer(lmbda=2, eta=0.1, batch_size=5, init=gaussian, layer=1); has .setting")
