"""How a sentence names an argument: as Python has it, or as the command line does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """The spelling of arguments in doubts, assumptions and errors.

    Parameters
    ----------
    shell : bool
        Whether a reader types options: ``--n-in 784`` in place of ``n_in=784``.
    """

    shell: bool = False

    def name(self, argument: str) -> str:
        """Name an argument.

        Examples
        --------
        >>> PYTHON.name("n_in"), SHELL.name("n_in")
        ('n_in', '--n-in')
        """
        return f"--{argument.replace('_', '-')}" if self.shell else argument

    def given(self, argument: str, value: float | str) -> str:
        """Write what is to be typed.

        Examples
        --------
        >>> PYTHON.given("momentum", 0.9), SHELL.given("momentum", 0.9), PYTHON.given("optimiser", "sgdw")
        ('momentum=0.9', '--momentum 0.9', "optimiser='sgdw'")
        """
        text = f"{value:g}" if isinstance(value, float) else str(value) if self.shell else repr(value)
        return f"{self.name(argument)} {text}" if self.shell else f"{argument}={text}"

    def about(self, argument: str, value: float | str) -> str:
        """Begin a line that is about an argument.

        Examples
        --------
        >>> PYTHON.about("m", 128), SHELL.about("m", 128)
        ('m=128', '--m')
        """
        return self.name(argument) if self.shell else self.given(argument, value)


PYTHON, SHELL = Language(), Language(shell=True)
