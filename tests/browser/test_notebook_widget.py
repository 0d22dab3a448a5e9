"""The widget in a real browser: a slider moves the figure and the value in Python's model, several do not disturb."""

import base64
import io
import json
import re
from pathlib import Path

import pytest
from PIL import Image

import wd_jax as wd

pytestmark = pytest.mark.browser
pytest.importorskip("anywidget", reason="the extra notebook")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# A host page as Jupyter is one: a model with get, set, save_changes, on and off, and a module that it renders.
HOST = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>host</title></head><body><main><h1>Host</h1>BOXES</main>
<script type="module">
ESM
class Model {
  constructor(state) { this.state = state; this.heard = []; this.saved = 0; }
  get(name) { return this.state[name]; }
  set(name, value) {
    this.state[name] = value;
    for (const [event, tell] of [...this.heard]) if (event === `change:${name}`) tell();
  }
  save_changes() { this.saved += 1; }
  on(event, tell) { this.heard.push([event, tell]); }
  off(event, tell) { this.heard = this.heard.filter((one) => one[0] !== event || one[1] !== tell); }
}
const before = Object.keys(window).length;
const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
window.models = STATES.map((state) => new Model({ ...state, values: bytes(state.values) }));
const globals = Object.keys(window).length - before;
window.ends = window.models.map((model, k) => render({ model, el: document.querySelectorAll(".box")[k] }));
window.added = Object.keys(window).length - before - globals - 1;
</script></body></html>
"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 350)))"


def state_of(shown) -> dict:
    names = ("given", "lmbda", "eta", "momentum", "batch_size", "layer", "choices")
    return {name: getattr(shown, name) for name in names} | {"values": base64.b64encode(shown.values).decode()}


@pytest.fixture(scope="module")
def sweep(tiny):
    def sweep(optimiser: str = "sgd", **asked):
        setup = wd.Setup(widths=(6, 5, 3), batch_size=5, optimiser=optimiser)
        return wd.sweep(setup, tiny, seeds=3, epochs=8, progress=False, **({"eta": 0.3, "lmbda": [0.5, 2.0]} | asked))

    return sweep


@pytest.fixture
def host(open_page, tmp_path: Path):
    """(widgets, options of a browser context) -> a page that renders them as Jupyter does."""

    def host(*shown, **options):
        states = json.dumps([state_of(one) for one in shown]).replace("<", "\\u003c")
        text = HOST.replace("BOXES", '<div class="box"></div>' * len(shown)).replace("ESM", shown[0]._esm)
        page = tmp_path / "host.html"
        page.write_text(text.replace("STATES", states), encoding="utf-8")
        one = open_page(page, **options)
        one.page.evaluate(SETTLED)
        return one.page

    return host


class Widget:
    """One widget of a page, and what it shows."""

    def __init__(self, page, k: int = 0) -> None:
        self.page, self.k, self.box = page, k, page.locator(".box").nth(k)

    def slider(self, name: str):
        return self.box.locator(f"#slider-{name}")

    def curves(self) -> list[str]:
        self.page.evaluate(SETTLED)
        return self.box.locator("path[data-curve]").evaluate_all("all => all.map((one) => one.getAttribute('d'))")

    def said(self) -> str:
        self.page.evaluate(SETTLED)
        return self.box.locator(".explorer-said").inner_text()

    def keys(self) -> str:
        self.page.evaluate(SETTLED)
        return self.box.locator("figcaption").inner_text()

    def model(self, name: str):
        return self.page.evaluate("([k, name]) => window.models[k].get(name)", [self.k, name])

    def set(self, **values) -> None:
        for name, value in values.items():
            self.page.evaluate("([k, name, value]) => window.models[k].set(name, value)", [self.k, name, value])


def test_a_slider_moves_the_figure_and_the_model(sweep, host) -> None:
    one = Widget(host(wd.notebook.explorer(sweep())))
    before, bands = one.curves(), one.box.locator("path[data-band]").count()
    assert len(before) == 2 and bands == 1 and "Measured at λ = 0.5" in one.said()
    one.slider("lmbda").press("PageUp")
    assert one.model("lmbda") > 0.5 and one.page.evaluate("window.models[0].saved") >= 1
    assert one.curves()[1] != before[1] and "No run was made at λ = " in one.said()
    one.slider("lmbda").press("End")
    assert one.curves()[0] != before[0] and "The band is of λ = 2" in one.said()


def test_a_value_from_python_moves_the_slider_and_the_figure(sweep, host) -> None:
    one = Widget(host(wd.notebook.explorer(sweep())))
    before, position = one.curves(), one.slider("lmbda").input_value()
    one.set(lmbda=2.0, layer=2)
    assert one.curves() != before and one.slider("lmbda").input_value() != position
    assert "Measured at λ = 2, η = 0.3, m = 5" in one.said() and "layer 2 (output)" in one.said()
    assert one.page.evaluate("window.models[0].saved") == 0


@pytest.mark.parametrize(
    ("optimiser", "asked", "predicts"),
    [
        ("sgd", {}, {"optimiser": "sgd"}),
        ("nesterov", {"momentum": 0.5}, {"optimiser": "nesterov", "momentum": 0.5}),
        ("momentum", {"eta": 0.03, "momentum": [0.0, 0.9]}, {"optimiser": "momentum", "momentum": 0.9}),
        ("adamw", {"eta_schedule": "cosine"}, {"optimiser": "adamw", "eta_schedule": "cosine"}),
        ("lion", {"eta": 0.01, "lmbda": [10.0, 20.0]}, {"optimiser": "lion"}),
    ],
)
def test_the_line_is_what_predict_says(sweep, host, optimiser: str, asked: dict, predicts: dict) -> None:
    runs = sweep(optimiser, **asked)
    eta, lmbda = asked.get("eta", 0.3), 1.3 * float(runs.lmbda[0])
    shown = wd.notebook.explorer(runs, **({"lmbda": lmbda} | ({"momentum": 0.9} if optimiser == "momentum" else {})))
    start = float(runs.sel(shown.nearest).weight_rms.sel(layer=1, epoch=0).mean("seed"))
    left = wd.predict(eta=eta, lmbda=lmbda, n=23, m=5, epochs=8, **predicts)
    through = optimiser in ("momentum", "nesterov")  # whose first steps, from a velocity of 0, are not the line's
    wanted = left.per_epoch_factor**8 if through else left.retained
    said = Widget(host(shown)).said()
    found = re.search(r"decay alone at .* leaves ([\d.e−]+)\.", said)
    assert found and float(found[1].replace("−", "-")) == pytest.approx(start * wanted, rel=6e-4), said
    assert ("its velocity settled" in said) == through


@pytest.mark.parametrize(
    ("setting", "optimiser", "asked", "why"),
    [
        ({}, "adam_l2", {}, "their decay has no rate of its own"),
        ({}, "sgd", {"eta_schedule": ["constant", "inverse_time(5)"]}, ""),
        ({"lmbda": 200.0}, "sgd", {}, "A step would remove 2.609 times the weight"),
        ({"lmbda": 60.0}, "momentum", {"momentum": 0.9}, "a weight oscillates here: λ is beyond"),
        ({"lmbda": 1e-7}, "sgd", {}, "float32 warning"),
        ({"lmbda": 0.0}, "sgd", {"lmbda": [0.0, 1.0]}, ""),
    ],
)
def test_why_there_is_no_line_is_said(sweep, host, setting: dict, optimiser: str, asked: dict, why: str) -> None:
    one = Widget(host(wd.notebook.explorer(sweep(optimiser, **asked), **setting)))
    curves, said = one.curves(), one.said()
    assert why in said and "NaN" not in said + "".join(curves) and "undefined" not in said
    assert bool(curves[1]) == (why in ("", "float32 warning"))


@pytest.mark.parametrize("lmbda", [0.001, 0.9, 1.1, 400.0])
def test_the_band_is_of_the_cell_that_python_names(sweep, host, lmbda: float) -> None:
    shown = wd.notebook.explorer(sweep(eta=[0.03, 0.3]), lmbda=lmbda, eta=0.1)
    found = re.search(r"measured at λ = ([\d.]+), η = ([\d.]+)", Widget(host(shown)).keys())
    assert found and {"lmbda": float(found[1]), "eta": float(found[2])} == shown.nearest


def test_several_on_a_page_do_not_disturb_each_other(sweep, host) -> None:
    runs = sweep()
    page = host(wd.notebook.explorer(runs), wd.notebook.explorer(runs, layer=2))
    one, other = Widget(page), Widget(page, 1)
    before, kept = one.curves(), other.curves()
    one.slider("lmbda").press("End")
    assert one.curves() != before and other.curves() == kept
    assert page.evaluate("document.querySelectorAll('[id], style, link').length") == 0  # of the page itself
    assert page.evaluate("window.added") == 0


def test_a_list_chooses_another_axis(sweep, host) -> None:
    one = Widget(host(wd.notebook.explorer(sweep(init=["gaussian", "fan_in"]))))
    before = one.curves()
    one.box.locator("#list-init").select_option("1")
    assert one.curves() != before and one.model("choices") == {"init": "fan_in"}


def test_it_is_taken_down_whole(sweep, host) -> None:
    page = host(wd.notebook.explorer(sweep()))
    assert page.evaluate("window.models[0].heard.length") > 0
    page.evaluate("window.ends[0]()")
    assert page.evaluate("window.models[0].heard.length") == 0


def test_it_is_as_dark_as_the_page_behind_it(sweep, host) -> None:
    page = host(wd.notebook.explorer(sweep()))
    theme = "document.querySelector('.box').firstElementChild.dataset.theme"
    assert page.evaluate(theme) == "light"
    page.evaluate("document.body.style.background = 'rgb(17, 17, 17)'")
    page.evaluate(SETTLED)
    assert page.evaluate(theme) == "dark"
    ink = page.evaluate("getComputedStyle(document.querySelector('.box').firstElementChild).color")
    assert min(map(int, re.findall(r"\d+", ink))) > 200
    bare = host(wd.notebook.explorer(sweep()), color_scheme="dark")  # on a dark desktop, and no colour behind
    for scheme, wanted in (("", "light"), ("dark", "dark"), ("light dark", "dark"), ("light", "light")):
        bare.evaluate("scheme => { document.documentElement.style.colorScheme = scheme; }", scheme)
        bare.evaluate(SETTLED)
        assert bare.evaluate(theme) == wanted, scheme


def test_a_piece_is_read_on_a_dark_desktop_in_a_page_without_colours(sweep, open_page, tmp_path, picture) -> None:
    page = tmp_path / "page.html"
    head = '<!doctype html><html lang="en"><meta charset="utf-8">SCHEME<title>x</title><body>'
    for scheme, wanted in (("", 200), ('<meta name="color-scheme" content="light dark">', 60)):
        page.write_text(head.replace("SCHEME", scheme) + wd.notebook.html(sweep()), encoding="utf-8")
        one = open_page(page, color_scheme="dark").page
        one.evaluate(SETTLED)
        picture(one, f"piece-on-dark-{wanted}")
        shot = Image.open(io.BytesIO(one.screenshot())).convert("L")
        paper = shot.getpixel((2, 2))
        ink = one.evaluate(
            "getComputedStyle(document.querySelector('div').firstElementChild.shadowRoot.querySelector('text')).fill"
        )
        level = sum(map(int, re.findall(r"\d+", ink)[:3])) / 3
        assert (paper > 200) == (wanted == 200) and abs(paper - level) > 120, (scheme, paper, ink)


def test_runs_that_diverged_are_said(tiny, host) -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5)
    with pytest.warns(UserWarning, match="lmbda"):
        runs = wd.sweep(setup, tiny, seeds=2, epochs=4, lmbda=[1.0, 1e4], eta=0.3, progress=False)
    said = Widget(host(wd.notebook.explorer(runs, lmbda=1e4))).said()
    assert "2 of 2 runs diverged there" in said and "There is no number after 4 epochs" in said


def test_one_seed_has_a_line_and_no_band(tiny, host) -> None:
    setup = wd.Setup(widths=(6, 5, 3), batch_size=5)
    runs = wd.sweep(setup, tiny, seeds=1, epochs=4, lmbda=[1.0, 2.0], eta=0.3, progress=False)
    one = Widget(host(wd.notebook.explorer(runs)))
    assert len(one.curves()) == 2 and one.box.locator("path[data-band]").count() == 0
    assert "1 seed, so no interval" in one.said() and "interval" not in one.keys()


def test_a_piece_of_html_works_without_jupyter(sweep, open_page, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    evil = sweep().assign_coords(dataset="<img src=x onerror=alert(1)></script>")
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title><body>'
    page.write_text(head + wd.notebook.html(evil), encoding="utf-8")
    one = open_page(page).page
    one.evaluate(SETTLED)
    tree = "document.querySelector('div').firstElementChild.shadowRoot"
    curve = f"() => {tree}.querySelector('path[data-curve]').getAttribute('d')"
    before = one.evaluate(curve)
    one.locator("#slider-lmbda").press("End")
    one.evaluate(SETTLED)
    assert one.evaluate(curve) != before and one.evaluate("document.querySelector('div').wdJaxModel.get('lmbda')") > 2
    assert one.locator("img").count() == 0


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_everyone_can_use_it(sweep, host, axe, picture, viewport: dict, scheme: str) -> None:
    shown = wd.notebook.explorer(sweep(init=["gaussian", "fan_in"]), lmbda=1.0)
    page = host(shown, viewport=viewport, color_scheme=scheme)
    colours = "#111; color: #eee" if scheme == "dark" else "#fff; color: #111"
    page.evaluate("colours => { document.body.style = `background: ${colours}`; }", colours)
    page.evaluate(SETTLED)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, f"widget-{viewport['width']}-{scheme}")
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
