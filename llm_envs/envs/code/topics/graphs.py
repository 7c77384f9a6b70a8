"""Graphs: routes, orders, islands and networks."""

from __future__ import annotations

import random

from llm_envs.envs.code.problem import Args, Argument, Problem, Result, Template

__all__ = ["TEMPLATES"]


def _roads(rng: random.Random, nodes: int, *, most: int, longest: int) -> list[list[int]]:
    """Roads between different nodes, with lengths; between two nodes there may be several."""
    if nodes < 2:
        return []
    return [[*rng.sample(range(nodes), k=2), rng.randint(1, longest)] for _ in range(rng.randint(0, most))]


def cheapest_route(rng: random.Random, level: int) -> Problem:
    """The cheapest way between two places, with tolls."""
    one_way = rng.random() < 0.5
    toll = rng.randint(1, 6) if level >= 1 else 0
    every = rng.randint(2, 3)
    limit = rng.randint(3, 5) if level >= 3 else 0
    none = rng.choice((-1, 0, 9999))
    direction = "can only be travelled from the first to the second" if one_way else "can be travelled both ways"
    rules = [f"Towns are numbered from 0 to n - 1. A road joins two towns and {direction}."]
    if toll:
        rules.append(
            f"Entering a town whose number is a multiple of {every} costs {toll} besides the length of the road."
        )
    if limit:
        rules.append(f"No more than {limit} roads may be used.")
    return Problem(
        words=" ".join(rules),
        takes=(
            Argument("n", "int", "the number of towns, from 1 to 60"),
            Argument("roads", "rows", "each the numbers of two different towns, and a length from 1 to 20"),
            Argument("start", "int", "the town where one begins, which costs nothing"),
            Argument("goal", "int", "the town to get to; it may be the same"),
        ),
        gives=Result("int", f"the lowest cost of getting there, or {none} if that is impossible"),
        reference="""
import heapq

def solve(n, roads, start, goal):
    ways = [[] for _ in range(n)]
    for a, b, length in roads:
        ways[a].append((b, length))
        if not $one_way:
            ways[b].append((a, length))
    queue, done = [(0, start, 0)], set()
    while queue:
        cost, town, used = heapq.heappop(queue)
        if town == goal:
            return cost
        if (town, used) in done:
            continue
        done.add((town, used))
        if $limit and used == $limit:
            continue
        for other, length in ways[town]:
            toll = $toll if other % $every == 0 else 0
            heapq.heappush(queue, (cost + length + toll, other, used + 1 if $limit else 0))
    return $none
""",
        brute="""
def solve(n, roads, start, goal):
    far = 10**9
    cost = [far] * n
    cost[start] = 0
    for _ in range($limit or n):
        before = cost[:]
        for a, b, length in roads:
            for here, there in [(a, b)] if $one_way else [(a, b), (b, a)]:
                reached = before[here] + length + $toll * (there % $every == 0)
                cost[there] = min(cost[there], reached)
    return cost[goal] if cost[goal] < far else $none
""",
        mutants={
            "counts roads, not lengths": ("cost + length + toll", "cost + 1 + toll"),
            "treats the direction of roads the other way": ("if not $one_way", "if $one_way"),
            "takes the last road between two towns": (
                "in roads:",
                "in [(*ends, length) for ends, length in {(a, b): length for a, b, length in roads}.items()]:",
            ),
            "takes the nearest town first and never looks back": (
                "if (town, used) in done:\n            continue\n        done.add((town, used))",
                (
                    "if town in done:\n            continue\n        done.update([town] + [way[0] for way in "
                    "ways[town] if way[0] != goal])"
                ),
            ),
            "begins at the goal": ("(0, start, 0)", "(0, goal, 0)"),
        }
        | ({"pays no toll": ("length + toll", "length")} if toll else {})
        | (
            {"pays a toll at the beginning": ("[(0, start, 0)]", "[($toll * (start % $every == 0), start, 0)]")}
            if toll
            else {}
        )
        | ({"uses one road more": ("used == $limit", "used == $limit + 1")} if limit else {})
        | ({"uses one road less": ("used == $limit", "used == $limit - 1")} if limit else {}),
        parameters={"one_way": one_way, "toll": toll, "every": every, "limit": limit, "none": none},
        edges=[
            (1, [], 0, 0),
            (3, [], 0, 2),
            (2, [[0, 1, 5], [0, 1, 3]], 0, 1),
            (2, [[1, 0, 4]], 0, 1),
            (4, [[0, 1, 1], [1, 2, 1], [0, 2, 5], [2, 3, 1]], 0, 3),
            (9, [[i, i + 1, 2] for i in range(8)] + [[0, 8, 20]], 0, 8),
            (9, [[i, i + 1, 1] for i in range(8)], 0, limit or 5),
            (9, [[i, i + 1, 1] for i in range(8)], 0, limit + 1),
        ],
        case=lambda rng, size: _towns(rng, size + 1),
    )


def _towns(rng: random.Random, nodes: int) -> Args:
    start, goal = rng.randrange(nodes), rng.randrange(nodes)
    return nodes, _roads(rng, nodes, most=3 * nodes, longest=20), start, goal


def islands(rng: random.Random, level: int) -> Problem:
    """What the islands of a map are like."""
    land, water = rng.sample("#.*o~X", k=2)
    slant = rng.random() < 0.5
    low = rng.randint(2, 3) if level >= 1 else 1
    edge = level >= 2 and rng.random() < 0.6
    wrap = level >= 3 and not edge
    asked, result = rng.choice(
        (
            ("the sizes of the islands, the largest first", "sorted(map(len, found), reverse=True)"),
            ("the sizes of the islands, the smallest first", "sorted(map(len, found))"),
            (
                "the number of islands, the size of the largest, and the size of the smallest (0 0 0 without islands)",
                "[len(found), max(map(len, found), default=0), min(map(len, found), default=0)]",
            ),
        )
    )
    touch = "at a side or at a corner" if slant else "at a side"
    rules = [f"On a map, {land} is land and {water} is water. Land cells that touch {touch} are of one island."]
    if low > 1:
        rules.append(f"Fewer than {low} cells are no island.")
    if edge:
        rules.append("What reaches the edge of the map is no island.")
    if wrap:
        rules.append("The map is round: its left and right edges touch each other, its upper and lower ones do not.")
    near = [(0, 1), (0, -1), (1, 0), (-1, 0)] + ([(1, 1), (1, -1), (-1, 1), (-1, -1)] if slant else [])
    return Problem(
        words=" ".join(rules),
        takes=(Argument("rows", "lines", "up to 40 lines of equal length (1 to 40), the rows of the map from above"),),
        gives=Result("ints", asked),
        reference="""
def solve(rows):
    height, width = len(rows), len(rows[0])
    seen, found = set(), []
    for y in range(height):
        for x in range(width):
            if rows[y][x] != "$land" or (y, x) in seen:
                continue
            island, waiting = [], [(y, x)]
            seen.add((y, x))
            while waiting:
                cell = waiting.pop()
                island.append(cell)
                for dy, dx in $near:
                    v, u = cell[0] + dy, cell[1] + dx
                    if $wrap:
                        u %= width
                    if 0 <= v < height and 0 <= u < width and rows[v][u] == "$land" and (v, u) not in seen:
                        seen.add((v, u))
                        waiting.append((v, u))
            at_edge = any(v in (0, height - 1) or u in (0, width - 1) for v, u in island)
            if len(island) >= $low and not ($edge and at_edge):
                found.append(island)
    return $result
""",
        brute="""
def solve(rows):
    height, width = len(rows), len(rows[0])
    names = {(y, x): y * width + x for y in range(height) for x in range(width) if rows[y][x] == "$land"}
    changed = True
    while changed:
        changed = False
        for (y, x), name in list(names.items()):
            for (v, u), other in list(names.items()):
                across = min(abs(u - x), width - abs(u - x)) if $wrap else abs(u - x)
                touch = across + abs(v - y) == 1 or ($slant and across == abs(v - y) == 1)
                if touch and names[v, u] < names[y, x]:
                    names[y, x] = names[v, u]
                    changed = True
    found = []
    for name in set(names.values()):
        island = [cell for cell in names if names[cell] == name]
        inner = all(0 < y < height - 1 and 0 < x < width - 1 for y, x in island)
        if len(island) >= $low and (inner or not $edge):
            found.append(island)
    return $result
""",
        mutants={
            "takes other neighbours": ("in $near:", "in $others:"),
            "takes smaller islands": ("len(island) >= $low", "len(island) >= $low - 1 + ($low == 1) * 2"),
            "takes water for land": ('rows[y][x] != "$land"', 'rows[y][x] == "$land"'),
            "forgets neighbours above": ("0 <= v < height and", "cell[0] <= v < height and"),
            "forgets neighbours to the left": ("0 <= u < width and", "cell[1] <= u < width and"),
            "knows no island of more than four": ("found.append(island)", "found.append(island[:4])"),
        }
        | ({"takes what reaches the edge": ("not ($edge and at_edge)", "True")} if edge else {})
        | ({"takes the map for flat": ("if $wrap:", "if False:")} if wrap else {}),
        parameters={
            "land": land,
            "near": near,
            "others": near[:4] if slant else [*near, (1, 1), (1, -1), (-1, 1), (-1, -1)],
            "wrap": wrap,
            "slant": slant,
            "low": low,
            "edge": edge,
            "result": result,
        },
        edges=[
            ([land],),
            ([water],),
            ([land * 6],),
            ([land] * 5,),
            ([land + water] * 3 + [water + land] * 2,),
            ([land + water * 3 + land] * 2,),
            ([water * 6, water + land * 4 + water, water * 4 + land + water, water * 6],),
            ([water * 7, water + land * 2 + water * 2 + land + water, water + land + water * 5, water * 7],),
            ([(land + water) * 3, (water + land) * 3, water * 6],),
        ],
        case=lambda rng, size: _map(rng, size + 3 * edge, land, water),
        small=6,
        most=14,
    )


def _map(rng: random.Random, size: int, land: str, water: str) -> Args:
    height, width = rng.randint(1, size + 2), rng.randint(2, size + 4)
    share = rng.choice((2, 4, 5, 6))
    cells = land * share + water * (10 - share)
    return (["".join(rng.choices(cells, k=width)) for _ in range(height)],)


def work_order(rng: random.Random, level: int) -> Problem:
    """An order of jobs of which some must come before others."""
    pick, other = rng.choice((("min", "max"), ("max", "min")))
    factor, modulus = rng.randint(2, 9), rng.randint(11, 40)
    key, rank = (f"job * {factor} % {modulus}, job", "rank") if level >= 1 else ("job, 0", "number")
    ranks = f" The rank of job j is the remainder of {factor}j when divided by {modulus}." if level >= 1 else ""
    levels = level >= 2 and rng.random() < 0.5
    reverse = rng.random() < 0.4
    means = (
        "a job and another one that must be done before it"
        if reverse
        else "a job and another one that can only be done after it"
    )
    if levels:
        how = (
            "They are done in rounds: each round does all jobs that are ready when it begins, in "
            f"{'ascending' if pick == 'min' else 'descending'} order of {rank}."
        )

    else:
        how = (
            "One job is done at a time: of those that are ready, always the one with the "
            f"{'smallest' if pick == 'min' else 'largest'} {rank}."
        )
    if level >= 1:
        how += f" Of jobs of one rank, the one with the {'smaller' if pick == 'min' else 'larger'} number comes first."
    partly = level >= 1 and rng.random() < 0.5
    stuck = (
        "Jobs that never become ready are left out."
        if partly
        else "If some jobs never become ready, nothing is done at all."
    )
    return Problem(
        words=(
            f"Jobs are numbered from 0 to n - 1. A job is ready when all that must come before it are done.{ranks} "
            f"{how} {stuck}"
        ),
        takes=(
            Argument("n", "int", "the number of jobs, from 0 to 60"),
            Argument("rules", "rows", f"each the numbers of two jobs, {means}; rules may be repeated"),
        ),
        gives=Result("ints", "the jobs in the order in which they are done"),
        reference="""
def solve(n, rules):
    missing, after = [0] * n, [[] for _ in range(n)]
    for a, b in rules:
        a, b = $before_after
        missing[b] += 1
        after[a].append(b)
    ready, done = [job for job in range(n) if missing[job] == 0], []
    while ready:
        chosen = sorted(ready, key=rank, reverse=$down) if $levels else [$pick(ready, key=rank)]
        ready = [job for job in ready if job not in chosen]
        for job in chosen:
            done.append(job)
            for other in after[job]:
                missing[other] -= 1
                if missing[other] == 0:
                    ready.append(other)
    return done if $partly or len(done) == n else []

def rank(job):
    return $key
""",
        brute="""
def solve(n, rules):
    pairs = [(b, a) if $reverse else (a, b) for a, b in rules]
    done = []
    while True:
        ready = [j for j in range(n) if j not in done and all(a in done for a, b in pairs if b == j)]
        if not ready:
            break
        ready.sort(key=lambda job: ($key), reverse=$down)
        done += ready if $levels else ready[:1]
    return done if $partly or len(done) == n else []
""",
        mutants={
            "takes the other end first": (
                "reverse=$down) if $levels else [$pick(",
                "reverse=not $down) if $levels else [$other(",
            ),
            "takes jobs as they become ready": ("= sorted(ready, key=rank, reverse=$down) if", "= ready[:1] if 1 or"),
            "reads rules the other way": ("a, b = $before_after", "b, a = $before_after"),
            "treats rounds the other way": ("if $levels else", "if not $levels else"),
            "treats what is stuck the other way": ("done if $partly or", "done if not $partly or"),
            "counts a repeated rule once": ("missing[b] += 1", "missing[b] += b not in after[a]"),
        },
        parameters={
            "before_after": "b, a" if reverse else "a, b",
            "reverse": reverse,
            "down": pick == "max",
            "levels": levels,
            "pick": pick,
            "other": other,
            "partly": partly,
            "key": key,
        },
        edges=[
            (0, []),
            (1, []),
            (5, []),
            (3, [[0, 1], [1, 0]]),
            (2, [[0, 1], [0, 1]]),
            (4, [[0, 1], [0, 1], [1, 2], [1, 2], [0, 3]]),
            (5, [[4, 3], [3, 2], [2, 1], [1, 0]]),
            (6, [[0, 5], [5, 1], [2, 3], [3, 4]]),
            (6, [[5, 0], [1, 5], [3, 2], [4, 3]]),
            (5, [[0, 1], [1, 2], [2, 1], [0, 4]]),
        ],
        case=_jobs,
    )


def _jobs(rng: random.Random, size: int) -> Args:
    n = size + 1
    order = rng.sample(range(n), k=n)
    pairs = [sorted(rng.sample(range(n), k=2)) for _ in range(rng.randint(0, 2 * n))] if n > 1 else []
    rules = [[order[a], order[b]] for a, b in pairs]
    if rules and rng.random() < 0.3:
        rules.append(rng.choice(rules)[::-1])
    return n, rng.sample(rules, k=len(rules))


def maze_steps(rng: random.Random, level: int) -> Problem:
    """The fewest steps through a maze, with walls that can be broken or leaps."""
    walls = rng.randint(1, 2) if level >= 2 else 0
    leap = rng.randint(2, 3)
    moves = [(0, 1), (0, -1), (1, 0), (-1, 0)]
    kind = rng.choice(("plain", "slant", "leap", "knight")) if level >= 1 else "plain"
    words = {
        "plain": "to a cell at a side of the present one",
        "slant": "to a cell at a side or a corner of the present one",
        "leap": f"to a cell at a side of the present one, or straight to the right or left over {leap - 1} "
        f"cell{'s' * (leap > 2)}, whatever is there",
        "knight": "as a knight in chess moves: two cells in one direction and one across, over whatever is there",
    }[kind]
    steps = {
        "plain": moves,
        "slant": [*moves, (1, 1), (1, -1), (-1, 1), (-1, -1)],
        "leap": [*moves, (0, leap), (0, -leap)],
        "knight": [(y, x) for y in (-2, -1, 1, 2) for x in (-2, -1, 1, 2) if abs(y) != abs(x)],
    }[kind]
    wall, none = rng.choice("#X%*"), rng.choice((-1, 0, 999))
    breaks = f" On the way one may break {walls} wall{'s' * (walls > 1)} at most, by stepping on them." if walls else ""
    return Problem(
        words=(
            f"A maze is a grid; {wall} is a wall, a dot is free, S is the beginning and E the end, and both are free. "
            f"Each step goes {words}. Walls cannot be stepped on, and nothing leaves the grid.{breaks}"
        ),
        takes=(Argument("rows", "lines", "up to 30 lines of equal length, with one S and one E"),),
        gives=Result("int", f"the fewest steps from S to E, or {none} if there is no way"),
        reference="""
def solve(rows):
    places = {cell: (y, x) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell in "SE"}
    here, seen, steps = [(*places["S"], 0)], {(*places["S"], 0)}, 0
    while here:
        if any((y, x) == places["E"] for y, x, _ in here):
            return steps
        reached = []
        for y, x, broken in here:
            for dy, dx in $steps:
                v, u = y + dy, x + dx
                if not (0 <= v < len(rows) and 0 <= u < len(rows[0])):
                    continue
                state = (v, u, broken + (rows[v][u] == "$wall"))
                if state[2] <= $walls and state not in seen:
                    seen.add(state)
                    reached.append(state)
        here, steps = reached, steps + 1
    return $none
""",
        brute="""
def solve(rows):
    far = 10**6
    cells = [(y, x) for y in range(len(rows)) for x in range(len(rows[0]))]
    best = {(cell, n): far for cell in cells for n in range($walls + 1)}
    for y, x in cells:
        if rows[y][x] == "S":
            best[(y, x), 0] = 0
    changed = True
    while changed:
        changed = False
        for (y, x), n in best:
            cost = best[(y, x), n] + 1
            for dy, dx in $steps:
                there = (y + dy, x + dx)
                if there in cells:
                    after = n + (rows[there[0]][there[1]] == "$wall")
                    if after <= $walls and cost < best[there, after] and cost < far:
                        best[there, after] = cost
                        changed = True
    found = min(best[(y, x), n] for (y, x), n in best if rows[y][x] == "E")
    return found if found < far else $none
""",
        mutants={
            "counts cells, not steps": ("return steps", "return steps + 1"),
            "moves otherwise": ("in $steps:", "in $others:"),
            "forgets the last row": ("0 <= v < len(rows)", "0 <= v < max(1, len(rows) - 1)"),
            "breaks one wall more": ("<= $walls and", "<= $walls + 1 and"),
        }
        | ({"breaks no walls": ("state[2] <= $walls", "state[2] <= 0")} if walls else {})
        | (
            {
                "sees a cell once, however it was reached": (
                    "state not in seen:",
                    "state[:2] not in seen:\n                    seen.add(state[:2])",
                )
            }
            if walls
            else {}
        ),
        impostors={
            "goes straight": """
def solve(rows):
    places = {cell: (y, x) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell in "SE"}
    return sum(abs(a - b) for a, b in zip(places["S"], places["E"]))
""",
        },
        parameters={
            "steps": steps,
            "others": moves if kind != "plain" else [*moves, (1, 1), (-1, -1), (1, -1), (-1, 1)],
            "wall": wall,
            "walls": walls,
            "none": none,
        },
        edges=[
            (["SE"],),
            (["S..E"],),
            ([f"S{wall}E"],),
            ([f"S{wall}{wall}{wall}E"],),
            (["S", ".", wall, ".", "E"],),
            (["S..", f".{wall}.", "..E"],),
            (["S....", f"{wall * 4}.", "E....", "....."],),
            ([f"S.{wall}.E", f".{wall * 3}.", ".....", "....."],),
            ([f"S{wall}.{wall}E", f".{wall}.{wall}.", f".{wall}.{wall}.", "....."],),
            ([f".{wall}....", f"S{wall}.{wall * 2}.", f".{wall}.{wall}E{wall}", f"...{wall}.{wall}"],),
        ],
        case=lambda rng, size: _maze(rng, size, wall),
        small=5,
        most=14,
    )


def _maze(rng: random.Random, size: int, wall: str) -> Args:
    height, width = rng.randint(1, size + 1), rng.randint(2, size + 2)
    cells = rng.choices("." * 6 + wall * rng.randint(2, 6), k=height * width)
    start, end = rng.sample(range(height * width), k=2)
    cells[start], cells[end] = "S", "E"
    return (["".join(cells[y * width : (y + 1) * width]) for y in range(height)],)


def cheapest_network(rng: random.Random, level: int) -> Problem:
    """The cheapest way to connect what is not connected yet."""
    built = level >= 1
    longest = rng.randint(9, 16) if level >= 1 else 0
    station = rng.randint(4, 12) if level >= 3 else 0
    none = -rng.randint(1, 99)
    rules = ["Houses are numbered from 0 to n - 1. Lines can be built between them, each at its own price."]
    if built:
        rules.append("Lines with the price 0 are there already.")
    if longest:
        rules.append(f"Lines that cost more than {longest} may not be built.")
    if station:
        rules.append(
            f"Any house can also have a power station, for {station}. Each house must have one, or be connected to "
            "one by lines, directly or through others."
        )
    else:
        rules.append("All houses are to be connected, directly or through others.")
    return Problem(
        words=" ".join(rules),
        takes=(
            Argument("n", "int", "the number of houses, from 1 to 60"),
            Argument("lines", "rows", f"each two different houses and a price from {0 if built else 1} to 20"),
        ),
        gives=Result(
            "ints",
            "the lowest total price, and the number of lines to be built for it (the fewest at that price)"
            + (f"; {none} and {none} if it is impossible" if not station else ""),
        ),
        reference="""
def solve(n, lines):
    parent = list(range(n + 1))

    def root(house):
        while parent[house] != house:
            house = parent[house]
        return house

    options = [(price, 1, a, b) for a, b, price in lines if price <= $longest]
    if $station:
        options += [($station, 0, house, n) for house in range(n)]
    cost = built = joined = 0
    for price, is_line, a, b in sorted(options):
        a, b = root(a), root(b)
        if a != b:
            parent[a] = b
            cost, built, joined = cost + price, built + (is_line and price > 0), joined + 1
    return [cost, built] if joined == n - (not $station) else [$none, $none]
""",
        brute="""
from itertools import product

def solve(n, lines):
    usable = [line for line in lines if 0 < line[2] <= $longest]
    free = [line for line in lines if line[2] == 0]
    best = None
    for choice in product((0, 1), repeat=len(usable)):
        chosen = [line for line, taken in zip(usable, choice) if taken]
        parts = count_parts(n, chosen + free)
        if parts == 1 or $station:
            total = sum(line[2] for line in chosen) + $station * parts
            if best is None or (total, len(chosen)) < best:
                best = (total, len(chosen))
    return list(best) if best else [$none, $none]

def count_parts(n, lines):
    parts = [{house} for house in range(n)]
    for a, b, _ in lines:
        mine = [part for part in parts if a in part or b in part]
        parts = [part for part in parts if part not in mine] + [set().union(*mine)]
    return len(parts)
""",
        mutants={
            "builds lines as they are listed": ("sorted(options)", "options"),
            "joins houses that are joined": ("if a != b:", "if True:"),
            "counts all lines": ("return [cost, built] if", "return [cost, len(lines)] if"),
            "builds the dearest lines": ("sorted(options)", "sorted(options, reverse=True)"),
            "joins houses, not groups": ("a, b = root(a), root(b)", "a, b = parent[a], parent[b]"),
        }
        | ({"counts lines that are there": ("(is_line and price > 0)", "is_line")} if built else {})
        | (
            {"builds lines at any price": ("if price <= $longest", "if True")}
            if longest and longest < (station or 99)
            else {}
        )
        | ({"builds one station": ("range(n)]", "range(1)]")} if station else {}),
        parameters={"longest": longest or 10**6, "station": station, "none": none},
        edges=[
            (1, []),
            (2, []),
            (2, [[0, 1, 20]]),
            (2, [[0, 1, 3], [1, 0, 2]]),
            (4, [[0, 1, 5], [1, 2, 5], [2, 3, 5], [3, 0, 5]]),
            (5, [[0, 1, 1], [2, 3, 1], [1, 2, 9], [0, 3, 8], [3, 4, 17], [0, 4, 3]]),
            (4, [[0, 1, 0 if built else 1], [1, 2, 0 if built else 1], [0, 2, 4], [2, 3, 6]]),
        ],
        case=lambda rng, size: _houses(rng, size, low=0 if built else 1),
        small=4,
    )


def _houses(rng: random.Random, size: int, *, low: int) -> Args:
    """Most of the time enough lines to connect all."""
    n = size + 1
    order = rng.sample(range(n), k=n)
    lines = [[a, rng.choice(order[:place]), rng.randint(low, 20)] for place, a in enumerate(order) if place]
    lines += _roads(rng, n, most=n, longest=20)
    if rng.random() < 0.25:
        lines = lines[: len(lines) // 2]
    return n, rng.sample(lines, k=len(lines))


def two_teams(rng: random.Random, level: int) -> Problem:
    """Teams of people who do not get on, and of friends."""
    friends = level >= 1
    first, pick, other = rng.choice((("smaller", "min", "max"), ("larger", "max", "min")))
    none, modulus = -rng.randint(1, 99), rng.choice((97, 101, 509, 613, 757, 911, 1009, 1013, 2003, 5003))
    rules = ["People are numbered from 0 to n - 1 and are to be parted into two teams, of which one may be empty."]
    rules.append("A pair with a 0 may not be in one team." if friends else "A pair may not be in one team.")
    if friends:
        rules.append("A pair with a 1 must be in one team.")
    return Problem(
        words=" ".join(rules),
        takes=(
            Argument("n", "int", "the number of people, from 1 to 60"),
            Argument("pairs", "rows", f"each the numbers of two different people{', and 0 or 1' if friends else ''}"),
        ),
        gives=Result(
            "ints",
            f"the number of ways to choose the team of person 0, modulo {modulus}, and the {first} of the sizes that "
            f"this team can have; 0 and {none} if there is no way",
        ),
        reference="""
def solve(n, pairs):
    near = [[] for _ in range(n)]
    for a, b, *kind in pairs:
        apart = not (kind and kind[0])
        near[a].append((b, apart))
        near[b].append((a, apart))
    team, ways, size = [None] * n, 1, 0
    for begin in range(n):
        if team[begin] is not None:
            continue
        team[begin], group = 0, [begin]
        for one in group:
            for other, apart in near[one]:
                wanted = team[one] ^ apart
                if team[other] is None:
                    team[other] = wanted
                    group.append(other)
                elif team[other] != wanted:
                    return [0, $none]
        zeros = sum(team[one] == 0 for one in group)
        size += zeros if begin == 0 else $pick(zeros, len(group) - zeros)
        ways = ways * (1 if begin == 0 else 2) % $modulus
    return [ways, size]
""",
        brute="""
from itertools import product

def solve(n, pairs):
    sizes = []
    for rest in product((0, 1), repeat=n - 1):
        team = (0, *rest)
        if all((team[pair[0]] != team[pair[1]]) == (len(pair) == 2 or pair[2] == 0) for pair in pairs):
            sizes.append(team.count(0))
    return [len(sizes) % $modulus, $pick(sizes)] if sizes else [0, $none]
""",
        mutants={
            "takes the other size": ("$pick(zeros", "$other(zeros"),
            "turns the first group, too": ("1 if begin == 0 else 2", "2"),
            "takes any side for the first group": ("zeros if begin == 0 else ", ""),
            "forgets the modulus": ("% $modulus", ""),
            "sees no contradiction": ("elif team[other] != wanted:", "elif False:"),
            "looks at direct neighbours only": ("for one in group:", "for one in group[:1]:"),
        }
        | ({"parts friends": ("not (kind and kind[0])", "True")} if friends else {}),
        parameters={"pick": pick, "other": other, "none": none, "modulus": modulus},
        edges=[
            (1, []),
            (4, []),
            (16, []),
            (2, [[0, 1, *[0] * friends]]),
            (3, [[0, 1, *[0] * friends], [1, 2, *[0] * friends], [2, 0, *[0] * friends]]),
            (6, [[1, 0, *[0] * friends], [1, 2, *[0] * friends], [1, 3, *[0] * friends]]),
            (5, [[1, 2, *[1] * friends], [2, 3, *[0] * friends], [3, 4, *[1] * friends]]),
        ],
        case=lambda rng, size: _people(rng, size, friends=friends),
        small=9,
    )


def _people(rng: random.Random, size: int, *, friends: bool) -> Args:
    """Mostly without contradictions: the pairs are drawn for two hidden teams."""
    n = size + 1
    team = [rng.randrange(2) for _ in range(n)]
    pairs = []
    for _ in range(rng.randint(0, n) if n > 1 else 0):
        a, b = rng.sample(range(n), k=2)
        if friends:
            pairs.append([a, b, int(team[a] == team[b]) ^ (rng.random() < 0.02)])
        elif team[a] != team[b] or rng.random() < 0.02:
            pairs.append([a, b])
    return n, pairs


TEMPLATES = tuple(
    Template("graphs", draw.__name__, draw)
    for draw in (cheapest_route, islands, work_order, maze_steps, cheapest_network, two_teams)
)
