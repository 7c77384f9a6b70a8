"""What a run may be given, and what it may use."""

import pickle

import pytest

from llm_envs.errors import BadOption
from llm_envs.sandbox import NO_VALUE, Limits, RunResult, TestRun


def test_the_wall_gives_four_times_the_cpu_time():
    """And a second, in which a process starts."""
    assert Limits(cpu_s=2.0).deadline_s == 9.0
    assert Limits(cpu_s=2.0, wall_s=3.0).deadline_s == 3.0


@pytest.mark.parametrize("field", ["cpu_s", "wall_s", "output_kib", "processes", "disk_mib", "open_files"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan"), "1", True])
def test_limits_are_numbers_above_zero(field, value):
    """Anything else is named."""
    with pytest.raises(BadOption, match=field):
        Limits(**{field: value})


def test_a_result_is_as_good_as_its_first_failure():
    """A program that does not compile has no runs."""
    assert RunResult((TestRun("ok"), TestRun("time_limit"), TestRun("runtime_error"))).status == "time_limit"
    assert RunResult((TestRun("ok"),)).status == "ok"
    assert RunResult(compile_error="line 1: no").status == "compile_error"


def test_no_value_is_one_thing_in_all_processes():
    """None is a value."""
    assert pickle.loads(pickle.dumps(NO_VALUE)) is NO_VALUE
    assert TestRun("ok").value is NO_VALUE
