"""The widget's program for the browser: the report's explorer, its look, and the sliders of a sweep."""

import functools
import json
import re
from importlib import resources
from typing import Any

from wd_jax.report import explorer, explorer_data, explorer_precision, explorer_schedules

OF_EXPLORER = ("drawPlot", "evaluate", "alongTheRun", "precisionWords", "stopsOf", "nearest", "written")
OF_EXPLORER += ("roundUp", "roundDown")
"""Functions of the report's page that the widget is made of."""
_ROOT = re.compile(r":root\s*\{([^}]*)\}")


def esm() -> str:
    """Give the module that Jupyter loads; its ``render`` shows a model in an element.

    Returns
    -------
    str
        JavaScript that loads nothing else.
    """
    return f"{program()}\nexport default {{ render }};\n"


@functools.cache
def program() -> str:
    """Give the module's functions without its export, for a page that runs them as a script."""
    from derivations.output import javascript

    parts = explorer.shared(javascript.program(explorer_data.formulas()))
    names = ", ".join(OF_EXPLORER)
    kit = f'function explorerOf(data) {{\n"use strict";\n{parts}\nreturn {{ {names} }};\n}}\n'
    return f"const STYLE = {json.dumps(style())};\n{kit}{text('theme.js')}\n{text('widget.js')}"


def style() -> str:
    """Give the rules of the widget's tree: the report's colours by theme, its explorer's, and the widget's own."""
    light, dark = (" ".join(found.split()) for found in _colours())
    own = [" ".join(f"--explorer-{name}: {pair[theme]};" for name, pair in explorer.CURVES.items()) for theme in (0, 1)]
    themes = f":host {{ {light} {own[0]} }}\n:host([data-theme='dark']) {{ {dark} {own[1]} }}\n"
    return f"{themes}* {{ box-sizing: border-box; }}\n{_of_report('explorer.css')}\n{text('widget.css')}"


def shared_data() -> dict[str, Any]:
    """Give what the explorer's formulas and words read beside a sweep."""
    return {
        "choices": {name: next(iter(words)) for name, (_, words) in explorer.CHOICES.items()},
        "precision": explorer_precision.data(),
        "schedules": explorer_schedules.data(),
    }


def _colours() -> tuple[str, str]:
    """Give the report's colours on a light and on a dark page, without what belongs to a whole page."""
    found = [re.sub(r"color-scheme:[^;]*;", "", one) for one in _ROOT.findall(_of_report("page.css"))]
    if len(found) < 2:
        raise ValueError("page.css has no :root for a light and a dark page: the widget takes its colours from there")
    return found[0] + " color-scheme: light;", found[1] + " color-scheme: dark;"


def _of_report(name: str) -> str:
    return (resources.files("wd_jax.report") / "templates" / name).read_text(encoding="utf-8")


def text(name: str) -> str:
    """Read a file of the widget's own."""
    return (resources.files("wd_jax.notebook") / "browser" / name).read_text(encoding="utf-8")
