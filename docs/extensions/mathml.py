"""LaTeX in the pages and docstrings as MathML: every browser shows it, without a script and without a network."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


def mathml(latex: str, display: bool) -> str:
    """Convert a formula.

    Parameters
    ----------
    latex : str
        Without the dollar signs.
    display : bool
        Whether it stands on a line of its own.

    Raises
    ------
    Exception
        Of latex2mathml, for LaTeX it cannot read: the build stops there.
    """
    from latex2mathml.converter import convert

    return convert(latex, display="block" if display else "inline")


def visit_inline(writer: "HTML5Translator", node: "nodes.math") -> None:
    """Write a formula inside a sentence."""
    from docutils import nodes

    writer.body.append(mathml(node.astext(), display=False))
    raise nodes.SkipNode


def visit_block(writer: "HTML5Translator", node: "nodes.math_block") -> None:
    """Write a displayed formula, which scrolls inside its own box on a narrow screen."""
    from docutils import nodes

    writer.body.append(f'<div class="formula" tabindex="0">{mathml(node.astext(), display=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
