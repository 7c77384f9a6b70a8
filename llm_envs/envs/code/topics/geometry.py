"""Geometry on integer points: areas, distances, crossings, lines. No answer needs a fraction."""

from __future__ import annotations

import random

from llm_envs.envs.code.problem import Args, Argument, Problem, Result, Template

__all__ = ["TEMPLATES"]


def _points(rng: random.Random, count: int, reach: int) -> list[list[int]]:
    return [[rng.randint(-reach, reach), rng.randint(-reach, reach)] for _ in range(count)]


def covered_area(rng: random.Random, level: int) -> Problem:
    """The area on which enough rectangles lie."""
    least = rng.randint(1, 3) if level >= 1 else 1
    exact = level >= 2 and rng.random() < 0.5
    a, b, c, d = rng.randint(-6, 0), rng.randint(-6, 0), rng.randint(3, 9), rng.randint(3, 9)
    cut = level >= 1
    inside = f" Only what lies between x = {a} and x = {c} and between y = {b} and y = {d} counts." if cut else ""
    times = f"exactly {least}" if exact else f"at least {least}"
    return Problem(
        words=(
            "Rectangles with sides along the axes are given by two opposite corners, in any order; some may have no "
            f"area. We look at the points that lie in {times} rectangle{'s' * (least > 1)}.{inside}"
        ),
        takes=(Argument("boxes", "rows", "up to 40 times x1, y1, x2 and y2, integers from -12 to 12"),),
        gives=Result("int", "the area of the part of the plane that is made of these points"),
        reference="""
def solve(boxes):
    tidy = []
    for x, y, u, v in boxes:
        left, low, right, high = max(min(x, u), $a), max(min(y, v), $b), min(max(x, u), $c), min(max(y, v), $d)
        tidy.append((left, low, right, high))
    xs = sorted({x for box in tidy for x in (box[0], box[2])})
    area = 0
    for left, right in zip(xs, xs[1:]):
        events = []
        for x, y, u, v in tidy:
            if x <= left and right <= u and y < v:
                events += [(y, 1), (v, -1)]
        depth, before = 0, 0
        for y, change in sorted(events):
            if depth $enough $least:
                area += (right - left) * (y - before)
            depth, before = depth + change, y
    return area
""",
        brute="""
def solve(boxes):
    area = 0
    for x in range(-12, 12):
        for y in range(-12, 12):
            depth = 0
            for a, b, c, d in boxes:
                depth += min(a, c) <= x < max(a, c) and min(b, d) <= y < max(b, d)
            if $a <= x < $c and $b <= y < $d:
                area += depth $enough $least
    return area
""",
        mutants={
            "takes one rectangle more": ("$enough $least:", "$enough $least + 1:"),
            "adds up all areas": ("(right - left) * (y - before)", "(right - left) * (y - before) * depth"),
            "takes corners in the given order": (
                "max(min(x, u), $a), max(min(y, v), $b), min(max(x, u), $c), min(max(y, v), $d)",
                "max(x, $a), max(y, $b), min(u, $c), min(v, $d)",
            ),
            "forgets the last strip": ("zip(xs, xs[1:])", "zip(xs, xs[1:-1])"),
            "counts points, not area": ("(right - left) * (y - before)", "(right - left + 1) * (y - before + 1)"),
        }
        | ({"takes more than that, too": ("depth $enough", "depth >=")} if exact else {})
        | (
            {"cuts nothing off": ("(left, low, right, high)", "(min(x, u), min(y, v), max(x, u), max(y, v))")}
            if cut
            else {}
        ),
        parameters={
            "enough": "==" if exact else ">=",
            "least": least,
            "a": a if cut else -12,
            "b": b if cut else -12,
            "c": c if cut else 12,
            "d": d if cut else 12,
        },
        edges=[
            ([],),
            ([[0, 0, 0, 5]],),
            ([[5, 5, 1, 2]],),
            ([[-12, -12, 12, 12]] * least,),
            ([[-12, -12, 12, 12]] * (least + 1),),
            ([[0, 0, 4, 4], [4, 4, 8, 8], [4, 0, 8, 4]] * least,),
            ([[-3, -3, 3, 3], [-1, -5, 1, 5], [-5, -1, 5, 1], [0, 0, 2, 2]],),
        ],
        case=lambda rng, size: (
            [[rng.randint(-reach, reach) for _ in range(4)] for reach in rng.choices((6, 12), k=size)],
        ),
        small=8,
        most=20,
    )


_DISTANCES = {
    "the difference of their x plus the difference of their y": "abs(a - c) + abs(b - d)",
    "the larger one of the differences of their x and of their y": "max(abs(a - c), abs(b - d))",
    "the square of their distance in a straight line": "(a - c) ** 2 + (b - d) ** 2",
    "the difference of their x plus twice the difference of their y": "abs(a - c) + 2 * abs(b - d)",
}


def nearest_pair(rng: random.Random, level: int) -> Problem:
    """The two points that are closest, or farthest, in some measure."""
    words, measure = rng.choice(list(_DISTANCES.items()))
    other = rng.choice([text for text in _DISTANCES.values() if text != measure])
    extreme, pick = rng.choice((("smallest", "min"), ("largest", "max")))
    apart = rng.randint(1, 9) if level >= 1 else 0
    colours = level >= 2 and rng.random() < 0.5
    tie, order = rng.choice((("earliest", 1), ("latest", -1)))
    rules = [f"The measure of two points is {words}; differences are never negative."]
    if apart:
        rules.append(f"Only pairs with a measure of {'at least' if pick == 'min' else 'at most'} {3 * apart} count.")
    if colours:
        rules.append("Only pairs count of which one has an even index and the other an odd one.")
    return Problem(
        words=" ".join(rules),
        takes=(Argument("points", "rows", "up to 200 points, x and y, integers from -50 to 50; they may coincide"),),
        gives=Result(
            "ints",
            f"the {extreme} measure of two points that counts, and the indices (from 0) of the pair that has it, the "
            f"smaller index first; of several pairs the one whose smaller index comes {tie}, then the one whose "
            f"larger index comes {tie}; nothing if no pair counts",
        ),
        reference="""
def solve(points):
    best = None
    for j, (c, d) in enumerate(points):
        for i, (a, b) in enumerate(points[:j]):
            size = $measure
            if size $bound or ($colours and (i + j) % 2 == 0):
                continue
            key = ($sign * size, $order * i, $order * j)
            if best is None or key < best:
                best = key
    return [$sign * best[0], $order * best[1], $order * best[2]] if best else []
""",
        brute="""
def solve(points):
    found = {}
    for i in range(len(points)):
        for j in range(i + 1, len(points)):
            (a, b), (c, d) = points[i], points[j]
            if not ($measure) $bound and not ($colours and i % 2 == j % 2):
                found.setdefault($measure, []).append([i, j])
    if not found:
        return []
    pairs = sorted(found[$pick(found)])
    return [$pick(found), *(pairs[0] if $order > 0 else pairs[-1])]
""",
        mutants={
            "measures otherwise": ("size = $measure", "size = $otherwise"),
            "seeks the other extreme": ("($sign * size", "(-$sign * size"),
            "takes the other one of equals": ("$order * i, $order * j)", "-$order * i, -$order * j)"),
            "compares larger indices first": ("$order * i, $order * j)", "$order * j, $order * i)"),
            "leaves out the last point": ("enumerate(points):", "enumerate(points[:-1]):"),
            "compares neighbours only": ("enumerate(points[:j])", "list(enumerate(points[:j]))[-1:]"),
        }
        | ({"counts any pair": ("size $bound or", "False or")} if apart else {})
        | ({"forgets evenness": ("$colours and", "False and")} if colours else {}),
        parameters={
            "measure": measure,
            "otherwise": other,
            "bound": f"{'<' if pick == 'min' else '>'} {3 * apart if apart else 0 if pick == 'min' else 10**6}",
            "colours": colours,
            "sign": 1 if pick == "min" else -1,
            "order": order,
            "pick": pick,
        },
        edges=[
            ([],),
            ([[1, 1]],),
            ([[2, 2], [2, 2]],),
            ([[0, 0], [3, 0], [0, 3], [3, 3]] * 2,),
            ([[50, 50], [-50, -50]],),
            ([[i, 0] for i in range(0, 30, 3)],),
            ([[0, i] for i in range(0, 50, 7)],),
        ],
        case=lambda rng, size: (_points(rng, size, rng.choice((3, 6, 20))),),
        small=15,
        most=25,
    )


def straight_rows(rng: random.Random, level: int) -> Problem:
    """Points on a common line."""
    low = rng.randint(3, 4)
    even = level >= 1
    factor = rng.randint(1, 9)
    multiples = level >= 1
    asked, result = rng.choice(
        (
            ("the largest number of points on one line, and how many lines have so many", "[top, sizes.count(top)]"),
            (
                f"the number of lines with at least {low} points, and the sum of their numbers of points",
                f"[sum(size >= {low} for size in sizes), sum(size for size in sizes if size >= {low})]",
            ),
            (
                f"the number of lines with exactly {low - 1} points, and the number of all lines",
                f"[sizes.count({low - 1}), len(sizes)]",
            ),
        )
    )
    rules = ["Points that coincide count as one. A line goes through at least two different points."]
    if multiples:
        rules.append(
            "Lines along the x axis or along the y axis are left out."
            if factor % 2
            else "Lines that go down to the right are left out; those along the axes are not."
        )
    if even:
        rules.append(f"Points with x + y divisible by {factor + 2} are left out as well.")
    skip = ("dx == 0 or dy == 0" if factor % 2 else "dx * dy < 0") if multiples else "False"
    return Problem(
        words=" ".join(rules),
        takes=(Argument("points", "rows", "up to 60 points, x and y, integers from -20 to 20"),),
        gives=Result("ints", f"{asked}; two zeros if there are no lines"),
        reference="""
from math import gcd

def solve(points):
    points = sorted({(x, y) for x, y in points if not ($divisor and (x + y) % $divisor == 0)})
    lines = {}
    for i, (x, y) in enumerate(points):
        for u, v in points[i + 1:]:
            common = gcd(u - x, v - y)
            dx, dy = (u - x) // common, (v - y) // common
            if $skip:
                continue
            lines.setdefault((dx, dy, dx * y - dy * x), set()).update([(x, y), (u, v)])
    sizes = [len(line) for line in lines.values()]
    top = max(sizes, default=0)
    return $result
""",
        brute="""
def solve(points):
    kept = []
    for x, y in points:
        if (x, y) not in kept and not ($divisor and (x + y) % $divisor == 0):
            kept.append((x, y))
    lines = []
    for x, y in kept:
        for u, v in kept:
            dx, dy = u - x, v - y
            if (dx, dy) == (0, 0) or ($skip):
                continue
            line = sorted((p, q) for p, q in kept if dx * (q - y) == dy * (p - x))
            if line not in lines:
                lines.append(line)
    sizes = [len(line) for line in lines]
    top = max(sizes, default=0)
    return $result
""",
        mutants={
            "counts gaps, not points": ("len(line) for line", "len(line) - 1 for line"),
            "forgets the last point": ("points[i + 1:]", "points[i + 1:-1]"),
            "takes parallel lines for one": ("dx * y - dy * x), set", "0), set"),
            "forgets the first point": ("for x, y in points if", "for x, y in points[1:] if"),
            "does not reduce slopes": ("common = gcd(u - x, v - y)", "common = 1"),
        }
        | ({"leaves no line out": ("if $skip:", "if False:")} if multiples else {})
        | ({"leaves no point out": ("$divisor and", "False and")} if even else {}),
        parameters={"skip": skip, "divisor": factor + 2 if even else 0, "result": result},
        edges=[
            ([],),
            ([[1, 2]],),
            ([[1, 2], [1, 2]],),
            ([[i, i] for i in range(5)],),
            ([[i, -i] for i in range(5)],),
            ([[0, i] for i in range(4)] + [[i, 1] for i in range(5)],),
            ([[0, 0], [2, 4], [1, 2], [3, 6], [5, 1], [6, 3], [7, 5]],),
            ([[x, y] for x in range(3) for y in range(3)],),
        ],
        case=lambda rng, size: (_points(rng, size, rng.choice((2, 3, 5))),),
        small=10,
        most=15,
    )


def polygon_points(rng: random.Random, level: int) -> Problem:
    """A polygon with corners at integer points: its area, and the points in it and on it."""
    shear, lift = (rng.randint(-3, 3), rng.randint(-9, 9)) if level >= 1 else (0, 0)
    scale = rng.randint(2, 3) if level >= 2 else 1
    names = {
        "twice its area": "double",
        "the number of integer points on its border": "border",
        "the number of integer points inside it, off its border": "(double - border + 2) // 2",
        "the number of integer points in it, its border included": "(double + border + 2) // 2",
    }
    wanted = rng.sample(list(names), k=1 + (level >= 1) + (level >= 3))
    moved = ""
    if level >= 1:
        moved = f" Before anything else each corner (x, y) is moved to (x + {shear}y, y + {lift})"
        moved = moved.replace("+ -", "- ") + (f", and then both are multiplied by {scale}." if scale > 1 else ".")
    return Problem(
        words=(
            "A polygon is given by its corners in the order in which one meets them going round, one way or the "
            f"other; its border does not cross or touch itself.{moved}"
        ),
        takes=(Argument("corners", "rows", "3 to 30 corners, x and y, integers from -30 to 30"),),
        gives=Result("ints", "; then ".join(wanted)),
        reference="""
from math import gcd

def solve(corners):
    corners = [($scale * (x + $shear * y), $scale * (y + $lift)) for x, y in corners]
    double = border = 0
    for (x, y), (u, v) in zip(corners, corners[1:] + corners[:1]):
        double += x * v - u * y
        border += gcd(u - x, v - y)
    double = abs(double)
    return [$wanted]
""",
        brute="""
def solve(corners):
    corners = [($scale * (x + $shear * y), $scale * (y + $lift)) for x, y in corners]
    sides = list(zip(corners, corners[1:] + corners[:1]))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    border = inside = 0
    for x in range(min(xs), max(xs) + 1):
        for y in range(min(ys), max(ys) + 1):
            if any(lies_on(x, y, *side) for side in sides):
                border += 1
            else:
                inside += sum(passes(x, y, *side) for side in sides) % 2
    double = 2 * inside + border - 2
    return [$wanted]

def lies_on(x, y, one, other):
    (a, b), (c, d) = one, other
    straight = (c - a) * (y - b) == (d - b) * (x - a)
    return straight and min(a, c) <= x <= max(a, c) and min(b, d) <= y <= max(b, d)

def passes(x, y, one, other):
    (a, b), (c, d) = sorted((one, other), key=lambda end: end[1])
    return b <= y < d and (c - a) * (y - b) > (x - a) * (d - b)
""",
        mutants={
            "forgets the last side": ("corners[1:] + corners[:1]", "corners[1:]"),
            "adds products": ("x * v - u * y", "x * v + u * y"),
            "goes round one way only": ("double = abs(double)", "double = -double"),
            "counts corners for border points": ("border += gcd(u - x, v - y)", "border += 1")
            if any("border" in names[name] for name in wanted)
            else ("double += x * v", "double += abs(x * v)"),
            "forgets the first corner": (
                "zip(corners, corners[1:] + corners[:1])",
                "zip(corners[1:], corners[2:] + corners[1:2])",
            ),
        },
        parameters={"shear": shear, "lift": lift, "scale": scale, "wanted": ", ".join(names[name] for name in wanted)},
        edges=[
            ([[0, 0], [1, 0], [0, 1]],),
            ([[0, 0], [0, 4], [6, 4], [6, 0]],),
            ([[0, 0], [6, 0], [6, 2], [2, 2], [2, 6], [0, 6]],),
            ([[-3, -3], [0, 5], [4, -2]],),
            ([[0, 0], [4, 0], [4, 4], [2, 1]],),
        ],
        case=_polygon,
        small=6,
        most=20,
    )


def _polygon(rng: random.Random, size: int) -> Args:
    """A strip along the x axis: an upper border from left to right, and a lower one back, some way round."""
    count, reach = 2 + size // 2, 4 if size <= 6 else 30
    xs = sorted(rng.sample(range(-reach, reach + 1), k=min(count, 2 * reach)))
    upper = [[x, rng.randint(1, reach)] for x in xs]
    lower = [[x, -rng.randint(0, reach)] for x in reversed(xs)]
    corners = upper + lower
    return (corners if rng.random() < 0.5 else corners[::-1],)


def crossing_fences(rng: random.Random, level: int) -> Problem:
    """Upright and level fences, and where they cross."""
    touches = rng.random() < 0.5
    gate = rng.randint(2, 9) if level >= 1 else 0
    shortest = rng.randint(1, 3) if level >= 2 else 0
    count = rng.choice(("pairs", "points"))
    touch = "also where they only touch" if touches else "but not where an end of one of them lies on the other"
    rules = [
        (
            "A fence is a straight line from (x1, y1) to (x2, y2), level or upright; its ends are in any order. A "
            f"level and an upright fence cross where they have a point in common, {touch}."
        )
    ]
    if gate:
        rules.append(f"A crossing whose x + y is divisible by {gate} is a gate, and does not count.")
    if shortest:
        rules.append(f"Fences shorter than {shortest} are left out.")
    asked = (
        "the number of pairs of fences that cross"
        if count == "pairs"
        else "the number of different points at which fences cross"
    )
    over = "<=" if touches else "<"
    return Problem(
        words=" ".join(rules),
        takes=(
            Argument("fences", "rows", "up to 200 times x1, y1, x2 and y2, integers from -15 to 15; none is a point"),
        ),
        gives=Result("int", asked),
        reference="""
def solve(fences):
    level, upright = [], []
    for x, y, u, v in fences:
        if abs(x - u) + abs(y - v) >= $shortest:
            (level if y == v else upright).append((min(x, u), min(y, v), max(x, u), max(y, v)))
    crossings = []
    for left, y, right, _ in level:
        for x, low, _, high in upright:
            if left $over x $over right and low $over y $over high and not ($gate and (x + y) % $gate == 0):
                crossings.append((x, y))
    return len($kind(crossings))
""",
        brute="""
def solve(fences):
    fences = [fence for fence in fences if max(abs(fence[0] - fence[2]), abs(fence[1] - fence[3])) >= $shortest]
    found = []
    for one in fences:
        for other in fences:
            if one[1] == one[3] and other[0] == other[2]:
                shared = points(one) & points(other)
                ends = set(map(tuple, (one[:2], one[2:], other[:2], other[2:])))
                for x, y in shared:
                    if ($touches or (x, y) not in ends) and not ($gate and (x + y) % $gate == 0):
                        found.append((x, y))
    return len(found) if "$kind" == "list" else len(set(found))

def points(fence):
    x, y, u, v = fence
    if y == v:
        return {(place, y) for place in range(min(x, u), max(x, u) + 1)}
    return {(x, place) for place in range(min(y, v), max(y, v) + 1)}
""",
        mutants={
            "treats touching the other way": (
                "left $over x $over right and low $over y $over high",
                "left $else_over x $else_over right and low $else_over y $else_over high",
            ),
            "takes ends in the given order": (
                "(min(x, u), min(y, v), max(x, u), max(y, v))",
                "(x, y, u, v)",
            ),
            "counts otherwise": ("$kind(crossings)", "$other(crossings)"),
            "takes fences for endless": ("left $over x $over right and", ""),
            "looks at the level fence alone": ("and low $over y $over high", ""),
        }
        | ({"counts gates": ("$gate and", "False and")} if gate else {})
        | ({"takes short fences": (">= $shortest", ">= 0")} if shortest > 1 else {})
        | ({"leaves out those just long enough": (">= $shortest", "> $shortest")} if shortest else {}),
        parameters={
            "over": over,
            "else_over": "<" if touches else "<=",
            "gate": gate,
            "shortest": shortest,
            "kind": "list" if count == "pairs" else "set",
            "other": "set" if count == "pairs" else "list",
            "touches": touches,
        },
        edges=[
            ([],),
            ([[0, 0, 5, 0]],),
            ([[0, 0, 6, 0], [3, 3, 3, -3]],),
            ([[0, 0, 6, 0], [3, 0, 3, 5], [0, 4, 0, -4], [6, 0, 6, 1]],),
            ([[6, 1, -6, 1], [6, 2, -6, 2], [1, 9, 1, -9], [2, -9, 2, 9]],),
            ([[0, 1, 6, 1], [0, 1, 4, 1], [3, 0, 3, 5], [3, -2, 3, 4]],),
            ([[0, 1, 2, 1], [1, 0, 1, 2], [1, 1, 1, 2], [0, 2, 2, 2]],),
        ],
        case=lambda rng, size: ([_fence(rng) for _ in range(2 * size)],),
        small=10,
    )


def _fence(rng: random.Random) -> list[int]:
    while True:
        x, y, reach = rng.randint(-6, 6), rng.randint(-6, 6), rng.choice((2, 9))
        along = rng.randint(-reach, reach)
        if along:
            return [x, y, x + along, y] if rng.random() < 0.5 else [x, y, x, y + along]


def circle_guards(rng: random.Random, level: int) -> Problem:
    """Points that circles guard."""
    enough = rng.randint(1, 2) if level >= 1 else 1
    border = rng.random() < 0.5
    grow = rng.randint(1, 4) if level >= 1 else 0
    sector = level >= 3 and rng.random() < 0.6
    asked, result = rng.choice(
        (
            ("the indices (from 0) of the points that are guarded", "guarded"),
            (
                "the indices (from 0) of the points that are not guarded",
                "[i for i in range(len(points)) if i not in guarded]",
            ),
            (
                "the number of points that are guarded, and then the sum of their x and the sum of their y",
                "[len(guarded), sum(points[i][0] for i in guarded), sum(points[i][1] for i in guarded)]",
            ),
        )
    )
    rules = [
        (
            "A guard at (x, y) with the reach r sees a point if its distance to it in a straight line is "
            f"{'at most' if border else 'less than'} r. A point is guarded if at least {enough} "
            f"guard{'s see' if enough > 1 else ' sees'} it."
        )
    ]
    if grow:
        rules.append(f"Guards whose index (from 0) is odd see {grow} farther than r.")
    if sector:
        rules.append("No guard sees points whose y is smaller than the guard's own.")
    return Problem(
        words=" ".join(rules),
        takes=(
            Argument("points", "rows", "up to 100 points, x and y, integers from -20 to 20"),
            Argument("guards", "rows", "up to 50 times x, y and r, integers from -20 to 20, r from 0 to 15"),
        ),
        gives=Result("ints", asked),
        reference="""
def solve(points, guards):
    guarded = []
    for i, (a, b) in enumerate(points):
        seen = 0
        for j, (x, y, r) in enumerate(guards):
            reach = r + $grow * (j % 2)
            if (a - x) ** 2 + (b - y) ** 2 $within reach ** 2 and not ($sector and b < y):
                seen += 1
        if seen >= $enough:
            guarded.append(i)
    return $result
""",
        brute="""
def solve(points, guards):
    counts = {}
    for j, (x, y, r) in enumerate(guards):
        reach = r + ($grow if j % 2 else 0)
        for a in range(x - reach, x + reach + 1):
            for b in range(y if $sector else y - reach, y + reach + 1):
                if abs(complex(a - x, b - y)) $within reach:
                    counts[a, b] = counts.get((a, b), 0) + 1
    guarded = [i for i in range(len(points)) if counts.get(tuple(points[i]), 0) >= $enough]
    return $result
""",
        mutants={
            "treats the border the other way": ("$within", "$otherwise"),
            "measures along the axes": (
                "(a - x) ** 2 + (b - y) ** 2 $within reach ** 2",
                "abs(a - x) + abs(b - y) $within reach",
            ),
            "measures the larger difference": (
                "(a - x) ** 2 + (b - y) ** 2 $within reach ** 2",
                "max(abs(a - x), abs(b - y)) $within reach",
            ),
            "forgets the last guard": ("enumerate(guards)", "enumerate(guards[:-1])"),
            "asks for one guard more": ("seen >= $enough", "seen > $enough"),
        }
        | ({"lets all see equally far": ("$grow * (j % 2)", "0")} if grow else {})
        | ({"sees what lies below": ("$sector and", "False and")} if sector else {}),
        parameters={
            "within": "<=" if border else "<",
            "otherwise": "<" if border else "<=",
            "enough": enough,
            "grow": grow,
            "sector": sector,
            "result": result,
        },
        edges=[
            ([], []),
            ([[0, 0]], []),
            ([[0, 0], [1, 1]], [[0, 0, 0]] * 2),
            ([[3, 4], [4, 4], [3, -4], [5, 0]], [[0, 0, 5]] * 3),
            ([[3, 3], [5, 5], [0, 5]], [[0, 0, 5]] * 3),
            ([[-20, -20], [20, 20]], [[-20, -20, 15], [20, 20, 15], [-20, -20, 1]]),
            ([[x, 2] for x in range(-6, 7)], [[0, 0, 4], [1, 2, 3], [-2, 3, 2]]),
        ],
        case=lambda rng, size: (
            _points(rng, size, 8),
            [[*point, rng.choice((2, 5, 5, 9))] for point in _points(rng, 1 + size // 2, 8)],
        ),
        small=15,
    )


TEMPLATES = tuple(
    Template("geometry", draw.__name__, draw)
    for draw in (covered_area, nearest_pair, straight_rows, polygon_points, crossing_fences, circle_guards)
)
