"""The widget without Jupyter: a piece of HTML that carries everything it needs."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from wd_jax.notebook import module


class Piece(str):
    """HTML as text, which a notebook shows."""

    def _repr_html_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        """Say what it is, not all of it."""
        return f"HTML, {len(self) / 1000:.0f} kB: a notebook shows it; put it into the body of any page"


def html(state: Mapping[str, Any], values: bytes) -> Piece:
    """Make a piece of HTML that shows the widget where it stands.

    Parameters
    ----------
    state : mapping
        Every value of the model that JSON can hold, by name.
    values : bytes
        The bands.

    Returns
    -------
    Piece
        One element and one script; it asks the network for nothing, and names nothing in the page around it.
    """
    held = json.dumps(dict(state), allow_nan=False, ensure_ascii=False).replace("<", "\\u003c")
    coded = base64.b64encode(values).decode()
    script = f"""(() => {{
const el = document.currentScript.previousElementSibling;
{module.program()}
{module.text("model.js")}
const model = modelOf({{ ...{held}, values: bytesOf("{coded}") }});
el.wdJaxModel = model;
render({{ model, el }});
}})();"""
    if "</script" in script.lower() or "<!--" in script:
        raise ValueError("the widget's script holds what would end it: write it in two pieces")
    return Piece(f"<div></div>\n<script>\n{script}\n</script>\n")
