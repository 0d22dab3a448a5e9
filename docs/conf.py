"""Sphinx configuration: `make docs` builds the site from Markdown, docstrings, derivations and executed tutorials."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # for our own extensions

import wd_jax  # noqa: E402

project = "wd_jax"
author = "the wd_jax developers"
copyright = author
version = release = wd_jax.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "extensions.audit",
    "extensions.catalogue",
    "extensions.command_line",
    "extensions.glossary",
    "extensions.laboratory",
    "extensions.mathml",
    "extensions.notebooks",
    "extensions.project",
    "extensions.references",
    "extensions.showcase",
]
exclude_patterns = ["_build", "extensions", "laboratory/results", "**.ipynb_checkpoints"]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
default_role = "py:obj"  # as the docstrings mean `name`
add_module_names = False
smartquotes_action = "D"  # a dash for two hyphens, as napoleon writes them; quotes stay as they are
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
nb_execution_mode = "auto"
nb_execution_timeout = 900  # a cell, on a machine that others use too
nb_execution_show_tb = True  # what a cell raised is seen where only the output is
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_merge_streams = True

napoleon_google_docstring = False
napoleon_use_param = False  # the types in our docstrings are words with shapes and units, not names of classes
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = f"wd_jax {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = [("copy.js", {"loading_method": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_math_renderer = "mathml"
