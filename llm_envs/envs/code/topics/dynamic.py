"""Dynamic programming: counting ways, and best choices that no greedy rule finds."""

from __future__ import annotations

import random

from llm_envs.envs.code.problem import Args, Argument, Problem, Result, Template, listed

__all__ = ["TEMPLATES"]


def climbing_ways(rng: random.Random, level: int) -> Problem:
    """How many ways lead up a stair, by some steps, past some bad ones."""
    steps = sorted(rng.sample(range(1, 7), k=2 + (level >= 1)))
    bad = rng.randint(3, 7)
    no_repeat = level >= 2
    never = f", and the step {steps[-1]} may not be taken twice in a row" if no_repeat else ""
    modulus = rng.choice((997, 1009, 10007, 65537, 1000003))
    return Problem(
        words=(
            f"Somebody climbs a stair from level 0 to level n, by {listed(steps, 'or')} levels at a time. Levels that "
            f"are multiples of {bad}, except 0 and n, are broken and may not be stepped on{never}."
        ),
        takes=(Argument("n", "int", "an integer from 0 to 3000"),),
        gives=Result("int", f"the number of ways, modulo {modulus}; no step at all is one way to climb 0 levels"),
        reference="""
def solve(n):
    by_small, by_large = [1] + [0] * n, [0] * (n + 1)
    for level in range(1, n + 1):
        if level % $bad == 0 and level != n:
            continue
        for step in $small:
            if step <= level:
                by_small[level] += by_small[level - step] + by_large[level - step]
        if level >= $large:
            by_large[level] = by_small[level - $large] + $repeats * by_large[level - $large]
        by_small[level] %= $modulus
        by_large[level] %= $modulus
    return (by_small[n] + by_large[n]) % $modulus
""",
        brute="""
def solve(n):
    return ways(0, n, 0) % $modulus

def ways(level, n, before):
    if level == n:
        return 1
    if level > n or (level and level % $bad == 0):
        return 0
    return sum(ways(level + step, n, step) for step in $steps if $repeats or not step == before == $large)
""",
        mutants={
            "steps on broken levels": ("level % $bad == 0 and level != n", "False"),
            "takes the top for broken": ("and level != n", ""),
            "finds no way to climb nothing": ("[1] + [0] * n", "[int(n > 0)] + [0] * n"),
            "forgets the modulus": (
                "return (by_small[n] + by_large[n]) % $modulus",
                "return by_small[n] + by_large[n]",
            ),
            "forgets the largest step": ("level >= $large", "level > n"),
            "treats the largest step the other way": ("$repeats * by", "(1 - $repeats) * by"),
        },
        parameters={
            "small": steps[:-1],
            "large": steps[-1],
            "steps": steps,
            "bad": bad,
            "modulus": modulus,
            "repeats": int(not no_repeat),
        },
        edges=[(0,), (1,), (bad,), (bad + 1,), (steps[-1],), (2 * steps[-1],), (2 * bad,)],
        case=lambda rng, size: (rng.randint(size, (3 if size <= 6 else 12) * size),),
        small=5,
        big=1000,
    )


def packed_bag(rng: random.Random, level: int) -> Problem:
    """The most valuable choice of things that a bag can hold."""
    most = rng.randint(2, 5) if level >= 1 else 0
    fee = rng.randint(1, 9) if level >= 1 else 0
    heavy = rng.randint(6, 9)
    heavies = rng.randint(1, most - 1) if level >= 3 else 0
    rules = ["Each thing has a weight and a value, and can be taken once or not at all."]
    if most:
        rules.append(f"At most {most} things can be taken.")
    if fee:
        rules.append(f"Each thing that is taken costs a fee of {fee}, which is taken off its value.")
    if heavies:
        rules.append(f"Of those that weigh {heavy} or more, at most {heavies} may be taken.")
    return Problem(
        words=f"{' '.join(rules)} Together they may weigh no more than the bag can hold.",
        takes=(
            Argument("things", "rows", "up to 60 pairs, a weight from 1 to 12 and a value from 0 to 30"),
            Argument("capacity", "int", "what the bag can hold, from 0 to 200"),
        ),
        gives=Result("int", "the largest value of a choice, less fees if there are any; taking nothing is worth 0"),
        reference="""
def solve(things, capacity):
    best = {(0, 0, 0): 0}
    for weight, value in things:
        for (load, count, heavies), worth in list(best.items()):
            heavies += weight >= $heavy
            state = (load + weight, $count, $kept)
            if load + weight > capacity or count + 1 > $most or heavies > $heavies:
                continue
            best[state] = max(best.get(state, 0), worth + value - $fee)
    return max(best.values())
""",
        brute="""
from itertools import combinations

def solve(things, capacity):
    best = 0
    for count in range(min(len(things), $most) + 1):
        for chosen in combinations(things, count):
            fits = sum(weight for weight, _ in chosen) <= capacity
            if fits and sum(weight >= $heavy for weight, _ in chosen) <= $heavies:
                best = max(best, sum(value - $fee for _, value in chosen))
    return best
""",
        mutants={
            "takes things twice": ("in things:", "in things + things:"),
            "never fills the bag": ("load + weight > capacity", "load + weight >= capacity"),
            "overloads the bag": ("load + weight > capacity", "load > capacity"),
            "forgets the first thing": ("in things:", "in things[1:]:"),
        }
        | ({"takes one thing more": ("count + 1 > $most", "count > $most")} if most else {})
        | ({"pays one fee": ("value - $fee)", "value - $fee * (not worth))")} if fee else {})
        | ({"takes any heavy things": ("heavies > $heavies", "False")} if heavies else {}),
        impostors={
            "takes the best by value for weight": """
def solve(things, capacity):
    total = count = heavies = 0
    for weight, value in sorted(things, key=lambda thing: (thing[1] - $fee) / thing[0], reverse=True):
        is_heavy = weight >= $heavy
        if weight <= capacity and value > $fee and count < $most and heavies + is_heavy <= $heavies:
            capacity, total, count, heavies = capacity - weight, total + value - $fee, count + 1, heavies + is_heavy
    return total
""",
        },
        parameters={
            "most": most or 99,
            "fee": fee,
            "heavy": heavy,
            "heavies": heavies or 99,
            "count": "count + 1" if most else "0",
            "kept": "heavies" if heavies else "0",
        },
        edges=[
            ([], 10),
            ([[3, 4]], 2),
            ([[3, 14]], 3),
            ([[2, 9]] * 6, 11),
            ([[10, 30], [6, 20], [6, 20]], 12),
            ([[heavy, 30]] * 4, 200),
            ([[4, 0], [1, 1]], 9),
        ],
        case=_things,
        small=9,
        most=14,
    )


def _things(rng: random.Random, size: int) -> Args:
    things = [[rng.randint(1, 12), rng.randint(0, 30)] for _ in range(size)]
    return things, rng.randint(0, 7 * size)


def fewest_coins(rng: random.Random, level: int) -> Problem:
    """The fewest coins for an amount, where taking the largest first goes wrong."""
    while True:
        coins = sorted(rng.sample(range(2 if level >= 1 else 1, 16 + 4 * level), k=3 + (level >= 3)))
        if _greed_fails(coins):
            break
    change = rng.randint(1, 2) if level >= 2 else 0
    parity = level >= 4
    back = f" Up to {change} coin{'s' * (change > 1)} may be given back as change, and count as well." if change else ""
    even = " The number of coins must be even." if parity else ""
    none = rng.choice((-1, -5, -99))
    return Problem(
        words=(
            f"There are coins of {listed(coins)}, as many of each as one likes. An amount is paid "
            f"exactly.{back}{even} The amount 0 needs no coins."
        ),
        takes=(Argument("amount", "int", "an integer from 0 to 5000"),),
        gives=Result("int", f"the fewest coins that pay it, or {none} if none do"),
        reference="""
def solve(amount):
    far, top = 10**9, amount + $change * $largest
    even, odd = [0] + [far] * top, [far] * (top + 1)
    for total in range(1, top + 1):
        for coin in $coins:
            if coin <= total:
                even[total] = min(even[total], odd[total - coin] + 1)
                odd[total] = min(odd[total], even[total - coin] + 1)
    best = far
    for given in $backs:
        parts = (even, odd) if given[0] % 2 == 0 else (odd, even)
        for table in parts[:1] if $parity else parts:
            best = min(best, given[0] + table[amount + given[1]])
    return best if best < far else $none
""",
        brute="""
from itertools import combinations_with_replacement as choices

def solve(amount):
    for count in range(amount + $change * $largest + $change + 1):
        for given in range(min(count, $change) + 1):
            if $parity and count % 2:
                continue
            for back in choices($coins, given):
                if can_pay(amount + sum(back), count - given, $coins):
                    return count
    return $none

def can_pay(amount, count, coins):
    if count == 0 or not coins:
        return amount == 0 and count == 0
    most = min(count, amount // coins[-1])
    return any(can_pay(amount - n * coins[-1], count - n, coins[:-1]) for n in range(most + 1))
""",
        mutants={
            "forgets the smallest coin": ("for coin in $coins:", "for coin in $coins[1:]:"),
            "takes each coin once": ("if coin <= total:", "if coin <= total < 2 * coin:"),
            "counts one coin too many": ("best = min(best, given[0] +", "best = min(best, given[0] + 1 +"),
        }
        | (
            {"answers with a huge number": ("best if best < far else $none", "best")}
            if coins[0] > 1 and not change
            else {}
        )
        | ({"gives nothing back": ("in $backs", "in $backs[:1]")} if change else {})
        | ({"forgets that the number must be even": ("parts[:1] if $parity else parts", "parts")} if parity else {}),
        impostors={
            "takes the largest coins first": """
def solve(amount):
    count = 0
    for coin in reversed($coins):
        count += amount // coin
        amount %= coin
    return $none if amount else count
""",
        },
        parameters={
            "coins": coins,
            "largest": coins[-1],
            "change": change,
            "parity": parity,
            "none": none,
            "backs": _backs(coins, change),
        },
        edges=[(0,), (1,), (coins[0],), (coins[-1] + coins[0],), (coins[0] - 1,), (3,), (coins[-1] * 2,)],
        case=lambda rng, size: (rng.randint(1, 6 * size),),
        small=6,
    )


def _greed_fails(coins: list[int]) -> bool:
    """Whether taking the largest coins first costs more than needed, for some amount."""
    best = [0] + [999] * 60
    for amount in range(1, 61):
        best[amount] = 1 + min((best[amount - coin] for coin in coins if coin <= amount), default=998)
        rest, count = amount, 0
        for coin in reversed(coins):
            count, rest = count + rest // coin, rest % coin
        if rest == 0 and count > best[amount]:
            return True
    return False


def _backs(coins: list[int], change: int) -> list[tuple[int, int]]:
    """What can be given back: how many coins, and how much."""
    backs = [(0, 0), *((1, coin) for coin in coins)]
    if change == 2:
        backs += sorted({(2, one + other) for one in coins for other in coins})
    return backs if change else backs[:1]


def edit_cost(rng: random.Random, level: int) -> Problem:
    """The cheapest way to turn one word into another."""
    insert, delete, replace = rng.sample(range(1, 8), k=3)
    replace = max(2, min(replace, insert + delete - 1))
    swap = rng.randint(1, 3) if level >= 2 else 0
    vowel = rng.randint(1, 3) if level >= 1 else 0
    rules = [f"Inserting a letter costs {insert}, deleting one {delete}, replacing one by another {replace}."]
    if vowel:
        rules.append(f"Inserting or deleting a vowel (a, e, i, o or u) costs {vowel} more.")
    if swap:
        rules.append(
            f"Swapping two neighbouring letters costs {swap}; neither of them may be changed, deleted or swapped "
            "again, and nothing may be inserted between them."
        )
    return Problem(
        words=f"A word is turned into another one. {' '.join(rules)}",
        takes=(
            Argument("source", "text", "the word to begin with, up to 60 letters out of a, b, c and e; may be empty"),
            Argument("target", "text", "the word to end with, likewise"),
        ),
        gives=Result("int", "the lowest cost at which the first word is turned into the second"),
        reference="""
def solve(source, target):
    n, m = len(source), len(target)
    cost = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            options = [] if i or j else [0]
            if i:
                options.append(cost[i - 1][j] + $delete + $vowel * (source[i - 1] in "aeiou"))
            if j:
                options.append(cost[i][j - 1] + $insert + $vowel * (target[j - 1] in "aeiou"))
            if i and j:
                options.append(cost[i - 1][j - 1] + $replace * (source[i - 1] != target[j - 1]))
            if $swap and i > 1 and j > 1 and source[i - 2:i] == target[j - 2:j][::-1]:
                options.append(cost[i - 2][j - 2] + $swap)
            cost[i][j] = min(options)
    return cost[n][m]
""",
        brute="""
from functools import cache

@cache
def solve(source, target):
    if not source:
        return sum($insert + $vowel * (letter in "aeiou") for letter in target)
    if not target:
        return sum($delete + $vowel * (letter in "aeiou") for letter in source)
    found = [
        $delete + $vowel * (source[0] in "aeiou") + solve(source[1:], target),
        $insert + $vowel * (target[0] in "aeiou") + solve(source, target[1:]),
        $replace * (source[0] != target[0]) + solve(source[1:], target[1:]),
    ]
    if $swap and len(source) > 1 and len(target) > 1 and source[0] == target[1] and source[1] == target[0]:
        found.append($swap + solve(source[2:], target[2:]))
    return min(found)
""",
        mutants={
            "takes inserting for deleting": (
                "$delete + $vowel * (source",
                "$insert + $vowel * (source",
            ),
            "takes deleting for inserting": ("$insert + $vowel * (target", "$delete + $vowel * (target"),
            "pays for keeping a letter": ("* (source[i - 1] != target[j - 1])", ""),
            "never replaces": ("$replace * (source", "99 * (source"),
            "forgets the last letters": ("return cost[n][m]", "return cost[max(n - 1, 0)][max(m - 1, 0)]"),
        }
        | ({"never swaps": ("if $swap and", "if False and")} if swap and swap < 2 * replace else {})
        | ({"forgets vowels that are inserted": ("$insert + $vowel *", "$insert + 0 *")} if vowel else {}),
        impostors={
            "compares place by place": """
def solve(source, target):
    n = min(len(source), len(target))
    rest = sum($insert + $vowel * (x in "aeiou") for x in target[n:])
    rest += sum($delete + $vowel * (x in "aeiou") for x in source[n:])
    return rest + sum($replace for a, b in zip(source, target) if a != b)
""",
        },
        parameters={"insert": insert, "delete": delete, "replace": replace, "swap": swap, "vowel": vowel},
        edges=[
            ("", ""),
            ("", "abe"),
            ("cab", ""),
            ("abc", "abc"),
            ("ab", "ba"),
            ("abcabc", "bacbac"),
            ("aeae", "bcbc"),
            ("a" * 12, "b" * 9),
            ("abceabce", "bceabcea"),
        ],
        case=lambda rng, size: (_word(rng, size), _word(rng, size)),
        small=5,
        most=20,
    )


def _word(rng: random.Random, size: int) -> str:
    return "".join(rng.choices("abce", k=rng.randint(0, size)))


def grid_walk(rng: random.Random, level: int) -> Problem:
    """The best sum on a way through a grid."""
    best, beats = rng.choice((("largest", "max"), ("smallest", "min")))
    slant = rng.random() < 0.5
    straight = rng.randint(1, 3) if level >= 2 else 0
    toll = rng.randint(1, 5) if level >= 1 else 0
    moves = "right, down, or diagonally right and down" if slant else "right or down"
    rules = [f"A walk goes from the upper left to the lower right cell of a grid, each step {moves}."]
    if toll:
        rules.append(f"Each step {'diagonally' if slant else 'down'} takes {toll} off the sum.")
    if straight:
        rules.append(f"No more than {straight} steps in a row may go right.")
    none = rng.choice((-999, 999, -12345))
    steps = [(0, 1, 0), (1, 0, 0 if slant else toll)] + ([(1, 1, toll)] if slant else [])
    return Problem(
        words=" ".join(rules),
        takes=(Argument("grid", "rows", "up to 30 rows of equal length (1 to 30), integers from -9 to 9"),),
        gives=Result("int", f"the {best} sum of the cells on a walk, both ends included; {none} if there is no walk"),
        reference="""
def solve(grid):
    height, width = len(grid), len(grid[0])
    reached = {(0, 0, 0): grid[0][0]}
    for y in range(height):
        for x in range(width):
            for row in range($straight + 1):
                if (y, x, row) not in reached:
                    continue
                total = reached[y, x, row]
                for down, right, toll in $steps:
                    after = min(row + 1, $cap) if down == 0 else 0
                    if y + down >= height or x + right >= width or after > $straight:
                        continue
                    cell = (y + down, x + right, after)
                    worth = total + grid[y + down][x + right] - toll
                    reached[cell] = $beats(reached.get(cell, worth), worth)
    ends = [reached[y, x, row] for y, x, row in reached if y == height - 1 and x == width - 1]
    return $beats(ends, default=$none)
""",
        brute="""
def solve(grid):
    return $beats(walks(grid, 0, 0, 0), default=$none)

def walks(grid, y, x, rights):
    if y >= len(grid) or x >= len(grid[0]) or ($limited and rights > $straight):
        return []
    if y == len(grid) - 1 and x == len(grid[0]) - 1:
        return [grid[y][x]]
    sums = [total for total in walks(grid, y, x + 1, rights + 1)]
    sums += [total - ($toll if not $slant else 0) for total in walks(grid, y + 1, x, 0)]
    if $slant:
        sums += [total - $toll for total in walks(grid, y + 1, x + 1, 0)]
    return [grid[y][x] + total for total in sums]
""",
        mutants={
            "forgets the first cell": ("grid[0][0]}", "0}"),
            "never goes down": ("if y + down >= height", "if y + down >= 1"),
            "seeks the other extreme": ("$beats(reached", "$other(reached"),
            "takes the last way it finds": ("$beats(reached.get(cell, worth), worth)", "worth"),
        }
        | ({"pays nothing": (" - toll\n", "\n")} if toll else {})
        | ({"goes right as often as it likes": ("after > $straight", "False")} if straight else {}),
        impostors={
            "always takes the better neighbour": """
def solve(grid):
    y = x = row = 0
    total = grid[0][0]
    while (y, x) != (len(grid) - 1, len(grid[0]) - 1):
        options = []
        for down, right, toll in $steps:
            after = row + 1 if down == 0 else 0
            fits = y + down < len(grid) and x + right < len(grid[0]) and ($cap == 0 or after <= $straight)
            if fits:
                options.append((grid[y + down][x + right] - toll, y + down, x + right, after))
        if not options:
            return $none
        worth, y, x, row = $beats(options)
        total += worth
    return total
""",
        },
        parameters={
            "beats": beats,
            "other": "min" if beats == "max" else "max",
            "straight": straight,
            "cap": straight + 1 if straight else 0,
            "limited": bool(straight),
            "steps": steps,
            "slant": slant,
            "toll": toll,
            "none": none,
        },
        edges=[
            ([[5]],),
            ([[1, 2, 3, 4, 5]],),
            ([[1], [2], [-3]],),
            ([[0] * 4] * 4,),
            ([[-9, -9], [-9, -9]],),
            ([[1, 9, 1], [1, -9, 9], [1, 9, 9]],),
            ([[1, -9, 9, 9], [2, 2, -9, 9], [-9, 3, 3, 0]],),
        ],
        case=_grid,
        small=5,
        most=12,
    )


def _grid(rng: random.Random, size: int) -> Args:
    height, width = rng.randint(1, size), rng.randint(1, size)
    return ([[rng.randint(-9, 9) for _ in range(width)] for _ in range(height)],)


def chosen_apart(rng: random.Random, level: int) -> Problem:
    """The best choice of values that stand some places apart."""
    gap = rng.randint(2, 4)
    most = rng.randint(2, 4) if level >= 2 else 0
    best, beats, loses = rng.choice((("largest", "max", "min"), ("smallest", "min", "max")))
    bonus = rng.randint(2, 9) * (1 if beats == "max" else -1) if level >= 1 else 0
    limit = f" At most {most} values may be chosen." if most else ""
    even = f" Each chosen value at an even index (from 0) adds {bonus} to the sum." if bonus else ""
    return Problem(
        words=(
            f"Choose values so that the indices of any two of them differ by at least {gap}; one may also choose "
            f"none, which has the sum 0.{limit}{even}"
        ),
        takes=(Argument("values", "ints", "up to 300 integers from -40 to 40"),),
        gives=Result("int", f"the {best} sum of such a choice"),
        reference="""
def solve(values):
    n = len(values)
    before = [0] * (n + $gap)
    for _ in range(min($most, n)):
        best = [0] * (n + $gap)
        for i in range(n - 1, -1, -1):
            worth = values[i] + $bonus * (i % 2 == 0)
            best[i] = $beats(best[i + 1], worth + before[i + $gap])
        before = best
    return before[0]
""",
        brute="""
from itertools import combinations

def solve(values):
    best = 0
    for count in range(min($most, len(values)) + 1):
        for places in combinations(range(len(values)), count):
            if all(b - a >= $gap for a, b in zip(places, places[1:])):
                best = $beats(best, sum(values[i] + $bonus * (i % 2 == 0) for i in places))
    return best
""",
        mutants={
            "chooses values that are too close": ("before[i + $gap]", "before[i + $gap - 1]"),
            "keeps a place too many between them": ("before[i + $gap]", "before[min(n, i + $gap + 1)]"),
            "must choose the first value": ("return before[0]", "return values[0] + before[$gap] if values else 0"),
            "seeks the other extreme": ("= $beats(best", "= $loses(best"),
        }
        | ({"chooses one value more": ("min($most, n)", "min($most + 1, n)")} if most else {})
        | ({"adds the bonus at odd places": ("i % 2 == 0", "i % 2 == 1")} if bonus else {}),
        impostors={
            "takes the best value that is left, again and again": """
def solve(values):
    total, free = 0, set(range(len(values)))
    for _ in range($most):
        worth = {i: values[i] + $bonus * (i % 2 == 0) for i in sorted(free)}
        if not worth or $beats(0, $beats(worth.values())) == 0:
            break
        i = $beats(worth, key=worth.get)
        total += worth[i]
        free -= set(range(i - $gap + 1, i + $gap))
    return total
""",
        },
        parameters={"gap": gap, "most": most or 10**6, "beats": beats, "loses": loses, "bonus": bonus},
        edges=[
            ([],),
            ([7],),
            ([-7],),
            ([-5] * 6,),
            ([5] * 9,),
            ([9, 10, 9],),
            ([-9, -10, -9],),
            ([20, 1, 1, 20, 1, 1, 20, 1, 1, 20],),
        ],
        case=lambda rng, size: ([rng.randint(-12, 40) * rng.choice((1, 1, -1)) for _ in range(size)],),
        small=9,
    )


TEMPLATES = tuple(
    Template("dynamic", draw.__name__, draw)
    for draw in (climbing_ways, packed_bag, fewest_coins, edit_cost, grid_walk, chosen_apart)
)
