"""Which calls to the kernel a task's process is refused, and the filter (seccomp) that refuses them.

What is refused is what reaches out: other processes, the network, the machine's settings, other programs. What a
process does to itself and to files that it may open is left alone, so that a library of the task's own goes on working.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

# Its number on x86-64 and on aarch64; None where there is no such call.
Numbers = tuple[int | None, int | None]
REFUSED: dict[str, Numbers] = {
    # the network; the channel to the slot is open already
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242),
    # other programs and processes
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "process_mrelease": (448, 448), "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "tkill": (200, 130), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpgid": (109, 154), "setsid": (112, 157), "setpriority": (141, 140),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274), "ioprio_set": (251, 30), "migrate_pages": (256, 238), "move_pages": (279, 239),
    # what other processes, or the next run, would find again
    "shmget": (29, 194), "shmat": (30, 196), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # a way round the others, or into the kernel
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    "inotify_add_watch": (254, 27),
    # the machine's own, and other people's files, whose owner may be the same
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "ioperm": (173, None), "iopl": (172, None),
    "mknod": (133, None), "mknodat": (259, 33), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "fchmodat2": (452, 452), "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16),
}  # fmt: skip
# Refused unless it is about the process itself.
ONLY_ITSELF: dict[str, Numbers] = {"kill": (62, 129), "tgkill": (234, 131)}
PRLIMIT: Numbers = (302, 261)
CLONE: Numbers = (56, 220)
CLONE3: Numbers = (435, 435)
IOCTL: Numbers = (16, 29)
CLONE_THREAD = 0x00010000
TYPE_IN_TERMINAL = 0x5412  # TIOCSTI: what is «typed» so is read by whoever started the worker

MACHINES = ("x86_64", "aarch64")
_ARCHITECTURE = (0xC000003E, 0xC00000B7)
_OTHER_NUMBERS = 0x40000000  # of x86-64 with short pointers: the same calls by other numbers

BY_FILTER = 2  # rather than the strictest, which lets a process read and write and nothing else
_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NUMBER, _ARCH, _FIRST, _SECOND = 0, 4, 16, 24  # where the kernel's description of a call has what


def _refuse(why: int) -> int:
    return 0x00050000 | why


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def kernel_numbers() -> int | None:
    """Which column of the tables holds on this machine; None where none does."""
    return MACHINES.index(platform.machine()) if platform.machine() in MACHINES else None


def filter_for(column: int, pid: int) -> bytes:
    """The filter, in the kernel's own machine language."""
    does: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, _ARCHITECTURE[column]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER),
    ]  # fmt: skip
    if column == 0:
        does += [(_AT_LEAST, 0, 1, _OTHER_NUMBERS), (_RETURN, 0, 0, _refuse(errno.ENOSYS))]
    for numbers in REFUSED.values():
        if (number := numbers[column]) is not None:
            does += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _refuse(errno.EPERM))]
    # The C library asks for the older way of making a thread when the newer one is not there.
    does += [(_EQUAL, 0, 1, CLONE3[column] or 0), (_RETURN, 0, 0, _refuse(errno.ENOSYS))]
    for numbers in ONLY_ITSELF.values():
        does += _when(numbers[column], _FIRST, [(_EQUAL, 1, 0, pid)])
    does += _when(PRLIMIT[column], _FIRST, [(_EQUAL, 2, 0, 0), (_EQUAL, 1, 0, pid)])
    does += _when(CLONE[column], _FIRST, [(_HAS_BITS, 1, 0, CLONE_THREAD)])
    does += _when(IOCTL[column], _SECOND, [(_EQUAL, 0, 1, TYPE_IN_TERMINAL)])
    does.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *each) for each in does)


def _when(number: int | None, where: int, checks: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """For this call alone: look at an argument, and refuse it unless a check jumps over that."""
    return [
        (_EQUAL, 0, len(checks) + 3, number or 0),
        (_LOAD, 0, 0, where), *checks, (_RETURN, 0, 0, _refuse(errno.EPERM)), (_RETURN, 0, 0, _ALLOW),
    ]  # fmt: skip


def put_up(libc: ctypes.CDLL, set_seccomp: int, pid: int) -> bool:
    """Whether the kernel has taken the filter; from then on nothing takes it away."""
    column = kernel_numbers()
    if column is None:
        return False
    does = filter_for(column, pid)
    held = ctypes.create_string_buffer(does, len(does))
    program = _Program(len(does) // 8, ctypes.addressof(held))
    return bool(libc.prctl(set_seccomp, BY_FILTER, ctypes.byref(program), 0, 0) == 0)
