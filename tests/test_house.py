"""The house as a stranger finds it: rooms of a size one can survey, functions that fit on a screen, tests beside all
that decides something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
MOST_MODULES = 20
MOST_LINES = 60

TESTED_THROUGH = {
    "engine.album.choosing.audition": "tests/engine/album/choosing/test_chooser.py",
    "engine.album.evening": "tests/test_replay.py",
    "engine.album.performance.section_take": "tests/engine/album/performance/test_performance.py",
    "engine.album.report.form_pictures": "tests/engine/album/report/test_report.py",
    "engine.album.rendering.recipe_file": "tests/engine/album/rendering/test_rendering.py",
    "engine.cli.render": "tests/engine/album/rendering/test_rendering.py",
    "engine.history.replay.rendering": "tests/test_replay.py",
    "models.performers.drawing.kernels.lstm": "tests/models/performers/drawing/test_lstm_streams.py",
    "models.textures.torch_networks": "tests/models/textures/training/test_together.py",
    "models.textures.wave_networks": "tests/models/textures/training/test_together.py",
    "models.textures.samplernn.kernel": "tests/models/textures/samplernn/test_drawing.py",
    "models.textures.wavenet.kernel": "tests/models/textures/wavenet/test_drawing.py",
    "models.textures.wavenet.gated_kernels": "tests/models/textures/wavenet/test_gated_stack.py",
    "models.textures.waveform.head_kernel": "tests/models/textures/waveform/test_head.py",
    "models.textures.waveform.block_drawing": "tests/models/textures/wavenet/test_drawing.py",
    "models.textures.waveform.torch_drawing": "tests/models/textures/wavenet/test_drawing.py",
    "models.textures.products.vector_products": "tests/models/textures/products/test_kernel_products.py",
    "engine.sound.layers.mixer": "tests/engine/sound/layers/test_layers.py",
    "engine.sound.layers.effects.vocoder": "tests/engine/sound/layers/test_layers.py",
    "engine.supervision.forking.forked_process": "tests/engine/supervision/forking/test_nursery.py",
}
"""What has a meaning only in the hands of the one that calls it, and is tested in these: kernels, whose streams are
compared with the network in torch; recipes, replays and cards, which a whole command writes and another reads;
trainings, which run together; pyo's graph and FluidSynth's calls, which are heard."""

DECIDES = (ast.If, ast.IfExp, ast.For, ast.While, ast.BoolOp, ast.Compare, ast.Try, ast.comprehension, ast.Match)


@cache
def sources() -> dict[str, Path]:
    """Modules of engine and models by name."""
    found = sorted(path for top in ("engine", "models") for path in (ROOT / top).rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in found}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def long_functions() -> Iterator[str]:
    for path in sources().values():
        for node in ast.walk(tree(path)):
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_function and (node.end_lineno or 0) - node.lineno >= MOST_LINES:
                yield f"{path.relative_to(ROOT).as_posix()}: {node.name}"


def test_every_function_fits_on_a_screen() -> None:
    assert list(long_functions()) == []


def test_every_room_can_be_surveyed_and_says_what_is_in_it() -> None:
    rooms = {path.parent for path in sources().values()}
    for room in rooms:
        name = room.relative_to(ROOT)
        assert len([path for path in room.glob("*.py") if path.name != "__init__.py"]) <= MOST_MODULES, name
        assert ast.get_docstring(tree(room / "__init__.py")), f"{name} does not say what is in it"


@cache
def _imported() -> set[str]:
    """All that any test imports, and modules that a test names, to start them as processes."""
    names: set[str] = set()
    for path in TESTS.rglob("*.py"):
        if path.name in ("test_house.py", "test_words.py"):
            continue
        names |= _names_of(path)
    return names


@cache
def _names_of(path: Path) -> frozenset[str]:
    return frozenset(_names_in(tree(path)))


def _names_in(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith(("engine.", "models."))
        ):
            yield node.value
            yield node.value.rpartition(".")[0]  # what is patched in it


def _has_a_test(name: str) -> bool:
    *rooms, module = name.split(".")
    return name in _imported() or (TESTS.joinpath(*rooms) / f"test_{module}.py").exists()


def _decides(path: Path) -> bool:
    return any(isinstance(node, DECIDES) for node in ast.walk(tree(path)))


def without_a_test() -> set[str]:
    """Modules that decide something, and that no test imports or is called after."""
    ordinary = {n: p for n, p in sources().items() if p.name not in ("__init__.py", "__main__.py")}
    return {name for name, path in ordinary.items() if _decides(path) and not _has_a_test(name)}


def test_whatever_decides_something_has_a_test() -> None:
    assert without_a_test() - set(TESTED_THROUGH) == set()


def _reached_from(test: Path) -> set[str]:
    """Modules of engine and models that a test imports or names, and all that those import in turn."""
    reached: set[str] = set()
    waiting = set(_names_of(test))
    while waiting:
        name = waiting.pop()
        if name.endswith("."):  # what is imported by a name that is made of this and another
            waiting |= {module for module in sources() if module.startswith(name)} - reached
        source = sources().get(name)
        if source is not None and name not in reached:
            reached.add(name)
            waiting |= _names_of(source)
    return reached


@pytest.mark.parametrize(("name", "test"), TESTED_THROUGH.items())
def test_what_is_tested_through_another_has_that_test_and_no_other(name: str, test: str) -> None:
    assert name in sources(), "there is no such module: take it from the list"
    assert name in _reached_from(ROOT / test), "the test does not come to it"
    assert not _has_a_test(name), "it has a test of its own: take it from the list"
