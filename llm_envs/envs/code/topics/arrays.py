"""Arrays: runs, windows, pairs and orders of integers."""

from __future__ import annotations

import random

from llm_envs.envs.code.problem import Args, Argument, Problem, Result, Template

__all__ = ["TEMPLATES"]


def _some(rng: random.Random, size: int, low: int, high: int) -> list[int]:
    return [rng.randint(low, high) for _ in range(size)]


def longest_run(rng: random.Random, level: int) -> Problem:
    """The longest run of neighbours that suit each other, with a few exceptions."""
    by, slack = rng.randint(1, 6), rng.randint(1, 3) if level >= 2 else 0
    words, fits, almost = rng.choice(
        (
            (f"the two differ by at most {by}", f"abs(b - a) <= {by}", f"abs(b - a) < {by}"),
            (f"the second is greater by at least {by}", f"b - a >= {by}", f"b - a > {by}"),
            (f"the second is smaller by at least {by}", f"a - b >= {by}", f"a - b > {by}"),
            (f"the two differ by at least {by}", f"abs(a - b) >= {by}", f"abs(a - b) > {by}"),
            (f"their sum is at most {by} and at least {-by}", f"abs(a + b) <= {by}", f"abs(a + b) < {by}"),
        )
    )
    tie, beats, loses = rng.choice((("first", ">", ">="), ("last", ">=", ">")))
    spare = f", with at most {slack} pair{'s' * (slack > 1)} of neighbours in it that do not suit" if slack else ""
    high = by + rng.randint(2, 5)
    return Problem(
        words=(
            f"Two neighbouring values suit each other if {words}. A run is a stretch of neighbouring values, at least "
            f"one, in which all neighbours suit each other{spare}."
        ),
        takes=(Argument("values", "ints", f"integers from -{high} to {high}"),),
        gives=Result(
            "ints",
            f"the length of the longest run, and the index (from 0) where it begins; the {tie} of the longest where "
            "there are several, and 0 and 0 where there are no values at all",
        ),
        reference="""
def solve(values):
    length, begin, start, breaks = 0, 0, 0, 0
    for end, b in enumerate(values):
        a = values[end - 1]
        breaks += end > 0 and not ($fits)
        while breaks > $slack:
            a, after = values[start], values[start + 1]
            breaks -= not fits(a, after)
            start += 1
        if end - start + 1 $beats length:
            length, begin = end - start + 1, start
    return [length, begin]

def fits(a, b):
    return $fits
""",
        brute="""
def solve(values):
    found = []
    for start in range(len(values)):
        for end in range(start, len(values)):
            pairs = zip(values[start:end], values[start + 1:end + 1])
            if sum(not ($fits) for a, b in pairs) <= $slack:
                found.append((end - start + 1, $sign * start))
    if not found:
        return [0, 0]
    length, start = max(found)
    return [length, $sign * start]
""",
        mutants={
            "takes the other one of equal runs": ("$beats", "$loses"),
            "allows one exception more": ("> $slack", "> $slack + 1"),
            "is too strict with neighbours": ("return $fits", "return $almost"),
            "counts the gaps, not the values": ("length, begin = end - start + 1", "length, begin = end - start"),
            "compares the first value with the last": ("end > 0 and not", "not"),
        }
        | ({"allows no exceptions": ("while breaks > $slack:", "while breaks and start < end:")} if slack else {}),
        parameters={
            "fits": fits,
            "almost": almost,
            "slack": slack,
            "beats": beats,
            "loses": loses,
            "sign": -1 if beats == ">" else 1,
        },
        edges=[([],), ([by],), ([0] * 5,), ([1, 1 + by, 1],), ([-high, high] * 4,), (list(range(-high, high)),)],
        case=lambda rng, size: (_some(rng, size, -high, high),),
    )


_WINDOW = """
def solve(values):
    sums = [0]
    for place, value in enumerate(values):
        sums.append(sums[-1] + value * ($factor if place % $every == $first else 1))
    best = None
    for end in range($low, len(sums)):
        for start in range(max(0, end - $high), end - $low + 1):
            total = sums[end] - sums[start]
            if best is None or total $beats best:
                best = total
    return $none if best is None else best
"""


def best_window(rng: random.Random, level: int) -> Problem:
    """The best sum of a stretch whose length has bounds."""
    low = rng.randint(1, 3)
    high = low + rng.randint(1, 4)
    best, beats, loses = rng.choice((("largest", ">", "<"), ("smallest", "<", ">")))
    every = rng.randint(2, 4)
    first = rng.randrange(every)
    factor = rng.choice((-3, -2, -1, 2, 3)) if level >= 1 else 1
    none = rng.choice((0, -1, -1000, 999))
    weighing = f" A value at an index i (from 0) with i mod {every} = {first} counts {factor}-fold." * (factor != 1)
    return Problem(
        words=f"A window is a stretch of {low} to {high} neighbouring values.{weighing}",
        takes=(Argument("values", "ints", "integers from -50 to 50"),),
        gives=Result("int", f"the {best} sum of a window, or {none} if there are fewer than {low} values"),
        reference=_WINDOW,
        brute="""
def solve(values):
    weighed = [value * $factor if place % $every == $first else value for place, value in enumerate(values)]
    starts = range(len(values))
    sums = [sum(weighed[i:i + n]) for n in range($low, $high + 1) for i in starts if i + n <= len(values)]
    return $best(sums, default=$none)
""",
        mutants={
            "leaves out the longest windows": ("max(0, end - $high)", "max(0, end - $high + 1)"),
            "leaves out the shortest windows": ("end - $low + 1)", "end - $low)"),
            "forgets the last window": ("range($low, len(sums))", "range($low, len(sums) - 1)"),
            "begins with the sum 0": ("best = None", "best = 0"),
            "seeks the other extreme": ("total $beats best", "total $loses best"),
            "knows no missing answer": ("$none if best is None", "12345 if best is None"),
        },
        parameters={
            "low": low,
            "high": high,
            "beats": beats,
            "loses": loses,
            "factor": factor,
            "every": every,
            "first": first,
            "none": none,
            "best": "max" if beats == ">" else "min",
        },
        edges=[
            ([],),
            ([7],),
            ([-3] * low,),
            ([5] * (high + 2),),
            ([-50] * high,),
            (list(range(-high, 0)),),
            (list(range(1, high + 3)),),
        ],
        case=lambda rng, size: (_some(rng, size + low - 1, *rng.choice(((-50, 50), (-50, -1), (1, 50)))),),
    )


def distant_pairs(rng: random.Random, level: int) -> Problem:
    """How many pairs, some places apart, have a sum or a difference of a kind."""
    gap = rng.randint(2, 4) if level >= 1 else 1
    aim, modulus = rng.randint(-6, 6), rng.randint(3, 9)
    rest = rng.randrange(modulus)
    words, key, seen, holds = rng.choice(
        (
            (f"a + b = {aim}", f"{aim} - b", "a", f"a + b == {aim}"),
            (f"b - a = {aim}", f"b - {aim}", "a", f"b - a == {aim}"),
            (f"a + 2b = {aim}", f"{aim} - 2 * b", "a", f"a + 2 * b == {aim}"),
            (
                f"a + b leaves the remainder {rest} when divided by {modulus} (remainders are never negative)",
                f"({rest} - b) % {modulus}",
                f"a % {modulus}",
                f"(a + b) % {modulus} == {rest}",
            ),
        )
    )
    apart = f"at least {gap} places to the right of" if gap > 1 else "anywhere to the right of"
    return Problem(
        words=f"Take a value a and another value b {apart} it; both stay where they are. Such a pair fits if {words}.",
        takes=(Argument("values", "ints", "up to 20000 integers from -1000 to 1000"),),
        gives=Result("int", "the number of pairs of places that fit"),
        reference="""
def solve(values):
    counts, pairs = {}, 0
    for place, b in enumerate(values):
        if place >= $gap:
            a = values[place - $gap]
            counts[$seen] = counts.get($seen, 0) + 1
        pairs += counts.get($key, 0)
    return pairs
""",
        brute="""
def solve(values):
    pairs = 0
    for i, a in enumerate(values):
        for b in values[i + $gap:]:
            if $holds:
                pairs += 1
    return pairs
""",
        mutants={
            "counts pairs that are too close": ("values[place - $gap]", "values[place - $gap + 1]"),
            "counts values, not places": (
                "counts[$seen] = counts.get($seen, 0) + 1",
                "counts[$seen] = 1",
            ),
            "forgets the first value": ("place >= $gap", "place > $gap"),
            "takes b for a": ("a = values[place - $gap]", "a = b"),
            "counts a pair in both orders": ("return pairs", "return 2 * pairs"),
            "stops at the first pair of a place": ("counts.get($key, 0)\n    return", "$key in counts\n    return"),
        },
        parameters={"gap": gap, "key": key, "seen": seen, "holds": holds},
        edges=[([],), ([aim],), ([0] * 9,), ([rest] * 7,), ([aim, 0] * 5,), (list(range(-6, 7)),)],
        case=lambda rng, size: (_some(rng, size, *((-8, 8) if size < 1000 else (-1000, 1000))),),
        big=20000,
        brute_is_slow=True,
    )


_KEYS = {
    "the sum of the digits": "digit_sum(v)",
    "the last digit": "abs(v) % 10",
    "the absolute value": "abs(v)",
    "the number of digits": "len(str(abs(v)))",
    "the remainder when divided by 3 (0, 1 or 2)": "v % 3",
    "the remainder when divided by 4 (0 to 3)": "v % 4",
    "the distance to 20": "abs(v - 20)",
}


def sorted_by_keys(rng: random.Random, level: int) -> Problem:
    """An order by several keys, up or down, and what it leaves of the values."""
    count = 1 if level == 0 else 2 if level <= 2 else 3
    names = rng.sample(list(_KEYS), k=count)
    signs = [rng.choice((1, -1)) for _ in range(count + 1)]
    orders = [f"{name} ({'ascending' if sign > 0 else 'descending'})" for name, sign in zip(names, signs, strict=False)]
    parts = [f"{sign} * ({_KEYS[name]})" for name, sign in zip(names, signs, strict=False)]
    flipped = [f"{-signs[0]} * ({_KEYS[names[0]]})", *parts[1:]]
    keep, is_set = rng.choice((2, 3, 4, 5)), rng.random() < 0.5
    last = "ascending" if signs[-1] > 0 else "descending"
    return Problem(
        words=(
            f"Sort integers by {', then by '.join(orders)}, and those that are still equal by their value ({last}). "
            "The digits of a negative number are those of its absolute value. "
            f"{'Of equal values only one is kept.' if is_set else 'Equal values are all kept.'} Then every "
            f"{keep}{'nd' if keep == 2 else 'rd' if keep == 3 else 'th'} of the sorted values is left out, counting "
            "from the first."
        ),
        takes=(Argument("values", "ints", "integers from -999 to 999"),),
        gives=Result("ints", "what is left, in the sorted order"),
        reference="""
def solve(values):
    kept = $kind(values)
    ordered = sorted(kept, key=lambda v: ($keys, $last * v))
    return [v for place, v in enumerate(ordered, 1) if place % $keep]

def digit_sum(v):
    return sum(map(int, str(abs(v))))
""",
        brute="""
def solve(values):
    rest, ordered = [], []
    for v in values:
        if not ($is_set and v in rest):
            rest.append(v)
    while rest:
        first = rest[0]
        for v in rest:
            if comes_before(v, first):
                first = v
        rest.remove(first)
        ordered.append(first)
    left = []
    while ordered:
        left += ordered[:$keep - 1]
        ordered = ordered[$keep:]
    return left

def comes_before(one, other):
    for mine, yours in zip(keys_of(one), keys_of(other)):
        if mine != yours:
            return mine < yours
    return False

def keys_of(v):
    return [$keys, $last * v]

def digit_sum(v):
    v, total = abs(v), 0
    while v:
        v, digit = divmod(v, 10)
        total += digit
    return total
""",
        mutants={
            "turns the first key round": ("($keys,", "($flipped,"),
            "treats equal values the other way": ("$kind(values)", "$other(values)"),
            "leaves out from the beginning": ("enumerate(ordered, 1)", "enumerate(ordered)"),
            "sorts by value alone": ("($keys, $last * v)", "$last * v"),
        }
        | ({"leaves equal keys as they came": ("($keys, $last * v)", "($keys,)")} if count <= 2 else {})
        | ({"turns the last key round": ("$last * v", "-$last * v")} if count <= 2 else {}),
        parameters={
            "kind": "set" if is_set else "list",
            "other": "list" if is_set else "set",
            "is_set": is_set,
            "keys": ", ".join(parts),
            "flipped": ", ".join(flipped),
            "last": signs[-1],
            "keep": keep,
        },
        edges=[
            ([],),
            ([0],),
            ([5] * 6,),
            ([10, 1, 100, -10, -1, -100],),
            ([999, -999, 998, -998],),
            ([12, 21, 30, 3, 111, -12, -21, 32, 52],),
            ([-21, -12, 111, 3, 30, 52, 32, 21, 12],),
            (list(range(-15, 45)),),
            (list(range(45, -15, -1)),),
        ],
        case=lambda rng, size: (
            _some(rng, size, *rng.choice(((-20, 20), (-999, 999), (10, 60)))) * rng.choice((1, 2)),
        ),
        small=20,
    )


def counted_stretches(rng: random.Random, level: int) -> Problem:
    """How many stretches have a sum with a remainder."""
    modulus = rng.randint(2, 12)
    rest, low = rng.randrange(modulus), rng.randint(2, 5) if level >= 1 else 1
    stop = rng.randint(-3, 9) if level >= 2 else None
    barrier = f" A stretch may not contain the value {stop}." if stop is not None else ""
    return Problem(
        words=(
            f"A stretch is made of at least {low} neighbouring value{'s' * (low > 1)}. It counts if its sum leaves "
            f"the remainder {rest} when divided by {modulus}; remainders are never negative, so -1 leaves "
            f"{-1 % modulus}.{barrier}"
        ),
        takes=(Argument("values", "ints", "up to 20000 integers from -100 to 100"),),
        gives=Result("int", "the number of stretches that count"),
        reference="""
def solve(values):
    sums, counts, found = [0], {}, 0
    for value in values:
        if value == $stop:
            sums, counts = [0], {}
            continue
        sums.append((sums[-1] + value) % $modulus)
        if len(sums) > $low:
            begin = sums[len(sums) - 1 - $low]
            counts[begin] = counts.get(begin, 0) + 1
        found += counts.get((sums[-1] - $rest) % $modulus, 0)
    return found
""",
        brute="""
def solve(values):
    found = 0
    for start in range(len(values)):
        total = 0
        for end in range(start, len(values)):
            if values[end] == $stop:
                break
            total += values[end]
            if end - start + 1 >= $low and total % $modulus == $rest:
                found += 1
    return found
""",
        mutants={
            "counts shorter stretches": ("- 1 - $low]", "- $low]"),
            "forgets stretches from the beginning": ("len(sums) > $low", "len(sums) > $low + 1"),
            "seeks the opposite remainder": ("(sums[-1] - $rest)", "(sums[-1] + $rest + 1)"),
            "counts a remainder once": ("counts.get(begin, 0) + 1", "1"),
            "adds one to the modulus": ("+ value) % $modulus", "+ value) % ($modulus + 1)"),
        },
        parameters={"modulus": modulus, "rest": rest, "low": low, "stop": stop},
        edges=[([],), ([rest],), ([0] * 8,), ([modulus] * 7,), ([1] * 9,), ([-1, 1] * 6,), ([-rest] * 6,)],
        case=lambda rng, size: (_some(rng, size, *((-9, 9) if size < 1000 else (10, 100))),),
        big=20000,
        brute_is_slow=True,
    )


def next_beyond(rng: random.Random, level: int) -> Problem:
    """For each value the nearest one after it that is beyond it."""
    words, beyond, at_least = rng.choice(
        (
            ("greater than", ">", ">="),
            ("smaller than", "<", "<="),
            ("at least as great as", ">=", ">"),
            ("at most as great as", "<=", "<"),
        )
    )
    is_ring = level >= 2 and rng.random() < 0.6
    none, what = rng.choice((-1, 0, -7)), rng.choice(("distance", "value", "index"))
    found = {"distance": "place - waiting", "value": "values[place % n]", "index": "place % n"}[what]
    asked = {
        "distance": "how many places further it stands",
        "value": "its value",
        "index": "its index, from 0",
    }[what]
    round_about = " The values stand in a ring: after the last comes the first." if is_ring else ""
    return Problem(
        words=(
            f"For each value we seek the nearest other value after it that is {words} it.{round_about} What we want "
            f"to know of that one is {asked}; where there is none, {none} stands instead."
        ),
        takes=(Argument("values", "ints", "up to 20000 integers from -20000 to 20000"),),
        gives=Result("ints", f"{asked}, for each value in turn"),
        reference="""
def solve(values):
    n = len(values)
    found, open_places = [$none] * n, []
    for place in range($rounds * n):
        while open_places and values[place % n] $beyond values[open_places[-1]]:
            waiting = open_places.pop()
            if place - waiting < n:
                found[waiting] = $found
        if place < n:
            open_places.append(place)
    return found
""",
        brute="""
def solve(values):
    n, found = len(values), []
    for waiting in range(n):
        answer = $none
        for place in range(waiting + 1, min($rounds * n, waiting + n)):
            if values[place % n] $beyond values[waiting]:
                answer = $found
                break
        found.append(answer)
    return found
""",
        mutants={
            "treats equal values the other way": (" $beyond ", " $at_least "),
            "takes the missing answer for another": ("[$none] * n", "[$none - 1] * n"),
            "goes round the other way": ("range($rounds * n)", "range((3 - $rounds) * n)"),
            "seeks the direct neighbour only": ("while open_places and", "if open_places and"),
            "is one off": ("= $found", "= $found + 1"),
        },
        parameters={
            "beyond": beyond,
            "at_least": at_least,
            "none": none,
            "rounds": 2 if is_ring else 1,
            "found": found,
        },
        edges=[
            ([],),
            ([4],),
            ([3] * 5,),
            (list(range(6)),),
            (list(range(6, 0, -1)),),
            ([-2, -2, 5, 5, -2],),
            ([1, 5, 2, 2, 4, 1, 7, 0],),
        ],
        case=lambda rng, size: _heights(rng, size, falling=">" in beyond),
        big=20000,
        brute_is_slow=True,
    )


def _heights(rng: random.Random, size: int, *, falling: bool) -> Args:
    """Small ones at random, large ones so that hardly any value has another beyond it."""
    if size < 1000:
        return (_some(rng, size, -6, 9),)
    return (sorted(rng.sample(range(-20000, 20001), size), reverse=falling),)


TEMPLATES = tuple(
    Template("arrays", draw.__name__, draw)
    for draw in (longest_run, best_window, distant_pairs, sorted_by_keys, counted_stretches, next_beyond)
)
