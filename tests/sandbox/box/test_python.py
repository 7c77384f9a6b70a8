"""Correct programs that a stand-in for a Python interpreter might fail."""

from __future__ import annotations

import pytest

PROGRAMS = {
    "buffer": ("import sys; n = sys.stdin.buffer.read(); sys.stdout.buffer.write(n * 2)", "ab", "abab"),
    "open(0)": ("print(sum(map(int, open(0))))", "1\n2\n", "3\n"),
    "os.read": ("import os; os.write(1, os.read(0, 9))", "ab", "ab"),
    "/dev/stdin": ("open('/dev/stdout', 'w').write(open('/dev/stdin').read())", "ab", "ab"),
    "seek": ("import sys; sys.stdin.read(); sys.stdin.seek(0); print(input())", "ab", "ab\n"),
    "_exit": ("import os; print(1, flush=True); os._exit(0)", "", "1\n"),
    "exit": ("print(1); exit()", "", "1\n"),
    "quit": ("print(1); quit(0)", "", "1\n"),
    "atexit": ("import atexit; atexit.register(print, 'bye'); print('hi')", "", "hi\nbye\n"),
    "del": ("class A:\n    def __del__(self): print('bye')\na = A()\nprint('hi')", "", "hi\nbye\n"),
    "threads": ("import threading, time\nthreading.Timer(0.1, print, ['late']).start()\nprint(1)", "", "1\nlate\n"),
    "daemons": ("import threading, time\nthreading.Thread(target=time.sleep, args=[99], daemon=True).start()", "", ""),
    "main": ("if __name__ == '__main__': print(1)", "", "1\n"),
    "argv": (
        "import sys, os; print(len(sys.argv), os.path.exists(sys.argv[0]), os.path.exists(__file__))",
        "",
        "1 True True\n",
    ),
    "eof": ("try: input()\nexcept EOFError: print('end')", "", "end\n"),
    "recursion": (
        (
            "import sys, threading\nsys.setrecursionlimit(10**6)\nthreading.stack_size(2**28)\n"
            "def f(n): return 0 if n == 0 else 1 + max(f(n - 1), 0, key=lambda x: x)\n"
            "t = threading.Thread(target=lambda: print(f(20000))); t.start(); t.join()"
        ),
        "",
        "20000\n",
    ),
    "dataclass": (
        (
            "from __future__ import annotations\nimport dataclasses, pickle\n@dataclasses.dataclass\nclass P:\n"
            "    x: int\n"
            "print(pickle.loads(pickle.dumps(P(3))))"
        ),
        "",
        "P(x=3)\n",
    ),
    "source": ("import inspect\ndef f(): return 1\nprint(inspect.getsource(f), end='')", "", "def f(): return 1\n"),
    "traceback": ("import traceback\ntry: 1/0\nexcept Exception: print('1/0' in traceback.format_exc())", "", "True\n"),
    "asyncio": ("import asyncio\nasync def f():\n    await asyncio.sleep(0.01); print(1)\nasyncio.run(f())", "", "1\n"),
    "fork": ("import os\nif os.fork() == 0: os._exit(3)\nprint(os.wait()[1] >> 8)", "", "3\n"),
    "pool": (
        (
            "from multiprocessing import Pool\ndef f(x): return x * x\n"
            "if __name__ == '__main__':\n    with Pool(2) as pool: print(pool.map(f, range(4)))"
        ),
        "",
        "[0, 1, 4, 9]\n",
    ),
    "spawn": (
        (
            "import multiprocessing as mp\ndef f(q): q.put(7)\nif __name__ == '__main__':\n"
            "    c = mp.get_context('spawn')\n"
            "    q = c.Queue(); p = c.Process(target=f, args=[q]); p.start(); print(q.get()); p.join()"
        ),
        "",
        "7\n",
    ),
    "executor": (
        (
            "from concurrent.futures import ProcessPoolExecutor as E\nimport math\n"
            "if __name__ == '__main__':\n    with E(2) as e: print(list(e.map(math.factorial, [3, 4])))"
        ),
        "",
        "[6, 24]\n",
    ),
    "lock": ("import multiprocessing as mp\nwith mp.Lock(): print(mp.Value('i', 3).value)", "", "3\n"),
    "subprocess": (
        "import subprocess, sys\nprint(subprocess.check_output([sys.executable, '-c', 'print(6 * 7)']))",
        "",
        "b'42\\n'\n",
    ),
    "itself": (
        "import subprocess as s, sys\nif sys.argv[1:]: print('child')\nelse: s.run([sys.executable, __file__, 'x'])",
        "",
        "child\n",
    ),
    "bytes": ("print(ascii(input()))", "\udcff", "'\\udcff'\n"),
    "replaced stdout": (
        "import sys, io\nsys.stdout = io.TextIOWrapper(open(1, 'wb', 0), write_through=False)\nprint('late')",
        "",
        "late\n",
    ),
    "own stdout": (
        (
            "import sys, os\nclass Out:\n    def __init__(self): self.kept = ''\n"
            "    def write(self, s): self.kept += s\n"
            "    def flush(self): os.write(1, self.kept.encode()); self.kept = ''\nsys.stdout = Out()\nprint('late')"
        ),
        "",
        "late\n",
    ),
    "interrupt": (
        "import os, signal\ntry: os.kill(os.getpid(), signal.SIGINT)\nexcept KeyboardInterrupt: print('caught')",
        "",
        "caught\n",
    ),
    "handler": (
        "import signal\nsignal.signal(14, lambda *a: print('rang'))\nsignal.setitimer(0, 0.05)\nsignal.pause()",
        "",
        "rang\n",
    ),
    "closed": ("import os\nos.close(0)\nprint(os.open('/dev/null', 0))", "", "0\n"),
    "low descriptors": ("import os; os.closerange(3, 256); print(os.dup(1))", "", "3\n"),
    "digits": ("import sys; sys.set_int_max_str_digits(0); print(len(str(10**5000)))", "", "5001\n"),
    "tempfile": ("import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b'a'); print(f.tell())", "", "1\n"),
    "logging": (
        "import logging, sys; logging.basicConfig(stream=sys.stdout); logging.error('x')",
        "",
        "ERROR:root:x\n",
    ),
    "import itself": ("import solution\nif __name__ == '__main__': print(solution.__name__)", "", "solution\n"),
    "home": (
        "import os, getpass; print(os.access(os.path.expanduser('~'), os.W_OK), getpass.getuser())",
        "",
        "True program\n",
    ),
    "encoding": ("# -*- coding: latin-1 -*-\nprint(len('\u00e9'))", "", "2\n"),
    "unicode": ("print(input()[::-1])", "\u00e9\U0001f600", "\U0001f600\u00e9\n"),
}


@pytest.mark.parametrize(("source", "stdin", "stdout"), PROGRAMS.values(), ids=PROGRAMS)
def test_correct_programs_run_as_in_python(box, source, stdin, stdout):
    """With the same output, and exit status 0."""
    run = box.run(source, stdin)
    assert (run["status"], run["stdout"]) == ("ok", stdout), run


FUNCTIONS = {
    "guard": "if __name__ == '__main__':\n    f = int(input())\ndef f(): return 3",
    "named": "import sys\ndef f(): return 3\nassert sys.modules[__name__].f is sys.modules['__main__'].f is f",
    "exit at import": "import sys\ndef f(): return 3\nsys.exit(0)",
    "prints": "print('noise')\ndef f():\n    print('more'); return 3",
    "fork": "import os\ndef f():\n    if os.fork(): os.wait()\n    return 3",
    "pool": (
        "import multiprocessing as mp\ndef g(x): return x\n"
        "def f():\n    with mp.Pool(2) as p: return sum(p.map(g, [1, 2]))"
    ),
    "spawn": (
        "import multiprocessing as mp\ndef g(x): return x\n"
        "def f():\n    with mp.get_context('spawn').Pool(1) as p: return sum(p.map(g, [1, 2]))"
    ),
    "pickle": "import pickle\nclass A: pass\ndef f(): return 3 * (type(pickle.loads(pickle.dumps(A()))) is A)",
    "main": "import __main__\ndef g(): return 3\ndef f(): return __main__.g()",
    "closed stdout": "import sys\ndef f():\n    sys.stdout.close()\n    return 3",
    "redirected": "import sys, io\ndef f():\n    sys.stdout = io.StringIO()\n    return 3",
}


@pytest.mark.parametrize("source", FUNCTIONS.values(), ids=FUNCTIONS)
def test_correct_functions_return(box, source):
    """What their authors meant."""
    assert box.value(source, "f") == 3
