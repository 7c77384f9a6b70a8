"""Compilers of this machine run inside, with all that they need."""

from __future__ import annotations

import shutil

import pytest

from llm_envs.sandbox import Program, Stdin
from llm_envs.sandbox.docker import compilers, tree

C = """
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
void *run(void *x) { return x; }
int main(void) {
    char word[100]; pthread_t thread; double root = sqrt(getpid());
    if (scanf("%99s", word) != 1 || pthread_create(&thread, 0, run, 0)) return 1;
    pthread_join(thread, 0);
    printf("%s%s %d\\n", word, word, root > 0);
}
"""
CPP = """
#include <bits/stdc++.h>
#include <ext/pb_ds/assoc_container.hpp>
#include <immintrin.h>
int main() {
    std::string word;
    std::cin >> word;
    try { throw std::runtime_error(word); }
    catch (std::exception &error) { std::cout << error.what() << word << " 1\\n"; }
}
"""
JAVASCRIPT = """
const word = require("fs").readFileSync(0, "utf8").trim();
console.log(`${word}${word} 1`);
"""


def has(*programs):
    """Whether this machine has them."""
    return all(shutil.which(name) for name in programs)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("language", "source", "programs"),
    [
        ("c", C, ["gcc", "as", "ld"]),
        pytest.param("cpp", CPP, ["g++", "as", "ld"], marks=pytest.mark.slow),
        ("javascript", JAVASCRIPT, ["node"]),
    ],
)
def test_a_program_of_each_language_runs(dockers, language, source, programs):
    """With threads, exceptions, and headers beyond the standard; a Python program may use the same box."""
    if not has(*programs):
        pytest.skip(f"NOT TESTED: this machine lacks one of {programs}")
    sandbox = dockers(slots=1)
    result = sandbox.run(Program(source, language), [Stdin("ab"), Stdin("c")])
    assert result.compile_error == ""
    assert [run.stdout for run in result.runs] == ["abab 1\n", "cc 1\n"]
    assert sandbox.run(Program("print(1)"), [Stdin()]).status == "ok"
    assert len(sandbox._live) == 1


@pytest.mark.docker
def test_a_box_without_compilers_makes_room_for_one_that_has_them(dockers):
    """There are never more boxes than slots."""
    if not has("node"):
        pytest.skip("NOT TESTED: this machine lacks node")
    sandbox = dockers(slots=1)
    sandbox.run(Program("print(1)"), [Stdin()])
    (plain,) = sandbox._live
    sandbox.run(Program("console.log(1)", "javascript"), [Stdin()])
    (able,) = sandbox._live
    assert (plain.variant, able.variant) == ("", "compilers")


def test_another_compiler_is_another_image(monkeypatch):
    """And has nothing to do with the image of Python alone."""
    plain, before = tree.fingerprint(), tree.fingerprint(compilers=True)
    monkeypatch.setattr(tree, "compiler_programs", lambda: {"gcc": "/usr/bin/env"})
    assert tree.fingerprint(compilers=True) not in (plain, before)
    assert tree.fingerprint() == plain


def test_a_machine_without_compilers_has_no_files_of_theirs(monkeypatch):
    """An image is made all the same, and says what is missing when a program needs it."""
    monkeypatch.setattr(compilers, "_PROGRAMS", ("no-such-gcc",))
    assert compilers.compiler_files() == {}
