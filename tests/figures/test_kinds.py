"""Every kind of figure, and the four experiments', at both widths: legible, nothing cut, nothing on anything else."""

import pytest

import experiments
import wd_jax as wd
from wd_jax.figures import saving
from wd_jax.figures.kinds import KINDS
from wd_jax.figures.style import WIDTHS, style

pytestmark = pytest.mark.numeric
NAMES = (*experiments.names("exercise"), *KINDS)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_as_wide_as_the_paper_and_no_higher_than_its_page(name: str, width, drawn: dict) -> None:
    figure = drawn[name, width]
    assert figure.get_figwidth() == WIDTHS[width] and figure.get_figheight() <= 9.5


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_text_is_legible_and_nothing_is_cut_or_covered(name: str, width, drawn: dict, layout) -> None:
    figure = drawn[name, width]
    assert layout.texts(figure)
    assert not layout.too_small(figure)
    assert not layout.cut_off(figure)
    assert not layout.overlapping(figure)


@pytest.mark.parametrize("name", NAMES)
def test_every_panel_says_what_it_shows(name: str, drawn: dict) -> None:
    figure = drawn[name, "one"]
    assert figure.get_suptitle()
    for axes in figure.axes:
        assert axes.get_xlabel() and (axes.get_ylabel() or name == "verdicts")
    shown = {text.get_text() for legend in figure.legends for text in legend.get_texts()}
    shown |= {text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()}
    used = {label for axes in figure.axes for label in axes.get_legend_handles_labels()[1]}
    assert shown and {label for label in used if label} <= shown


def test_the_checks_of_the_layout_see_what_is_wrong(layout) -> None:
    from wd_jax.figures.style import panels

    with style("one"):
        figure, (ax,) = panels(1)
        ax.text(0.5, 0.5, "tiny", fontsize=5)
        ax.text(0.5, 0.5, "covered")
        ax.text(5.0, 0.2, "outside").set_in_layout(False)
        figure.canvas.draw()
    assert layout.too_small(figure) == ["tiny"]
    assert layout.cut_off(figure) == ["outside"]
    assert layout.overlapping(figure) == [("tiny", "covered")]


@pytest.mark.parametrize("suffix", saving.SUFFIXES)
def test_the_same_figure_is_the_same_file(suffix: str, reproduced, tmp_path) -> None:
    runs = wd.open(reproduced.folder / "claim_2_epoch_decay")
    files = []
    for k in range(2):
        with style("one"):
            files.append(saving.save(KINDS["budget"].draw(runs), tmp_path / f"{k}{suffix}").read_bytes())
    assert len(files[0]) > 1000 and files[0] == files[1]


def test_a_png_is_as_many_pixels_wide_as_its_inches(drawn: dict, tmp_path) -> None:
    with style("one"):
        written = saving.save(drawn["budget", "one"], tmp_path / "x.png").read_bytes()
    assert int.from_bytes(written[16:20]) == round(3.25 * 200)


def test_the_module_of_every_kind_says_what_it_needs() -> None:
    for name, kind in KINDS.items():
        assert kind.name == name and kind.summary
        assert (kind.needs is None) == (not kind.of_sweeps)


def test_text_from_a_file_is_never_read_as_a_formula(reproduced) -> None:
    runs = wd.open(reproduced.folder / "claim_2_epoch_decay").assign_coords(dataset=r"$\frac{</svg>")
    with style():
        figure = KINDS["budget"].draw(runs)
        figure.canvas.draw()
    assert r"\$\frac{</svg>" in figure.get_suptitle().replace("\n", " ")
