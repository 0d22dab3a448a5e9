"""The explorer: sliders that move the formulas which the derivations print as JavaScript."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

from wd_jax.figures import style as figures
from wd_jax.report import moving
from wd_jax.report.contents import Explorer
from wd_jax.report.explorer_precision import SHOWN
from wd_jax.report.explorer_schedules import PARTS, WORDS
from wd_jax.report.mathematics import typeset

REQUIRED = (
    "weight_decay",
    "per_step_decay",
    "momentum_per_step_decay",
    "per_epoch_factor",
    "per_epoch_factor_limit",
    "relative_error_of_limit",
    "half_life_epochs",
    "epochs_to_fan_in",
    "epochs_to_fan_in_exact",
    "epochs_to_plateau",
    "plateau_rms",
    "decayed_rms",
    "relaxed_rms",
    "relaxed_rms_limit",
    "momentum_per_epoch_factor",
    "momentum_per_epoch_factor_leading",
    "momentum_half_life_epochs",
    "critical_lmbda",
    "nesterov_critical_lmbda",
    "lmbda_of_leading",
    "lmbda_of_slow_mode",
    "lmbda_of_nesterov",
    "beyond_second_order",
    *(f"run_{what}_{name}" for what in ("factor", "factor_limit", "timescale") for name in PARTS),
)
"""Functions that the page calls; none of them is written by hand."""


@dataclass(frozen=True)
class Control:
    """A slider with its field.

    Attributes
    ----------
    name, symbol, label : str
        As in Python, as in a sentence, as beside the slider.
    low, high : int
        The slider goes from 10**low to 10**high, that of `momentum` from 0 to 1 - 10**-high; typed ones may exceed it.
    whole : bool
        Whether it counts something.
    advanced : bool
        Whether it stands in the fold-out: what the plateau needs and no formula gives.
    """

    name: str
    symbol: str
    label: str
    low: int
    high: int
    whole: bool = False
    advanced: bool = False


CONTROLS = (
    Control("eta", "η", "learning rate η", -4, 1),
    Control("lmbda", "λ", "Nielsen's regularisation rate λ", -3, 4),
    Control("n", "n", "training examples $n$", 1, 7, whole=True),
    Control("m", "m", "minibatch size $m$", 0, 5, whole=True),
    Control("n_in", "n_in", "inputs per neuron n_in", 0, 5, whole=True),
    Control("momentum", "μ", "momentum μ", 0, 3),
    Control("epochs", "E", "epochs of the run $E$", 0, 5, whole=True),
    Control("n_w", "n_w", "weights of the network n_w", 1, 9, whole=True, advanced=True),
    Control("Q", "Q", "what the gradient supplies, $Q$", -6, 3, advanced=True),
)

OPTIMISERS = {
    "sgd": "SGD, momentum, with L2",
    "nesterov": "Nesterov's momentum, with L2",
    "decoupled": "AdamW, SGDW, Lion: decoupled",
    "absolute": "decoupled, not times the rate",
    "adam_l2": "Adam, RMSprop, with L2",
}
CHOICES = {
    # name: label, and what may be chosen, with its words
    "optimiser": ("optimiser", OPTIMISERS),
    "schedule": ("schedule of the learning rate", WORDS),
    "precision": ("precision of the weights", {name: name for name in SHOWN}),
}
"""What is chosen from a list; a page opens with the first of each."""

ROWS = (
    # (quantity, exact, in the limit eta lmbda << n): names in the record that the page's `evaluate` returns
    ("weight_decay λ/n, as AdamW and SGD take it", "weight_decay", ""),
    ("decay per step, ε = ηλ/n", "per_step_decay", ""),
    ("factor of a weight per epoch, without momentum", "per_epoch_factor", "per_epoch_factor_limit"),
    ("… exact over limit, minus 1", "relative_error_of_limit", ""),
    ("… with momentum μ, slow mode", "momentum_per_epoch_factor", "momentum_per_epoch_factor_leading"),
    ("half-life without momentum, epochs", "half_life_epochs", ""),
    ("… with momentum μ, once the velocity has settled", "momentum_half_life_epochs", ""),
    ("left of a weight after the run, with its schedule and momentum", "run_factor", "run_factor_limit"),
    ("timescale, as a share of the run", "run_timescale", "run_timescale_limit"),
    ("t* without momentum: epochs from 1 to 1/√n_in", "epochs_to_fan_in_exact", "epochs_to_fan_in"),
    ("plateau √(nQ/(λn_w)), rms of all n_w weights", "plateau_rms", ""),
)

CURVES = {
    # On a light page and on a dark one; every curve has a dash pattern of its own besides.
    "exact": (figures.BLUE, figures.SKY),
    "limit": (figures.RED, figures.ORANGE),
    "relaxed": (figures.GREEN, figures.GREEN),
    "momentum": (figures.PURPLE, figures.PURPLE),
    "run": (figures.BLACK, "#F0E442"),  # Okabe and Ito's yellow, which no light page can show
}
SCALES = "explorer.scales.js"
SHARED = (SCALES, "explorer.evaluate.js", "explorer.words.js", "explorer.plot.js")
PAGE = ("explorer.link.js", "explorer.js")  # the user interface of a page, which a notebook has not
HANDWRITTEN = (*SHARED[1:], *PAGE)
"""The user interface; no formula of weight decay is written in it."""


def explorer(program: str, data: Mapping[str, Any]) -> Explorer:
    """Put formulas, controls and presets together into a part of the page.

    Parameters
    ----------
    program : str
        JavaScript with a function for every name in `REQUIRED`, as `derivations.output.javascript.program` prints it.
    data : mapping
        ``presets``: a list of mappings with ``label``, ``note`` (where Q comes from), ``measured`` (whether Q was
        measured at this setting; an example, if it is left out), ``values`` (a number for each control) and
        ``choices`` (of `CHOICES`; the first where one is left out); the page opens with the first.
        ``moving``, if there is one: what the figure of the first screen draws, as `moving.of_runs` gives it, and the
        ``dataset``. ``precision`` and ``schedules``: as `explorer_precision.data` and `explorer_schedules.data` give
        them.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If a function or a preset's value is missing.

    Examples
    --------
    >>> program = "".join(f"function {name}() {{ return 1; }}" for name in REQUIRED)
    >>> preset = {"label": "one", "note": "", "values": {control.name: 1.0 for control in CONTROLS}}
    >>> part = explorer(program, {"presets": [preset], "precision": {}, "schedules": []})
    >>> "explorer-eta" in part.html
    True
    """
    names = _functions(program)
    if missing := [name for name in REQUIRED if name not in names]:
        raise ValueError(f"explorer: the program has no function {missing[0]!r}; print that formula too")
    if not data["presets"]:
        raise ValueError("explorer: no preset; give at least one setting to open with")
    for preset in data["presets"]:
        if missing := [control.name for control in CONTROLS if control.name not in preset["values"]]:
            raise ValueError(f"explorer: preset {preset['label']!r} has no {missing[0]}; give a number for it")
        for name, chosen in preset.get("choices", {}).items():
            if name not in CHOICES or chosen not in CHOICES[name][1]:
                raise ValueError(f"explorer: preset {preset['label']!r} chooses {name}={chosen!r}; see CHOICES")
    opening = {name: next(iter(words)) for name, (_, words) in CHOICES.items()}
    controls = [asdict(control) for control in CONTROLS]
    return Explorer(
        html=_html(data["presets"]),
        style=_colours() + _text("explorer.css") + (moving.style() if data.get("moving") else ""),
        script=_script(program, *([moving.SCRIPT] if data.get("moving") else [])),
        data={**data, "controls": controls, "rows": [list(row) for row in ROWS], "choices": opening},
        first=moving.html(data["moving"]) if data.get("moving") else "",
    )


def _html(presets: list[Mapping[str, Any]]) -> str:
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters["math"] = lambda text: Markup(typeset(str(text)))
    template = environment.from_string(_text("explorer.html.j2"))
    return template.render(controls=CONTROLS, choices=CHOICES, rows=ROWS, presets=presets)


def _functions(program: str) -> list[str]:
    return re.findall(r"\bfunction (\w+)\(", program)


def _script(program: str, *more: str) -> str:
    """Wrap everything into one function, with what the page holds as data."""
    held = 'const data = JSON.parse(document.getElementById("explorer-data").textContent);'
    own = "\n".join(_text(name) for name in (*PAGE, *more))
    return f'(() => {{\n"use strict";\n{held}\n{shared(program)}\n{own}\n}})();\n'


def shared(program: str) -> str:
    """Give what any user interface of the explorer is made with, as JavaScript that finds ``data`` around it.

    Parameters
    ----------
    program : str
        As `explorer` takes it; its functions are those of ``formulas``.
    """
    names = _functions(program)
    formulas = f"const formulas = (() => {{\n{program}\nreturn Object.freeze({{ {', '.join(names)} }});\n}})();"
    return "\n".join((formulas, *(_text(name) for name in SHARED)))


def _colours() -> str:
    """Write the figures' palette as custom properties, for both themes."""
    light, dark = (" ".join(f"--explorer-{name}: {pair[theme]};" for name, pair in CURVES.items()) for theme in (0, 1))
    dark_rule = f"@media screen and (prefers-color-scheme: dark) {{ .explorer {{ {dark} }} }}"
    return f".explorer {{ {light} }}\n{dark_rule}\n"


def _text(name: str) -> str:
    return (resources.files("wd_jax.report") / "templates" / name).read_text(encoding="utf-8")
