"""`llm-envs view`: what it prints, and how it ends."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request

from calling import run
from runs import make_episode, make_plan, make_run


def test_it_prints_an_address_and_ends_by_ctrl_c(tmp_path):
    """The address answers; an interrupt is the usual end, with exit code 0."""
    make_run(tmp_path / "run", make_plan(1), [make_episode(0)])
    command = [sys.executable, "-m", "llm_envs", "view", str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{20,}", address)
        with urllib.request.urlopen(address, timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path):
    """Exit code 2 and what to do."""
    result = run("view", tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "there is no folder" in result.stderr
