"""Third-party packages as the functions run them. Needs no CDK."""

import os
import subprocess
from pathlib import Path

from uv import find_uv_bin


def install_packages(lock: Path, *, into: Path) -> None:
    """Install what a lock file names, for Python 3.13 on arm64, whatever this machine is."""
    command = [os.environ.get("UV") or find_uv_bin(), "pip", "install", "--quiet", "--target", str(into)]
    command += ["--python-version", "3.13", "--python-platform", "aarch64-manylinux_2_28", "--only-binary", ":all:"]
    # Compiled files carry time stamps, which would change the layer's hash with every build.
    command += ["--no-compile", "--require-hashes", "--no-deps", "-r", str(lock)]
    subprocess.run(command, check=True)  # noqa: S603 - fixed arguments
