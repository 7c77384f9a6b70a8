"""What no process in a container may ask of the kernel, the box's own processes included.

A list of what is denied, as a profile of the engine: it takes the place of the engine's own profile, and denies all
that this denies, and what old engines let through: io_uring, tracing, namespaces, new ways to mount. The box installs a
further filter in each program it runs; this one stands below it and needs no trust in the box.
"""

from __future__ import annotations

import errno
import json
from typing import Any

__all__ = ["profile"]

_NAMESPACES = {
    "CLONE_NEWTIME": 0x80,
    "CLONE_NEWNS": 0x20000,
    "CLONE_NEWCGROUP": 0x2000000,
    "CLONE_NEWUTS": 0x4000000,
    "CLONE_NEWIPC": 0x8000000,
    "CLONE_NEWUSER": 0x10000000,
    "CLONE_NEWPID": 0x20000000,
    "CLONE_NEWNET": 0x40000000,
}

DENIED = {
    "other processes": "ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_getfd",
    "namespaces and roots": "unshare setns chroot pivot_root",
    "mounts": (
        "mount umount umount2 mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick "
        "statmount listmount swapon swapoff quotactl quotactl_fd name_to_handle_at open_by_handle_at"
    ),
    "code in the kernel": (
        "bpf perf_event_open userfaultfd init_module finit_module delete_module create_module query_module "
        "get_kernel_syms kexec_load kexec_file_load lookup_dcookie io_uring_setup io_uring_enter io_uring_register"
    ),
    "keys": "add_key request_key keyctl",
    "the machine": (
        "reboot sethostname setdomainname settimeofday stime clock_settime clock_settime64 adjtimex clock_adjtime "
        "clock_adjtime64 acct syslog nfsservctl vhangup _sysctl sysfs ustat uselib iopl ioperm vm86 vm86old "
        "modify_ldt personality"
    ),
    "memory that outlives a process": (
        "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl ipc "
        "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr"
    ),
    "where memory and processes lie": (
        "mbind set_mempolicy set_mempolicy_home_node get_mempolicy migrate_pages move_pages"
    ),
    "the scheduler": "sched_setattr sched_setscheduler ioprio_set",
    "devices": "mknod mknodat fanotify_init",
}
"""Names of system calls; an engine passes over those that it does not know."""


def profile() -> str:
    """The profile as the engine takes it: JSON."""
    names = sorted(name for group in DENIED.values() for name in group.split())
    rules = [
        _deny(names, errno.EPERM),
        _deny(["clone3"], errno.ENOSYS),  # its flags lie in memory, where no filter sees them; libc falls back to clone
        *(_deny(["clone"], errno.EPERM, _has(flag)) for flag in _NAMESPACES.values()),
    ]
    return json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": rules})


def _deny(names: list[str], number: int, *conditions: dict[str, Any]) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": number, "args": list(conditions)}


def _has(flag: int) -> dict[str, Any]:
    """The first argument has this bit."""
    return {"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}
