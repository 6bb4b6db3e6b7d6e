"""The import law: imports run one way, and ``import holdfast`` is light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "holdfast"

ALLOWED: dict[str, set[str]] = {
    "metric": set(),
    "cohort": set(),
    "risk": set(),
    "study": {"metric", "cohort", "risk"},
    "safety": {"metric"},
    "language": {"metric"},
    "care": {"language", "safety", "metric"},
    "proof": {"care", "language", "safety", "metric", "risk", "cohort", "study"},
    "service": {"proof", "care", "language", "safety", "metric"},
    "cli": {"service", "proof", "care", "language", "safety", "metric", "risk", "cohort", "study"},
}
"""Part -> the parts it may import besides itself. Modules at the top of the package import none of these."""

HEAVY = {"torch", "transformers", "fastapi", "starlette", "sqlalchemy", "pydantic", "pydantic_ai", "numpy", "click"}


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """Yield every module that ``path`` imports, at its top or inside a function, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno


def part_of(module: str) -> str | None:
    """Return the part of Holdfast that ``module`` belongs to, or None."""
    names = module.split(".")
    return names[1] if len(names) > 1 and names[0] == "holdfast" and names[1] in ALLOWED else None


def breaches(source: Path) -> list[str]:
    """Return every import under ``source`` that runs the wrong way."""
    found = []
    for path in sorted(source.rglob("*.py")):
        relative = path.relative_to(source)
        part = relative.parts[0] if len(relative.parts) > 1 else None
        allowed = ALLOWED[part] | {part} if part in ALLOWED else set()
        for module, line in imports_of(path):
            target = part_of(module)
            if target is not None and target not in allowed:
                found.append(f"{relative}:{line} imports {module}")
    return sorted(set(found))


def test_imports_run_one_way() -> None:
    assert breaches(SOURCE) == []


def test_the_law_catches_a_breach(tmp_path: Path) -> None:
    (tmp_path / "care").mkdir()
    (tmp_path / "care" / "x.py").write_text("def f():\n    from holdfast.service import app\n")
    assert breaches(tmp_path) == ["care/x.py:2 imports holdfast.service", "care/x.py:2 imports holdfast.service.app"]


def test_every_part_of_the_law_is_one_folder_deep() -> None:
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(ALLOWED)


@pytest.mark.parametrize(
    "module",
    [
        *("holdfast", "holdfast.metric", "holdfast.metric.representations", "holdfast.risk", "holdfast.study"),
        *("holdfast.cli.main", "holdfast.cli.metric", "holdfast.cli.risk"),
    ],
)
def test_importing_holdfast_is_light(module: str) -> None:
    allowed = {"click"} if module.startswith("holdfast.cli") else set()
    code = f"import sys, {module}; print(' '.join(sorted({HEAVY - allowed!r} & set(sys.modules))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_no_import_of_a_module_beyond_its_layer_hides_in_templates_of_names() -> None:
    """No part is reached by a string either: ``import_module`` is called in three known files only."""
    callers = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "import_module(" in path.read_text(encoding="utf-8")
    }
    assert callers <= {"optional.py", "cli/lazy_group.py", "metric/__init__.py"}


def test_names_that_metric_imports_late_are_its_own_and_all_there() -> None:
    import holdfast.metric

    assert all(module.startswith("holdfast.metric.") for module in holdfast.metric._WHERE.values())
    assert sorted(holdfast.metric._WHERE) == sorted(holdfast.metric.__all__)
    for name in holdfast.metric.__all__:
        assert getattr(holdfast.metric, name).__module__.startswith("holdfast.metric.")
