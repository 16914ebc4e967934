"""MIDI readers under atheris, which is guided by the code that an input reaches (https://github.com/google/atheris)."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def guided(inputs: int) -> dict[str, object]:
    """Runs `inputs` in a process of its own: how many were run, how much code they reached, and what went wrong."""
    from tests.fuzz.targets import midi  # not above: in `main`, what is to be watched must not be imported yet

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, seed in enumerate(midi()):
            (corpus / f"{number}.mid").write_bytes(seed)
        limits = ["-rss_limit_mb=3000", "-timeout=20", "-max_len=4096", f"-artifact_prefix={folder}/"]
        command = [sys.executable, "-m", "tests.fuzz.guided", f"-runs={inputs}", *limits, str(corpus)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        runs = re.findall(r"Done (\d+) runs", said)
        reached = re.findall(r"cov: (\d+)", said)
        return {
            "runs": int(runs[-1]) if runs else 0,
            "reached": int(reached[-1]) if reached else 0,
            "kept": len(list(corpus.iterdir())),
            "problem": "" if done.returncode == 0 else said[-2000:],
        }


def main() -> None:
    import atheris

    readers = ["mido", "engine.music.midi"]
    with atheris.instrument_imports(include=readers):
        from tests.fuzz.targets import TARGETS, feed

    readers = [target for target in TARGETS if target.suffix == ".mid"]
    path = Path(tempfile.mkdtemp()) / "input.mid"

    def one(data: bytes) -> None:
        for target in readers:
            feed(target, path, data)

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
