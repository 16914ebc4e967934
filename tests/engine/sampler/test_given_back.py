"""Pages of the compiler's library go back to the system, and come again when something is compiled."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from engine.files.paths import ROOT

COMPILES = """
import json
import numba, psutil
from engine.sampler.given_back import COMPILER, give_back

def resident():
    parts = psutil.Process().memory_maps(grouped=False)
    return sum(part.rss for part in parts if COMPILER in part.path and not part.private_dirty)

def compiled(by):
    return numba.njit(lambda x: x * by + 1)

first = compiled(2)
told = [first(20), resident()]
give_back()
told += [resident(), first(20), resident(), compiled(3)(20), resident()]
print(json.dumps(told))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems say nothing of a library's pages")
def test_the_compiler_is_given_back_until_it_is_needed() -> None:
    ran = subprocess.run([sys.executable, "-c", COMPILES], cwd=ROOT, capture_output=True, text=True, check=True)
    result, compiling, given_back, again, running, other, compiling_again = json.loads(ran.stdout)
    assert (result, again, other) == (41, 41, 61)
    assert compiling > 20e6, "the compiler was there"
    assert given_back < 1e6
    assert running < 1e6, "what is compiled does without"
    assert compiling_again > 5e6, "and it comes when it is needed"
