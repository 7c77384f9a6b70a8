"""`llm-envs new`: what it writes works as it is, and it writes over nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from calling import run

ROOT = Path(__file__).parents[2]
KINDS = {
    "single": ("me/Riddle-v0", "riddle", []),
    "multi": ("me/TreasureHunt-v3", "treasure_hunt", ["--multi-turn"]),
    "tools": ("me/Library-v0", "library", ["--tools"]),
}


def call(folder, *command):
    """A program in the folder of a new package, with this checkout's llm_envs."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(params=KINDS)
def package(request, tmp_path):
    """A new package's folder, module and id."""
    env_id, module, options = KINDS[request.param]
    result = run("new", env_id, *options, "--folder", tmp_path)
    assert result.exit_code == 0, result.output
    return tmp_path / module, module, env_id


def test_a_new_env_conforms(package):
    """`llm-envs check` holds every fact of it, the oracle's included."""
    folder, module, env_id = package
    told = json.loads(call(folder, "llm_envs", "check", f"{module}:{env_id}", "--json"))
    assert {fact["outcome"] for fact in told["facts"]} == {"holds"}


def test_its_tests_pass(package):
    """Pytest finds and passes them, run in the package's folder."""
    assert " passed" in call(package[0], "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")


@pytest.mark.parametrize("settings", [[], ["--config", str(ROOT / "pyproject.toml"), "--ignore", "S101,I001"]])
def test_ruff_finds_nothing(package, settings):
    """Neither with the package's own settings nor with this project's, which take its imports for others."""
    call(package[0], "ruff", "check", "--no-cache", *settings, ".")
    call(package[0], "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.slow
def test_mypy_finds_nothing(tmp_path):
    """Strictly, all kinds at once."""
    for env_id, _, options in KINDS.values():
        run("new", env_id, *options, "--folder", tmp_path)
    modules = [module for _, module, _ in KINDS.values()]
    files = [f"{module}/{name}.py" for module in modules for name in (module, f"test_{module}")]
    environment = os.pathsep.join([str(ROOT), *(str(tmp_path / module) for module in modules)])
    finished = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", *files],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout


def test_the_readme_and_the_answer_say_how_to_go_on(package):
    """Each names the calls that check, play and evaluate it."""
    folder, module, env_id = package
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert all(f"llm-envs {command} {module}:{env_id}" in readme for command in ("info", "play", "check", "eval"))
    shutil.rmtree(folder)
    told = run("new", env_id, "--folder", folder.parent).stdout
    assert all(f"llm-envs {command} {module}:{env_id}" in told for command in ("check", "play", "eval"))


def test_the_card_has_the_sections_of_ours(package):
    """Description to version history."""
    folder, module, _ = package
    card = (folder / f"{module}.py").read_text(encoding="utf-8")
    assert card.count("\n    ## ") == 8
    assert "- v" in card.partition("## Version history")[2]


def test_it_can_be_a_plugin(package):
    """Its pyproject declares the entry point that loads it."""
    folder, module, _ = package
    declared = (folder / "pyproject.toml").read_text(encoding="utf-8")
    assert f'[project.entry-points."llm_envs.envs"]\n{module} = "{module}"' in declared


def test_the_document_names_the_files(tmp_path):
    """`--json` says what was written, and where."""
    told = json.loads(run("new", "me/Riddle-v0", "--folder", tmp_path, "--json").stdout)
    assert told["folder"] == str(tmp_path / "riddle")
    assert told["files"] == ["README.md", "pyproject.toml", "riddle.py", "test_riddle.py"]
    assert all((tmp_path / "riddle" / name).is_file() for name in told["files"])


def test_nothing_is_written_over(tmp_path):
    """A second call leaves what is there as it is, and exits with 2."""
    run("new", "me/Riddle-v0", "--folder", tmp_path)
    (tmp_path / "riddle" / "riddle.py").write_text("mine", encoding="utf-8")
    result = run("new", "me/Riddle-v0", "--folder", tmp_path)
    assert (result.exit_code, "is there already" in result.stderr) == (2, True)
    assert (tmp_path / "riddle" / "riddle.py").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("env_id", "says"),
    [
        ("riddle", "llm-envs new me/Riddle-v0"),
        ("Riddle", "llm-envs new me/Riddle-v0"),
        ("me/Riddle", "llm-envs new me/Riddle-v0"),
        ("me/riddle-v2", "llm-envs new me/Riddle-v2"),
        ("me/my-riddle-v0", "llm-envs new me/MyRiddle-v0"),
        ("../etc/Riddle-v0", "llm-envs new etc/Riddle-v0"),
        ("me/R\u00e4tsel-v0", "namespace/Name-vN"),
        ("", "llm-envs new me/Riddle-v0"),
        ("llm/Riddle-v0", "llm-envs new me/Riddle-v0"),
        ("me/Json-v0", "a module 'json' is installed already"),
        ("me/Numpy-v0", "llm-envs new me/NumpyWorld-v0"),
        ("me/Task-v0", "llm-envs new me/TaskWorld-v0"),
        ("me/None-v0", "llm-envs new me/NoneWorld-v0"),
        ("me/Class-v0", "llm-envs new me/ClassWorld-v0"),
    ],
)
def test_a_name_that_cannot_be_is_explained(tmp_path, env_id, says):
    """It exits with 2, proposes another one, and writes nothing."""
    result = run("new", env_id, "--folder", tmp_path)
    assert result.exit_code == 2, result.output
    assert says in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_proposed_name_is_taken(tmp_path):
    """Doing what the message says works."""
    proposed = run("new", "me/my riddle!", "--folder", tmp_path).stderr.partition("llm-envs new ")[2].strip()
    assert run("new", proposed, "--folder", tmp_path).exit_code == 0


def test_a_folder_that_cannot_be_written_is_explained(tmp_path):
    """It exits with 2."""
    (tmp_path / "file").touch()
    result = run("new", "me/Riddle-v0", "--folder", tmp_path / "file")
    assert (result.exit_code, "cannot be written" in result.stderr) == (2, True)
