"""The caller's own word on which column is what: names here to names in the log, with one star for the layer."""

import difflib
import re
from collections.abc import Mapping, Sequence

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.roles import Role, role_of

SINGLE = ("step", "epoch", "lr", "weight_decay")
FAMILIES = ("weight_norm", "weight_size", "weight_axes", "weight_cosine", "gradient_norm", "lr", "weight_decay", "loss")
FORMS = "step, epoch, lr, weight_decay, weight_norm/LAYER, weight_size/LAYER, weight_cosine/LAYER, gradient_norm/LAYER"


def roles_of(
    path: str,
    names: Sequence[str],
    columns: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> dict[str, Role]:
    """Say what each column is: as the caller says, else by its name.

    Parameters
    ----------
    path : str
        The log, for messages.
    names : sequence of str
        Of the log's columns.
    columns : mapping of str to str, optional
        Name here to name in the log: ``{"step": "global_step", "weight_norm/*": "norms/*"}``.
    renamed : mapping of str to str, optional
        The file's own names to those here; either may be mapped.

    Returns
    -------
    dict of str to Role
        By column; columns that mean nothing are not there.

    Raises
    ------
    LogError
        For a name that is none here, or none in the log, with the nearest.

    Examples
    --------
    >>> roles_of("log.csv", ["t", "norms/a"], {"step": "t", "weight_norm/*": "norms/*"})
    {'t': Role(what='step', layer='', rank=-1), 'norms/a': Role(what='weight_norm', layer='a', rank=-1)}
    """
    aliases = {name: name for name in names} | dict(renamed or {})
    asked: dict[str, Role] = {}
    for ours, theirs in (columns or {}).items():
        asked |= _asked(path, ours, theirs, aliases)
    settled = {role.what for role in asked.values() if not role.layer}
    found = {}
    for name in names:
        role = asked.get(name) or role_of(name)
        if role and (name in asked or not (role.what in settled and not role.layer)):
            found[name] = role
    return found


def _asked(path: str, ours: str, theirs: str, aliases: Mapping[str, str]) -> dict[str, Role]:
    """Give the roles of one pair of the mapping."""
    what, slash, layer = ours.partition("/")
    if (not slash and what not in (*SINGLE, "loss")) or (slash and (what not in FAMILIES or not layer)):
        near = difflib.get_close_matches(ours, [*SINGLE, *(f"{family}/*" for family in FAMILIES)], 1)
        instead = f"did you mean {near[0]!r}? " if near else ""
        raise LogError(f"columns: {ours!r} is no name here: {instead}give {FORMS}, or LAYER as * on both sides")
    if ours.count("*") != theirs.count("*") or ours.count("*") > 1:
        raise LogError(f"columns: {ours}={theirs}: give one * on both sides, or none")
    if "*" not in theirs:
        if theirs not in aliases:
            raise LogError(f"{path}: no column {theirs!r} (asked for as {ours}): {_near(theirs, list(aliases))}")
        return {aliases[theirs]: Role(what, layer, -1)}
    before, _, after = theirs.partition("*")
    pattern = re.compile(re.escape(before) + "(.+)" + re.escape(after))
    hits = [(aliases[name], found[1]) for name in aliases if (found := pattern.fullmatch(name))]
    if not hits:
        raise LogError(f"{path}: no column is like {theirs!r} (asked for as {ours}): {_near(before, list(aliases))}")
    return {name: Role(what, layer.replace("*", part), -1) for name, part in hits}


def _near(word: str, names: Sequence[str]) -> str:
    """Name the columns that are nearest, or the first."""
    near = (
        difflib.get_close_matches(word, names, 3, 0.5) or [name for name in names if word and name.startswith(word)][:3]
    )
    if near:
        return f"the nearest are {', '.join(map(repr, near))}"
    shown = ", ".join(map(repr, names[:8]))
    return f"its columns are {shown}{' and others' * (len(names) > 8)}"
