"""`make` on a machine that lacks something says what; it does nothing twice."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT

SCRIPT = ROOT / ".ci" / "make-environment"
# Stand for interpreters: each answers the two questions that the script asks of a Python.
TOO_OLD = '#!/bin/sh\ncase "$2" in *version_info*) exit 1;; esac\n'
WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'
MACHINES = {
    "no Python": ({}, "none was found"),
    "an old Python": ({"python3": TOO_OLD}, "python3 is older"),
    "a Python without venv": ({"python3": WITHOUT_VENV}, "apt install python3-venv"),
    "an old one, and one without venv": (
        {"python3.12": WITHOUT_VENV, "python3": TOO_OLD},
        "python3.12 has no venv",
    ),
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs that holds nothing but what every system has; no Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "cmp", "cp", "touch"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


def make_environment(machine: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", SCRIPT, "env", "env/installed.txt"],
        cwd=machine,
        env={"PATH": str(machine / "bin")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(("programs", "message"), MACHINES.values(), ids=MACHINES)
def test_what_is_missing_is_said_in_one_line(
    machine: Path, programs: dict[str, str], message: str
) -> None:
    for name, script in programs.items():
        path = machine / "bin" / name
        path.write_text(script)
        path.chmod(0o755)
    done = make_environment(machine)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr
    assert not (machine / "env").exists()


@pytest.mark.slow
def test_the_environment_is_made_once_and_mended_when_broken(machine: Path) -> None:
    (machine / "bin" / "python3").symlink_to(sys.executable)
    first = make_environment(machine)
    assert first.returncode == 0, first.stderr
    assert "Making the environment" in first.stdout
    assert make_environment(machine).stdout == ""
    (machine / "requirements.txt").write_text("# changed\n")
    assert make_environment(machine).stdout == "Installing requirements.txt\n"
    (machine / "env" / "bin" / "python").unlink()
    assert "Making the environment" in make_environment(machine).stdout
