"""A name that is not there: what was meant, or what there is."""

from __future__ import annotations

import difflib


def nearest(name: object, names: tuple[str, ...]) -> str:
    """Return a remedy for a name that is none of `names`.

    Examples
    --------
    >>> nearest("lmda", ("eta", "lmbda")), nearest("z", ("eta", "lmbda"))
    ("did you mean 'lmbda'?", 'choose among eta, lmbda')
    """
    near = difflib.get_close_matches(str(name), names, 1)
    return f"did you mean {near[0]!r}?" if near else f"choose among {', '.join(names)}"
