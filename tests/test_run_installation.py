"""The command line before a command has begun."""

from __future__ import annotations

import subprocess
import sys

from engine.files.paths import ROOT

INTERRUPTED = """
import sys

source = open({path!r}).read()

class Interrupts:
    def find_spec(self, *_):
        raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupts())
exec(compile(source, {path!r}, "exec"), {{"__name__": "__main__", "__file__": {path!r}}})
"""


def test_ctrl_c_at_the_first_import_leaves_no_traceback() -> None:
    """Python's own start apart, this is as early as it can come."""
    code = INTERRUPTED.format(path=str(ROOT / "run_installation.py"))
    assert run(code) == (130, "")
    status, said = run(code.replace("exec(", "import colorsys; exec("))  # the control: an import above `main`
    assert status != 130
    assert "KeyboardInterrupt" in said


def run(code: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr
