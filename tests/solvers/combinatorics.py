"""Solvers of the combinatorics families, from the text of a problem alone."""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from math import comb, prod

import numpy as np
import sympy

from solvers.reading import expression, integers


def ways(sizes, chosen, holds):
    """Choices of `chosen` things out of groups of these sizes whose numbers by group hold a condition."""
    return sum(
        np.prod([comb(n, k) for n, k in zip(sizes, split, strict=True)], dtype=object)
        for split in product(*(range(min(size, chosen) + 1) for size in sizes))
        if sum(split) == chosen and holds(*split)
    )


def count_committees(question):
    """Add up all ways to divide the seats among the groups."""
    numbers = integers(question)
    if "order does not matter" in question:
        half = len(numbers) // 2
        return ways(numbers[half:], sum(numbers[:half]), lambda *split: list(split) == numbers[:half])
    if "at least one of" in question or "at least two of" in question:
        least = 1 if "least one of" in question else 2
        return ways(numbers[1:], numbers[0], lambda first, _: first >= least)
    if "refuse to serve together" in question:
        j, k, m, n = numbers
        groups = (1, m - 1, 1, n - 1)
        return ways(groups, j + k, lambda a, b, c, d: a + b == j and c + d == k and not (a and c))
    return ways(numbers[1:], numbers[0], lambda *split: min(split) > 0)


def draw_balls(question):
    """Count the draws that are asked for, and all draws."""
    if "Urn A" in question:
        red_a, blue_a, red_b, blue_b = integers(question)[:4]
        rolled = 1 if "a 1 means" in question else int(re.search(r"at most (\d)", question)[1])
        first = Fraction(rolled, 6) * red_a * (red_a - 1) / ((red_a + blue_a) * (red_a + blue_a - 1))
        second = Fraction(6 - rolled, 6) * red_b * (red_b - 1) / ((red_b + blue_b) * (red_b + blue_b - 1))
        return sympy.Rational(first / (first + second))
    balls = integers(question)[:3]
    word = re.search(r"(\w+) balls? (?:is|are) drawn", question)[1]
    drawn = ("One", "Two", "Three", "Four", "Five").index(word) + 1
    colour = re.search(r"(red|blue|green)\?$", question)
    wanted = ("red", "blue", "green").index(colour[1]) if colour else 0
    conditions = {
        "same colour": lambda *split: max(split) == drawn,
        "exactly two": lambda red, *_: red == 2,
        "at least two": lambda red, *_: red >= 2,
        "": lambda *split: split[wanted] == drawn,
    }
    holds = next(condition for words, condition in conditions.items() if words in question)
    return sympy.Rational(ways(balls, drawn, holds), comb(sum(balls), drawn))


def walk(question):
    """Count the ways to each point of the grid in turn."""
    points = [tuple(map(int, point)) for point in re.findall(r"\((\d+), (\d+)\)", question)]
    (start, end), others = points[:2], points[2:]
    through = re.search(r"(?<!not )pass through \$\((\d+), (\d+)\)", question)
    required = tuple(map(int, through.groups())) if through else start
    holes = set(others) - {required}
    line = re.search(r"y = x( [+-] \d+)?", question)
    shift = int((line[1] or "0").replace(" ", "")) if line else sum(end)
    ways = {start: 1}
    for x in range(start[0], end[0] + 1):
        for y in range(start[1], end[1] + 1):
            beside = (x < required[0] and y > required[1]) or (x > required[0] and y < required[1])
            if (x, y) in holes or y > x + shift or beside:
                ways[x, y] = 0
            elif (x, y) != start:
                ways[x, y] = ways.get((x - 1, y), 0) + ways.get((x, y - 1), 0)
    return ways[end]


def share_out(question):
    """Give to one receiver after the other."""
    things, receivers = integers(question)[:2]
    least = int((re.search(r"each \w+ gets at least (\d+)", question) or [0, 0])[1])
    most = [things] * receivers
    for place, bound in enumerate(re.findall(r"at most (\d+)", question)):
        most[place] = int(bound)
    if re.search(r"each \w+ gets at most", question):
        most = most[:1] * receivers
    ways = [1] + [0] * things
    for bound in most:
        ways = [
            sum(ways[total - share] for share in range(least, min(bound, total) + 1)) for total in range(things + 1)
        ]
    return sum(ways) if "left over" in question else ways[things]


def update_belief(question):
    """Weigh the sources by what was seen, one thing after the other."""
    percents = [Fraction(int(value), 100) for value in re.findall(r"(\d+)%", question)]
    if not percents:
        _, seen_a, _, seen_b = integers(question)
        return sympy.Rational(seen_a, seen_a + seen_b)
    half = len(percents) // 2
    weights, rates = percents[:half], percents[half:]
    if "random is" in question:
        return sympy.Rational(sum(map(Fraction.__mul__, weights, rates)))
    for _ in range(2 if "Two of them" in question else 1):
        likely = [weight * rate for weight, rate in zip(weights, rates, strict=True)]
        weights = [weight / sum(likely) for weight in likely]
    return sympy.Rational(sum(map(Fraction.__mul__, weights, rates)) if "a third one" in question else weights[0])


def rolled(sides, result, add):
    """How many ways there are to each result of some dice; `add` takes one more number into a result."""
    ways = Counter({result: 1})
    for side in sides:
        after = Counter()
        for (before, count), shown in product(ways.items(), range(1, side + 1)):
            after[add(before, shown)] += count
        ways = after
    return ways


def roll(question):
    """Roll one die after the other, and count the results."""
    sides = [int(most) for most in re.findall(r"1 to (\d+)", question)]
    words = ("zero", "one", "two", "three", "four", "five")
    if many := re.findall(r"(\w+) fair dic?e with", question):
        sides = [side for side, word in zip(sides, many, strict=True) for _ in range(words.index(word.lower()))]
    if "sum" in question:
        total = integers(question)[-1]
        ways = rolled(sides, 0, int.__add__)
        fits = [
            count for reached, count in ways.items() if reached == total or ("at least" in question and reached > total)
        ]
        return sympy.Rational(sum(fits), prod(sides))
    ways = rolled(sides, (0, 99), lambda ends, shown: (max(ends[0], shown), min(ends[1], shown)))
    if "Given this" in question:
        *_, largest, least = integers(question)
        known = {ends: count for ends, count in ways.items() if ends[0] == largest}
        return sympy.Rational(sum(count for ends, count in known.items() if ends[1] >= least), sum(known.values()))
    largest = integers(question)[-1]
    return sympy.Rational(sum(count for ends, count in ways.items() if ends[0] == largest), prod(sides))


def expect(question):
    """Average over all cases, or solve the equations between the expectations of all states."""
    numbers = integers(question)
    if "wheel" in question:
        first, gain, second, other_gain, empty = numbers
        return sympy.Rational(first * gain + second * other_gain, first + second + empty)
    if "bag" in question:
        *balls, drawn, red, blue, green = numbers
        splits = [split for split in product(*(range(n + 1) for n in balls)) if sum(split) == drawn]
        chances = [prod(map(comb, balls, split)) for split in splits]
        gains = [red * split[0] + blue * split[1] - green * split[2] for split in splits]
        return sympy.Rational(sum(map(int.__mul__, chances, gains)), sum(chances))
    if "two numbers shown" in question:
        _, a, _, b, coins = numbers
        pick = max if "larger" in question else min
        return sympy.Rational(coins * sum(pick(x, y) for x in range(1, a + 1) for y in range(1, b + 1)), a * b)
    if "each of the numbers" in question:
        _, sides, _, wanted, cost = numbers
        return sum(sympy.Rational((-1) ** (j + 1) * comb(wanted, j) * sides * cost, j) for j in range(1, wanted + 1))
    chance = expression(re.search(r"probability \$(.*?)\$", question)[1])
    if "in a row" in question:
        length = ("once", "twice", "three times", "four times").index(
            re.search(r"hit (twice|\w+ times)", question)[1]
        ) + 1
        moves = {state: (state + 1, 0) for state in range(length)}
        return numbers[-1] * waiting(moves, chance, 0)
    start, minutes, *_, end = numbers
    return minutes * waiting({state: (state + 1, state - 1) for state in range(1, end)}, chance, start)


def waiting(moves, chance, start):
    """The expected number of moves until none is left; each goes forward with this chance, or back."""
    times = {state: sympy.Symbol(f"t{state}") for state in moves}
    equations = [
        1 + chance * times.get(forward, 0) + (1 - chance) * times.get(back, 0) - times[state]
        for state, (forward, back) in moves.items()
    ]
    return sympy.solve(equations, list(times.values()))[times[start]]


def line_up(question):
    """Build the rows from left to right: how many there are with so many things left, and such a last one."""
    counts, colours = zip(*re.findall(r"(\d+) (\w+)", question.split(" be put")[0]), strict=True)
    apart = re.search(r"no two (\w+) ones", question)
    ends = re.search(r"begins with an? (\w+) and ends with an? (\w+) one", question)
    whole = re.search(r"all (\w+) ones are next to each other", question)
    broken = re.search(r"the (\w+) ones do not all stand together", question)
    equal_neighbours = "no two neighbours" not in question

    @cache
    def rows(left, last, blocks):
        if not any(left):
            fits = not ends or last == ends[2]
            return int(fits and (not whole or blocks == 1) and (not broken or blocks > 1))
        total = 0
        for i, colour in enumerate(colours):
            if not left[i] or (last is None and ends and colour != ends[1]):
                continue
            if colour == last and (not equal_neighbours or (apart and colour == apart[1])):
                continue
            watched = (whole or broken or ("", ""))[1]
            fewer = (*left[:i], left[i] - 1, *left[i + 1 :])
            total += rows(fewer, colour, blocks + (colour == watched and colour != last))
        return total

    return rows(tuple(map(int, counts)), None, 0)


def end_up(question):
    """Multiply by the matrix of transitions, or solve for the vector that stays."""
    if "house" in question:
        tens = [sympy.Rational(int(value), 100) for value in re.findall(r"(\d+)%", question)]
        x, y, z = unknown = sympy.symbols("x y z")
        others = ((y, z), (x, z), (x, y))
        equations = [
            tens[4 * i] + tens[4 * i + 2] * others[i][0] + tens[4 * i + 3] * others[i][1] - unknown[i] for i in range(3)
        ]
        return sympy.solve(equations, unknown)[x]
    first, second = (sympy.Rational(int(value), 100) for value in re.findall(r"(\d+)%", question))
    words = {"two": 2, "three": 3}
    if "rounds" in question:
        goal = words[re.search(r"have won (\w+) rounds", question)[1]]
        judge = lead if "more than the other" in question else play
        return judge(first / (first + second), goal, question)
    chain = sympy.Matrix([[1 - first, first], [second, 1 - second]])
    if "long run" in question:
        stays = (chain.T - sympy.eye(2)).nullspace()[0]
        return stays[0] / sum(stays)
    return (chain ** words[re.search(r"(\w+) \w+ from now", question)[1]])[0, 1]


def play(chance, goal, _question):
    """Who is first to win so many rounds, round by round."""

    def wins(mine, theirs):
        if goal in {mine, theirs}:
            return int(mine == goal)
        return chance * wins(mine + 1, theirs) + (1 - chance) * wins(mine, theirs + 1)

    return wins(0, 0)


def lead(chance, goal, question):
    """Who is first to be so far ahead: one equation for every score."""
    ahead = re.search(r"So far (\w+) has won (\w+) rounds? more", question)
    start = {"one": 1, "two": 2}[ahead[2]] if ahead else 0
    start = -start if ahead and not question.startswith(ahead[1]) else start
    scores = {score: sympy.Symbol(f"p{score + goal}") for score in range(1 - goal, goal)}
    value = {-goal: 0, goal: 1} | scores
    equations = [chance * value[s + 1] + (1 - chance) * value[s - 1] - value[s] for s in scores]
    return sympy.solve(equations, list(scores.values()))[scores[start]]


def paint(question):
    """The chromatic polynomial by deletion and contraction."""
    colours = int(re.search(r"one of (\d+) colours", question)[1])
    edges = frozenset(frozenset(edge) for edge in re.findall(r"(\w) and (\w)(?=[;.])", question.split(" join ")[1]))
    vertices = frozenset().union(*edges)

    @cache
    def ways(edges, count):
        if not edges:
            return colours**count
        first, second = edge = min(edges, key=sorted)
        fewer = edges - {edge}
        merged = frozenset(frozenset(first if vertex == second else vertex for vertex in other) for other in fewer)
        return ways(fewer, count) - ways(merged, count - 1)

    return ways(edges, len(vertices))


def take_out(question):
    """Try all numbers of each colour; else the largest set without a conflict, chain by chain or class by class."""
    if "drawer" in question:
        told, asked = question.split(" How many")
        counts = {colour: int(count) for count, colour in re.findall(r"(\d+) (\w+)", told)}
        alike = "same colour" in question
        goals = {colour: int(n) - 1 for n, colour in re.findall(r"(\d+) (\w+)", asked)}
        if alike:
            goals = dict.fromkeys(counts, *goals.values())
        kept = [{colour: min(counts[colour], n)} for colour, n in goals.items()]
        kept = [{colour: n for hand in kept for colour, n in hand.items()}] if alike else kept
        return 1 + max(sum((counts | hand).values()) for hand in kept)
    numbers = integers(question)
    low, high, number = numbers
    span = range(low, high + 1)
    if "divisible" in question:
        sizes = Counter(n % number for n in span)
        return max(
            sum(1 if 2 * rest % number == 0 else sizes[rest] for rest in rests)
            for rests in (
                [rest for i, rest in enumerate(sizes) if chosen >> i & 1] for chosen in range(1 << len(sizes))
            )
            if not any((a + b) % number == 0 for a, b in combinations(rests, 2))
        )
    if "the sum" in question:
        return 1 + len(span) - sum(number - n in span and n < number - n for n in span)
    taken = set()
    for n in span:
        before = n - number if "differ" in question else n // number if n % number == 0 else None
        if before not in taken:
            taken.add(n)
    return len(taken)


SOLVERS = {
    "committee": count_committees,
    "urn": draw_balls,
    "lattice_paths": walk,
    "stars_and_bars": share_out,
    "bayes": update_belief,
    "dice": roll,
    "expected_value": expect,
    "arrangements": line_up,
    "markov_chain": end_up,
    "colourings": paint,
    "pigeonhole": take_out,
}
