"""Data structures: caches, queues, heaps, sets, intervals and histories."""

from __future__ import annotations

import random

from llm_envs.envs.code.forms import FormName
from llm_envs.envs.code.problem import Args, Argument, Problem, Result, Template

__all__ = ["TEMPLATES"]


def cache_hits(rng: random.Random, level: int) -> Problem:
    """What a small store holds after a series of requests."""
    size = rng.randint(2, 5)
    policies = {
        "the one that was stored first": ("stored", "min"),
        "the one whose last request is longest ago": ("used", "min"),
        "the one that was requested last": ("used", "max"),
    }
    if level >= 2:
        policies[
            "the one that has been requested least often since it was stored; of several, the one stored first"
        ] = (
            "often",
            "min",
        )
    policy, (table, pick) = rng.choice(list(policies.items()))
    clears = rng.randint(1, 20) if level >= 1 else 0
    clearing = f" A request for {clears} is never stored, but empties the store, and is no hit." if clears else ""
    asked, result = rng.choice(
        (
            ("the number of hits, and then what the store holds in the end, ascending", "[hits, *sorted(stored)]"),
            ("the values that were thrown out, in the order in which that happened", "thrown"),
        )
    )
    return Problem(
        words=(
            f"A store has room for {size} different values. A request for a value that is in the store is a hit. One "
            "for a value that is not there stores it; if there is no room left, another is thrown out first: "
            f"{policy}.{clearing}"
        ),
        takes=(Argument("requests", "ints", "up to 200 integers from 1 to 20"),),
        gives=Result("ints", asked),
        reference="""
def solve(requests):
    stored, used, often, hits, thrown = {}, {}, {}, 0, []
    for time, value in enumerate(requests):
        if value == $clears:
            stored.clear()
            continue
        if value in stored:
            hits += 1
            often[value] += 1
        else:
            if len(stored) == $size:
                out = $pick(stored, key=lambda one: ($table[one], stored[one]))
                del stored[out]
                thrown.append(out)
            stored[value], often[value] = time, 1
        used[value] = time
    return $result
""",
        brute="""
def solve(requests):
    stored, hits, thrown = [], 0, []
    for time, value in enumerate(requests):
        inside = [entry for entry in stored if entry[0] == value]
        if value == $clears:
            stored = []
        elif inside:
            hits += 1
            inside[0].append(time)
        else:
            if len(stored) == $size:
                best = $pick(rank(entry) for entry in stored)
                out = [entry for entry in stored if rank(entry) == best][0]
                stored.remove(out)
                thrown.append(out[0])
            stored.append([value, time])
    stored = [value for value, *_ in stored]
    return $result

def rank(entry):
    times = entry[1:]
    return {"stored": times[0], "used": times[-1], "often": len(times)}["$table"]
""",
        mutants={
            "has room for one more": ("== $size:", "== $size + 1:"),
            "has room for one less": ("== $size:", "== max(1, $size - 1):"),
            "throws out the other end": ("$pick(stored,", "$other(stored,"),
            "throws out another one": ("($table[one], stored[one])", "($otherwise[one], stored[one])"),
            "throws out by value": ("($table[one], stored[one])", "one"),
        }
        | ({"never empties the store": ("stored.clear()", "pass")} if clears else {}),
        parameters={
            "size": size,
            "clears": clears,
            "pick": pick,
            "other": "max" if pick == "min" else "min",
            "table": table,
            "otherwise": "used" if table != "used" else "stored",
            "result": result,
        },
        edges=[
            ([],),
            ([7],),
            ([3] * 5,),
            (list(range(1, 9)),),
            ([1, 2, 3, 4, 5, 6, 1, 2, 3, 7, 1, 2, 8],),
            ([1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 1, 2],),
            ([5, 6, 5, 7, 5, 8, 9, 5, 10, 11, clears or 12, 5, 6],),
        ],
        case=lambda rng, size: ([rng.randint(1, rng.choice((6, 9, 20))) for _ in range(3 * size)],),
        small=5,
        most=20,
    )


def waiting_room(rng: random.Random, level: int) -> Problem:
    """Who is called when, in a waiting room with urgent cases."""
    first, sign = rng.choice((("highest", -1), ("lowest", 1)))
    tie, order = rng.choice((("came first", 1), ("came last", -1)))
    room = rng.randint(3, 6) if level >= 2 else 0
    ages = rng.randint(1, 4) if level >= 3 else 0
    none = -rng.randint(1, 99)
    rules = [
        (
            "People come into a waiting room, numbered 1, 2, 3 and so on as they come. A positive number in the list "
            "means that the next one comes, with that urgency; 0 means that somebody is called, who leaves the room: "
            f"the one with the {first} urgency, of several the one who {tie}. A call in an empty room gives {none}."
        )
    ]
    if room:
        rules.append(f"Who comes while {room} people are waiting goes away again (but has had a number).")
    if ages:
        rules.append(
            "At each call that finds somebody, the urgency of all who go on waiting is "
            f"{'raised' if sign < 0 else 'lowered'} by {ages}, and those who come later have theirs unchanged."
        )
    return Problem(
        words=" ".join(rules),
        takes=(Argument("events", "ints", "up to 300 integers from 0 to 20"),),
        gives=Result("ints", "the numbers of those who are called, in the order of the calls"),
        reference="""
import heapq

def solve(events):
    waiting, called, number, raised = [], [], 0, 0
    for event in events:
        if event:
            number += 1
            if not $room or len(waiting) < $room:
                heapq.heappush(waiting, ($sign * event + raised, $order * number))
        elif waiting:
            called.append($order * heapq.heappop(waiting)[1])
            raised += $ages
        else:
            called.append($none)
    return called
""",
        brute="""
def solve(events):
    waiting, called, number = [], [], 0
    for event in events:
        if event:
            number += 1
            if not $room or len(waiting) < $room:
                waiting.append([event, number])
        elif not waiting:
            called.append($none)
        else:
            best = (max if $sign < 0 else min)(urgency for urgency, _ in waiting)
            alike = [one for urgency, one in waiting if urgency == best]
            one = alike[0] if $order > 0 else alike[-1]
            called.append(one)
            waiting = [[urgency - $sign * $ages, other] for urgency, other in waiting if other != one]
    return called
""",
        mutants={
            "calls the least urgent": ("($sign * event", "(-$sign * event"),
            "calls the other one of equals": ("$order * number))", "-$order * number))"),
            "numbers from 0": ("$order * heapq.heappop(waiting)[1]", "$order * heapq.heappop(waiting)[1] - 1"),
            "forgets calls in an empty room": ("called.append($none)", "pass"),
            "calls in the order of coming": ("($sign * event + raised,", "(0,"),
        }
        | ({"has room for one more": ("< $room:", "<= $room:")} if room else {})
        | ({"gives no number to who goes away": ("number += 1", "number += len(waiting) < $room")} if room else {})
        | ({"lets nobody become more urgent": ("raised += $ages", "raised += 0")} if ages else {}),
        parameters={"sign": sign, "order": order, "room": room, "ages": ages, "none": none},
        edges=[
            ([],),
            ([0],),
            ([5],),
            ([3, 0, 0],),
            ([4] * 8 + [0] * 8,),
            (list(range(1, 9)) + [0] * 9,),
            ([1, 20, 0, 1, 20, 0, 2, 0, 0, 0],),
            ([6, 5, 0, 5, 0, 7, 0, 0],),
            ([5, 7, 0, 8, 0, 9, 6, 0, 0, 0],),
        ],
        case=lambda rng, size: (
            [rng.choice((0, rng.randint(1, 6), rng.randint(1, 20))) for _ in range(3 * size)] + [0] * 3,
        ),
        small=20,
    )


def merged_intervals(rng: random.Random, level: int) -> Problem:
    """What some intervals cover together."""
    gap = rng.randint(1, 9) if level >= 1 else 0
    low, high = sorted(rng.sample(range(-15, 16), k=2)) if level >= 3 else (-100, 100)
    high += 12 if level >= 3 else 0
    bridged = f", or if the beginning of one is at most {gap} beyond the end of the other" if gap else ""
    cut = (
        f" Of all intervals only what lies from {low} to {high} counts; the rest is cut off first."
        if level >= 3
        else ""
    )
    questions: tuple[tuple[str, FormName, str], ...] = (
        ("the parts that are left, from left to right", "rows", "parts"),
        (
            (
                "the number of parts, the length of the longest (its end less its beginning; 0 if there is none), "
                "and the sum of all lengths"
            ),
            "ints",
            "[len(parts), max([b - a for a, b in parts], default=0), sum(b - a for a, b in parts)]",
        ),
        (
            "the gaps between the parts that are left, from left to right, each with its beginning and its end",
            "rows",
            "[[one[1], other[0]] for one, other in zip(parts, parts[1:])]",
        ),
    )
    asked, form, result = rng.choice(questions)
    return Problem(
        words=(
            "Intervals on a line have a beginning and an end, which is not smaller. Two of them are joined to one "
            f"part if they overlap or touch{bridged}; a part covers everything from its first beginning to its last "
            f"end.{cut} An interval may be a single point."
        ),
        takes=(Argument("intervals", "rows", "up to 200 pairs of integers from -99 to 99, in any order"),),
        gives=Result(form, asked),
        reference="""
def solve(intervals):
    parts = []
    for a, b in sorted(intervals):
        a, b = max(a, $low), min(b, $high)
        if a > b:
            continue
        if parts and a - parts[-1][1] <= $gap:
            parts[-1][1] = max(parts[-1][1], b)
        else:
            parts.append([a, b])
    return $result
""",
        brute="""
def solve(intervals):
    parts = [[max(a, $low), min(b, $high)] for a, b in intervals]
    parts = [part for part in parts if part[0] <= part[1]]
    changed = True
    while changed:
        changed = False
        for i in range(len(parts)):
            for j in range(len(parts)):
                one, other = parts[i], parts[j]
                if i != j and one[0] <= other[1] + $gap and other[0] <= one[1] + $gap:
                    joined = [min(one[0], other[0]), max(one[1], other[1])]
                    parts = [part for k, part in enumerate(parts) if k not in (i, j)] + [joined]
                    changed = True
                    break
            if changed:
                break
    parts.sort()
    return $result
""",
        mutants={
            "does not join what is just close enough": ("<= $gap:", "< $gap:"),
            "joins what is too far": ("<= $gap:", "<= $gap + 1:"),
            "forgets that one may lie in another": ("= max(parts[-1][1], b)", "= b"),
            "takes intervals as they come": ("sorted(intervals)", "intervals"),
            "forgets single points": ("if a > b:", "if a >= b:"),
            "sorts by the end": ("sorted(intervals)", "sorted(intervals, key=lambda pair: pair[1])"),
        }
        | ({"cuts nothing off": ("max(a, $low), min(b, $high)", "a, b")} if level >= 3 else {}),
        parameters={"gap": gap, "low": low, "high": high, "result": result},
        edges=[
            ([],),
            ([[3, 3]],),
            ([[0, 5], [5, 9]],),
            ([[0, 5], [5 + gap, 9]],),
            ([[0, 5], [6 + gap, 9]],),
            ([[0, 9], [2, 3], [12 + gap, 13 + gap]],),
            ([[9, 9], [1, 1], [9, 9]],),
            ([[-99, 99], [low, high]],),
            ([[low - 5, low - 1], [high + 1, high + 3]],),
        ],
        case=lambda rng, size: (_intervals(rng, size, *rng.choice(((4, 40), (15, 40), (3, 90)))),),
        small=9,
    )


def _intervals(rng: random.Random, count: int, longest: int, reach: int) -> list[list[int]]:
    begins = [rng.randint(-reach, reach) for _ in range(count)]
    return [[begin, min(99, begin + rng.randint(0, longest))] for begin in begins]


def running_rank(rng: random.Random, level: int) -> Problem:
    """The k-th of the latest numbers, after each one."""
    window = rng.randint(3, 9) if level >= 1 else 0
    side, down = rng.choice((("smallest", 0), ("largest", 1)))
    k = rng.randint(2, 4)
    shrinks = level >= 2 and rng.random() < 0.5
    none = rng.choice((-1, 0, -500, 500))
    which = f"the latest {window} numbers (all, while there are fewer)" if window else "all numbers so far"
    same = "Equal numbers count once." if shrinks else "Equal numbers count as often as they are there."
    return Problem(
        words=f"Numbers come one after the other. After each we look at {which}, it included. {same}",
        takes=(Argument("numbers", "ints", "up to 3000 integers from -100 to 100"),),
        gives=Result(
            "ints",
            f"after each number the {k}{['nd', 'rd', 'th'][k - 2]} {side} of those we look at, or {none} where they "
            f"are fewer than {k}",
        ),
        reference="""
from bisect import bisect_left, insort

def solve(numbers):
    ordered, counts, found = [], {}, []
    for place, number in enumerate(numbers):
        if $window and place >= $window:
            old = numbers[place - $window]
            counts[old] -= 1
            if not $once or counts[old] == 0:
                del ordered[bisect_left(ordered, old)]
        counts[number] = counts.get(number, 0) + 1
        if not $once or counts[number] == 1:
            insort(ordered, number)
        found.append(ordered[$place] if len(ordered) >= $k else $none)
    return found
""",
        brute="""
def solve(numbers):
    found = []
    for end in range(1, len(numbers) + 1):
        latest = numbers[max(0, end - $window) if $window else 0:end]
        ordered = sorted(set(latest) if $once else latest, reverse=$down)
        found.append(ordered[$k - 1] if len(ordered) >= $k else $none)
    return found
""",
        mutants={
            "takes the next one": ("ordered[$place] if len(ordered) >= $k", "ordered[$further] if len(ordered) > $k"),
            "takes the other side": ("ordered[$place]", "ordered[-1 - $place]"),
            "treats equal numbers the other way": (
                "if not $once or counts[number] == 1:",
                "if $once or counts[number] == 1:",
            ),
            "is late by one": ("return found", "return [$none] * (len(found) > 0) + found[:-1]"),
            "gives something where there are too few": (
                "if len(ordered) >= $k else $none",
                "if len(ordered) >= $k else number",
            ),
        }
        | (
            {
                "looks at one number more": (
                    "place >= $window:\n            old = numbers[place - $window]",
                    "place > $window:\n            old = numbers[place - $window - 1]",
                )
            }
            if window
            else {}
        ),
        parameters={
            "window": window,
            "down": bool(down),
            "k": k,
            "place": -k if down else k - 1,
            "further": -k - 1 if down else k,
            "once": shrinks,
            "none": none,
        },
        edges=[
            ([],),
            ([4],),
            ([4, 4],),
            ([7] * 12,),
            (list(range(12)),),
            (list(range(12, 0, -1)),),
            ([-5, 5] * 7,),
            ([1, 1, 2, 2, 3, 3, 1, 1, 2, 2],),
        ],
        case=lambda rng, size: ([rng.randint(-9, rng.choice((9, 100))) for _ in range(2 * size)],),
        small=20,
    )


def text_history(rng: random.Random, level: int) -> Problem:
    """A text that is typed, shortened, turned, and taken back."""
    undo, redo = rng.choice((("undo", "redo"), ("back", "forth"), ("z", "y"), ("revert", "again")))
    depth = rng.randint(2, 4) if level >= 2 else 0
    most = rng.randint(5, 9) if level >= 1 else 0
    turn = rng.choice((("reverse the text", "[::-1]"), ("swap upper and lower case", ".swapcase()")))
    turning, how = turn if level >= 3 else ("", "")
    rules = [
        (
            "Commands change a text that is empty at first: `add W` puts the word W at its end, `cut K` takes its "
            f"last K letters away (all, if there are fewer). `{undo}` takes the last change back that has not been "
            f"taken back, `{redo}` makes the change again that was taken back last; any other command makes `{redo}` "
            "forget. Where there is nothing to take back or to make again, nothing happens."
        )
    ]
    if turning:
        rules.append(f"`turn` is a change as well: {turning}.")
    if depth:
        rules.append(f"Only the last {depth} changes can be taken back; made again, a change can be taken back again.")
    if most:
        rules.append(f"After each change, only the last {most} letters of the text are kept.")
    return Problem(
        words=" ".join(rules),
        takes=(Argument("commands", "lines", "up to 60 commands; words have 1 to 5 letters, K is from 0 to 9"),),
        gives=Result("text", "the text in the end"),
        reference="""
def solve(commands):
    text, past, future = "", [], []
    for command in commands:
        kind, _, rest = command.partition(" ")
        if kind == "$undo":
            if past:
                future.append(text)
                text = past.pop()
        elif kind == "$redo":
            if future:
                past.append(text)
                text = future.pop()
        else:
            past.append(text)
            future.clear()
            if kind == "add":
                text += rest
            elif kind == "turn":
                text = text$how
            else:
                text = text[:max(0, len(text) - int(rest))]
            text = text[-$most:]
        past = past[-$depth:]
    return text
""",
        brute="""
def solve(commands):
    done, undone, frozen = [], [], 0
    for command in commands:
        if command == "$undo":
            if len(done) > frozen:
                undone.append(done.pop())
        elif command == "$redo":
            if undone:
                done.append(undone.pop())
        else:
            done.append(command)
            undone = []
        frozen = max(frozen, len(done) - $depth)
    text = ""
    for command in done:
        if command.startswith("add"):
            text = text + command[4:]
        elif command == "turn":
            text = text$how
        else:
            for _ in range(int(command[4:])):
                text = text[:-1]
        while len(text) > $most:
            text = text[1:]
    return text
""",
        mutants={
            "cuts by a negative end": ("text[:max(0, len(text) - int(rest))]", "text[:-int(rest)]"),
            "never forgets what was taken back": ("future.clear()", "pass"),
            "never makes a change again": ("text = future.pop()", "future.pop()"),
            "cuts from the beginning": ("text[:max(0, len(text) - int(rest))]", "text[int(rest):]"),
            "takes two changes back": ("text = past.pop()", "text = ([''] + past)[-2:][0]; past.pop()"),
            "cannot take back what was made again": (
                "past.append(text)\n                text = future",
                "text = future",
            ),
        }
        | ({"takes any number of changes back": ("past = past[-$depth:]", "pass")} if depth else {})
        | ({"keeps the first letters": ("text[-$most:]", "text[:$most]")} if most else {}),
        parameters={"undo": undo, "redo": redo, "depth": depth or 10**6, "most": most or 10**6, "how": how},
        edges=[
            ([],),
            ([undo, redo],),
            (["add ab", "cut 5"],),
            (["add abc", "cut 0"],),
            (["add ab", "add cd", undo, undo, undo, redo],),
            (["add a", "add b", undo, "add c", redo, undo, redo],),
            (["add abcde", "add fghij", "cut 1"],),
            (["add a", "add b", "add c", "add d", "add e", *[undo] * 6],),
            (["add a", "add b", "add c", undo, undo, redo, redo, undo, "cut 1", undo],),
        ],
        case=lambda rng, size: ([_command(rng, undo, redo, turns=bool(turning)) for _ in range(2 * size)],),
        small=20,
    )


def _command(rng: random.Random, undo: str, redo: str, *, turns: bool) -> str:
    kind = rng.choice(("add", "add", "add", "cut", undo, undo, redo, *["turn"] * turns))
    if kind == "add":
        return "add " + "".join(rng.choices("abcdEFGH", k=rng.randint(1, 5)))
    return f"cut {rng.randint(0, 4)}" if kind == "cut" else kind


def range_changes(rng: random.Random, level: int) -> Problem:
    """What numbers in a row are after many changes of ranges."""
    name = rng.choice(("wave", "shower", "raise", "load", "step", "grant"))
    modulus = rng.randint(5, 30) if level >= 1 else 0
    steps = level >= 2 and rng.random() < 0.6
    first = rng.choice((0, 1))
    asked, result = rng.choice(
        (
            ("the numbers after all changes", "row"),
            (
                "the largest of the numbers after all changes, and the first place where it stands",
                f"[max(row), row.index(max(row)) + {first}]",
            ),
            (
                "the different numbers that stand there after all changes, each once, the smallest first",
                "sorted(set(row))",
            ),
        )
    )
    way = (
        "adds c to the number at place a, 2c to the one at a + 1, 3c to the one at a + 2, and so on up to place b"
        if steps
        else "adds c to each number from place a to place b, both included"
    )
    last = f" After all changes each number is replaced by its remainder when divided by {modulus} (never negative)."
    return Problem(
        words=(
            f"n numbers stand in a row, all 0 at first, at the places {first} to {'n' if first else 'n - 1'}. A "
            f"change, called a {name}, has three numbers a, b and c: it {way}.{last if modulus else ''}"
        ),
        takes=(
            Argument("n", "int", "how many numbers there are, from 1 to 20000"),
            Argument("changes", "rows", "up to 5000 changes, each a, b and c; a is not greater than b, c from -9 to 9"),
        ),
        gives=Result("ints", asked),
        reference="""
def solve(n, changes):
    slope, level = [0] * (n + 2), [0] * (n + 2)
    for a, b, c in changes:
        a, b = a - $first, b - $first
        if $steps:
            slope[a] += c
            slope[b + 1] -= c
            level[b + 1] -= c * (b - a + 1)
        else:
            level[a] += c
            level[b + 1] -= c
    row, rise, value = [], 0, 0
    for place in range(n):
        rise += slope[place]
        value += rise + level[place]
        row.append(value$rest)
    return $result
""",
        brute="""
def solve(n, changes):
    row = [0] * n
    for a, b, c in changes:
        for place in range(a, b + 1):
            row[place - $first] += c * (place - a + 1) if $steps else c
    row = [value$rest for value in row]
    return $result
""",
        mutants={
            "leaves out the last place": (
                (
                    "slope[b + 1] -= c\n            level[b + 1] -= c * (b - a + 1)\n        else:\n            "
                    "level[a] += c\n            level[b + 1] -= c"
                ),
                (
                    "slope[b] -= c\n            level[b] -= c * (b - a)\n        else:\n            level[a] += c\n  "
                    "          level[b] -= c"
                ),
            ),
            "takes one place too many": ("b - $first\n", "min(n, b - $first + 1)\n"),
            "keeps the last change only": ("changes:", "changes[-1:]:"),
            "treats steps the other way": ("if $steps:", "if not $steps:"),
            "takes c for positive": ("in changes:\n", "in changes:\n        c = abs(c)\n"),
        }
        | ({"takes no remainder": ("value$rest", "value")} if modulus else {}),
        parameters={
            "first": first,
            "steps": steps,
            "rest": f" % {modulus}" if modulus else "",
            "result": result,
        },
        edges=[
            (1, []),
            (5, []),
            (1, [[first, first, -7]]),
            (6, [[first, first + 5, 9]]),
            (6, [[first + 5, first + 5, 3], [first, first, 4]]),
            (5, [[first + 1, first + 3, -2], [first + 2, first + 4, 5]]),
            (8, [[first, first + 7, 9]] * 4),
        ],
        case=lambda rng, size: _changes(rng, size, first),
        small=15,
        big=5000,
        brute_is_slow=True,
    )


def _changes(rng: random.Random, size: int, first: int) -> Args:
    n = size if size < 1000 else 20000
    changes = []
    for _ in range(rng.randint(0, size) if size < 1000 else size):
        a, b = sorted((rng.randrange(n), rng.randrange(n)))
        changes.append([a + first, b + first, rng.randint(-9, 9)])
    return n, changes


TEMPLATES = tuple(
    Template("structures", draw.__name__, draw)
    for draw in (cache_hits, waiting_room, merged_intervals, running_rank, text_history, range_changes)
)
