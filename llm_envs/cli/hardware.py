"""What this machine is made of: cores, memory, disk, and the GPUs that torch sees."""

from __future__ import annotations

import os
import platform
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

from llm_envs.cli.machine import version_of

__all__ = ["machine", "torch"]

_GIB = 2**30


def machine() -> dict[str, Any]:
    """Python, system, cores, memory and disk; None where it cannot be told."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "cores": _cores(),
        "memory_gib": _memory_gib(),
        "memory_free_gib": _memory_free_gib(),
        "disk_free_gib": round(shutil.disk_usage(Path.cwd()).free / _GIB, 1),
    }


def torch() -> dict[str, Any]:
    """Whether torch can be imported, not only whether it lies there, and the GPUs that it sees."""
    if version_of("torch") is None:
        return {"version": None, "gpus": [], "fault": None}
    try:
        module = import_module("torch")
        gpus = [module.cuda.get_device_properties(i) for i in range(module.cuda.device_count())]
    except Exception as error:  # noqa: BLE001 (a broken torch is a finding)
        return {"version": version_of("torch"), "gpus": [], "fault": f"{type(error).__name__}: {error}"}
    seen = [{"name": gpu.name, "memory_gib": round(gpu.total_memory / _GIB, 1)} for gpu in gpus]
    return {"version": str(module.__version__), "cuda": module.version.cuda, "gpus": seen, "fault": None}


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_gib() -> float | None:
    """The machine's, or the container's where that is less."""
    found = [_kib("MemTotal") * 1024, *_cgroup_limit()]
    return round(min(found) / _GIB, 1) if found[0] else None


def _memory_free_gib() -> float | None:
    free = _kib("MemAvailable") * 1024
    return round(min([free, *_cgroup_limit()]) / _GIB, 1) if free else None


def _kib(name: str) -> int:
    """A line of /proc/meminfo; 0 where there is no such thing."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.is_file():
        return 0
    fields = dict(line.split(":") for line in meminfo.read_text().splitlines())
    return int(fields.get(name, "0").split()[0])


def _cgroup_limit() -> list[int]:
    for path in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        if path.is_file() and (text := path.read_text().strip()).isdigit():
            return [int(text)]
    return []
