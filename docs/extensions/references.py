"""`name` in a docstring: a link where the site has the name, code where it has not, a warning where nobody has it."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

OURS = ("wd_jax", "derivations", "experiments")


def exists(target: str) -> bool:
    """Whether a dotted name can be imported.

    Examples
    --------
    >>> exists("wd_jax.engine.method"), exists("wd_jax.compare"), exists("wd_jax.no_such_thing")
    (True, True, False)
    """
    module, attributes = target, []
    while True:
        try:
            found = importlib.import_module(module)
        except ImportError:
            module, _, attribute = module.rpartition(".")
            attributes.insert(0, attribute)
            if not module:
                return False
        else:
            break
    for attribute in attributes:
        if not hasattr(found, attribute):
            return False
        found = getattr(found, attribute)
    return True


def as_code(
    app: "Sphinx", env: "BuildEnvironment", node: "pending_xref", shown: "nodes.Element"
) -> "nodes.Element | None":
    """Show a parameter, another package's name or a module without a page as code; leave our own wrong names alone."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or node.get("reftype") not in ("obj", "exc", "class"):
        return None
    ours = target.partition(".")[0] in OURS and "." in target
    return None if ours and not exists(target) else shown


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register what happens to a name the site does not have."""
    app.connect("missing-reference", as_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
