"""How this u2c was called, so that a command it suggests can be typed as it is printed."""

import shlex
import shutil
import sys
from pathlib import Path


def command_line(*arguments: object) -> str:
    """Return what a person types for `u2c ARGUMENTS` in the folder and with the PATH of this process."""
    return " ".join([_program(), *(shlex.quote(str(argument)) for argument in arguments)])


def _program() -> str:
    script = Path(sys.argv[0])
    if script.stem != "u2c":  # python -m operations.u2c
        return f"{shlex.quote(_from_here(Path(sys.executable)))} -m operations.u2c"
    found = shutil.which("u2c")
    if found and script.exists() and Path(found).samefile(script):
        return "u2c"
    return shlex.quote(_from_here(script))


def _from_here(path: Path) -> str:
    """Return the shorter way; a link is not followed, because a virtual environment's python is one."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
