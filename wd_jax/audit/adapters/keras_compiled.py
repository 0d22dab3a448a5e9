"""One step of a Keras optimiser as one program: with JAX behind it, Keras would compile each operation by itself."""

from typing import Any

from wd_jax.audit.adapters.compiling import quick


class Stepped:
    """The steps of one optimiser, however often it is made anew; of any other backend they are its own.

    Parameters
    ----------
    decay : str or None
        The attribute that holds the weight decay: an argument of the program where that can be.
    """

    def __init__(self, decay: str | None) -> None:
        self.decay = decay
        self.programs: dict[Any, tuple[Any, Any]] = {}
        self.uncompiled = False

    def apply(self, optimiser: Any, grads: list[Any], variables: list[Any]) -> None:
        """Step the variables, and the optimiser's own."""
        import keras

        if keras.backend.backend() != "jax" or self.uncompiled or all(g is None for g in grads):
            optimiser.apply(grads, variables)
            return
        import jax

        try:
            self._compiled(optimiser, grads, variables)
        except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError):
            self.uncompiled = True
            optimiser.apply(grads, variables)

    def _compiled(self, optimiser: Any, grads: list[Any], variables: list[Any]) -> None:
        value = getattr(optimiser, self.decay, None) if self.decay else None
        traced = isinstance(value, int | float)
        names = tuple(v.name for v in variables)  # by which some variables are left out
        shapes = (names, *((tuple(v.shape), v.dtype) for v in (*variables, *optimiser.variables)))
        key = shapes if traced else (shapes, value)
        if key not in self.programs:
            self.programs[key] = optimiser, quick(self._program(optimiser, traced))
        held = optimiser.variables
        now = [v.value for v in variables], [v.value for v in held]
        after = self.programs[key][1](value if traced else None, grads, *now)
        for each, new in zip((*variables, *held), (*after[0], *after[1]), strict=True):
            each.assign(new)

    def _program(self, optimiser: Any, traced: bool) -> Any:
        def step(value: Any, grads: Any, variables: Any, held: Any) -> Any:
            before = getattr(optimiser, str(self.decay)) if traced else None
            try:
                if traced:
                    setattr(optimiser, str(self.decay), value)
                return optimiser.stateless_apply(held, grads, variables)
            finally:
                if traced:
                    setattr(optimiser, str(self.decay), before)

        return step
