"""The shape of the project: layers, imports, and the four parts of every env."""

from __future__ import annotations

import ast
import graphlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from llm_envs.registry import rows

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "llm_envs"

LAYERS = (
    {"errors", "types"},
    {"access", "ledger", "chat", "workers", "parallel", "tasks", "spaces", "curriculum", "interrupt"},
    {"session"},
    {"views", "render", "env", "registry", "vector"},
    {"__init__"},
    {"tools", "world"},
    {"verifiers", "sandbox"},
    {"envs"},
    {"policies", "rollout", "testing"},
    {"trainers", "evals", "adapters"},
    {"cli", "__main__"},
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

OPTIONAL = {
    "accelerate",
    "aiohttp",
    "bm25s",
    "datasets",
    "docker",
    "docstring_parser",
    "jsonschema",
    "mcp",
    "matplotlib",
    "playwright",
    "ray",
    "tensorboard",
    "tokenizers",
} | {
    "pyarrow",
    "tantivy",
    "torch",
    "transformers",
    "trl",
    "vllm",
}


def modules() -> dict[str, Path]:
    """Every module of the package, by dotted name."""
    names = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


MODULES = modules()


def imports(path: Path) -> set[str]:
    """Names of the package's own modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == "llm_envs"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "llm_envs":
            submodules = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= submodules
            if len(submodules) < len(node.names):
                found.add(node.module)
    return found


def rank(module: str) -> int:
    """The layer of a module; the bare package stands where its `__init__` does."""
    return RANK[[*module.split("."), "__init__"][1]]


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_down(module):
    """No module imports one of a higher layer."""
    upward = {name for name in imports(MODULES[module]) if rank(name) > rank(module)}
    assert not upward


def test_there_are_no_import_cycles():
    """Every module can be loaded before those that import it."""
    graph = {name: imports(path) - {name} for name, path in MODULES.items()}
    list(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", ["llm_envs", "llm_envs.cli", "llm_envs.vector", "llm_envs.verifiers"])
def test_importing_is_light(module):
    """The core, the verifiers and the command line load no optional package, and no SymPy."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(run.stdout.split()) & (OPTIONAL | {"sympy"})


def test_the_readme_draws_the_tree_as_it_is():
    """Every path that the README's tree names exists, and every module of the package's top level is named."""
    tree = re.search(r"```\nllm-envs/\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert tree
    named = {name for line in tree[1].splitlines() for name in re.findall(r"[\w.\-/]+", line.split("  ")[0])}
    drawn = set(re.findall(r"(?m)^[│├└─ ]*([\w.]+/?)", tree[1])) | named
    drawn = {name.rstrip("/") for name in drawn}
    top = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    top -= {"runs", "dist", "build"} | {path.name for path in ROOT.glob("*.egg-info")}
    inside = {path.name for path in PACKAGE.iterdir() if not path.name.startswith("__") and path.name != "py.typed"}
    assert top | inside <= drawn
    gone = {name for name in drawn - {"llm_envs"} if not ((ROOT / name).exists() or (PACKAGE / name).exists())}
    assert not gone


@pytest.mark.parametrize("env_row", [row for row in rows() if row.id.startswith("llm/")], ids=lambda row: row.id)
def test_every_env_has_its_four_parts(env_row):
    """A registry row, a module, a table of episodes and a test, all of one name."""
    name = env_row.entry_point.partition(":")[0].removeprefix("llm_envs.envs.")
    assert f"llm_envs.envs.{name}" in MODULES
    assert (ROOT / "envs" / name / "episodes.jsonl").is_file()
    assert (ROOT / "tests" / "envs" / f"test_{name}.py").is_file()
    assert (inspect.getdoc(env_row.load()) or "").count("\n## ") >= 7, "the class docstring is the env card"


def test_every_env_module_is_registered():
    """No module of `envs` lies there without a row."""
    registered = {row.entry_point.partition(":")[0] for row in rows() if isinstance(row.entry_point, str)}
    families = {f"llm_envs.envs.{path.stem}" for path in (PACKAGE / "envs").iterdir() if not path.name.startswith("__")}
    assert families == registered


PARTS = [path for path in sorted(PACKAGE.iterdir()) if not path.name.startswith("_")]


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_everything_is_tested_where_one_looks(path):
    """`llm_envs/a.py` has `tests/test_a.py`; a package has a folder of tests."""
    if path.suffix == ".py":
        assert (ROOT / "tests" / f"test_{path.name}").is_file()
    elif path.is_dir():
        assert list((ROOT / "tests" / path.name).glob("test_*.py"))
