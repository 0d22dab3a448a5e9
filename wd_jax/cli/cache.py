"""``wd-jax cache``: the compiled programs that are kept from one run to the next."""

import os
from dataclasses import dataclass

from wd_jax.cli.command import Command, Output


@dataclass(frozen=True, kw_only=True)
class Options(Command):
    """Say where compiled programs are kept and how large they are; they only save the time to compile them again."""

    clear: bool = False
    """Remove them, of every version of JAX and every host."""

    def run(self) -> Output:
        """Look, or remove."""
        from wd_jax import compile_cache

        chosen = os.environ.get(compile_cache.VARIABLE)
        notes = (f"{compile_cache.VARIABLE} is set: JAX keeps them in {chosen}, which is yours",) if chosen else ()
        if self.clear:
            freed = compile_cache.clear()
            return Output(f"removed {_mebibytes(freed)} of compiled programs", {"removed_bytes": freed}, notes)
        sizes = compile_cache.sizes()
        lines = [f"{folder}: {_mebibytes(size)}" for folder, size in sizes.items()]
        removing = "`wd-jax cache --clear` removes them" if lines else f"no compiled programs in {compile_cache.root()}"
        record = {"folders": {str(folder): size for folder, size in sizes.items()}, "bytes": sum(sizes.values())}
        return Output("\n".join([*lines, removing]), record, notes)


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
