"""Simulation: robots, circles, counters, accounts, piles: what happens step by step."""

from __future__ import annotations

import random

from llm_envs.envs.code.problem import Args, Argument, Problem, Result, Template, listed

__all__ = ["TEMPLATES"]


def robot_walk(rng: random.Random, level: int) -> Problem:
    """Where a robot ends that follows commands on a board."""
    width, height = rng.randint(3, 9), rng.randint(3, 9)
    wraps = rng.random() < 0.5
    right, left, ahead, back = rng.sample("ABCDFGLMRUX", k=4)
    leap = rng.randint(2, 3) if level >= 1 else 1
    hole = (rng.randint(1, width - 1), rng.randint(1, height - 1)) if level >= 2 else None
    border = "appears at the opposite side" if wraps else "stays where it is, and the rest of the command is void"
    rules = [
        (
            f"A robot stands on a board with {width} columns (x from 0, to the right) and {height} rows (y from 0, "
            f"upwards). It begins at x = 0, y = 0 and looks upwards. {right} turns it to the right, {left} to the "
            f"left; {ahead} moves it {leap} cell{'s' * (leap > 1)} ahead, one by one, {back} one cell back without "
            f"turning. Where it would leave the board it {border}."
        )
    ]
    if hole:
        rules.append(f"At x = {hole[0]}, y = {hole[1]} there is a hole: once on it, it stays for ever.")
    return Problem(
        words=" ".join(rules),
        takes=(Argument("commands", "text", f"up to 200 letters, each {listed((right, left, ahead, back), 'or')}"),),
        gives=Result("ints", "its x and its y at the end, and the number of different cells on which it has been"),
        reference="""
def solve(commands):
    x, y, dx, dy = 0, 0, 0, 1
    seen = {(0, 0)}
    for command in commands:
        if command == "$right":
            dx, dy = dy, -dx
        elif command == "$left":
            dx, dy = -dy, dx
        else:
            sign = 1 if command == "$ahead" else -1
            for _ in range($leap if sign == 1 else 1):
                if (x, y) == $hole:
                    break
                u, v = x + sign * dx, y + sign * dy
                if $wraps:
                    u, v = u % $width, v % $height
                if 0 <= u < $width and 0 <= v < $height:
                    x, y = u, v
                    seen.add((x, y))
    return [x, y, len(seen)]
""",
        brute="""
def solve(commands):
    places, heading = [(0, 0)], 0
    for command in commands:
        if command in "$right$left":
            heading += 1 if command == "$right" else 3
            continue
        way = (heading + (2 if command == "$back" else 0)) % 4
        for _ in range(1 if command == "$back" else $leap):
            places.append(after(*places[-1], way))
    return [*places[-1], len(set(places))]

def after(x, y, way):
    if (x, y) == $hole:
        return x, y
    if way == 0:
        return (x, y + 1) if y + 1 < $height else (x, 0 if $wraps else y)
    if way == 1:
        return (x + 1, y) if x + 1 < $width else (0 if $wraps else x, y)
    if way == 2:
        return (x, y - 1) if y > 0 else (x, $height - 1 if $wraps else y)
    return (x - 1, y) if x > 0 else ($width - 1 if $wraps else x, y)
""",
        mutants={
            "turns the wrong way": ("dx, dy = dy, -dx", "dx, dy = -dy, dx"),
            "treats borders the other way": ("if $wraps:", "if not $wraps:"),
            "counts moves, not cells": ("len(seen)]", "len(commands) + 1]"),
            "forgets the first cell": ("seen = {(0, 0)}", "seen = set()"),
            "looks to the right at first": ("0, 0, 0, 1", "0, 0, 1, 0"),
            "moves back as far as ahead": ("if sign == 1 else 1", "if sign == 1 else 2"),
        }
        | ({"moves one cell only": ("range($leap if", "range(1 if")} if leap > 1 else {})
        | ({"leaves the hole": ("(x, y) == $hole", "False")} if hole else {}),
        parameters={
            "right": right,
            "left": left,
            "ahead": ahead,
            "back": back,
            "leap": leap,
            "wraps": wraps,
            "width": width,
            "height": height,
            "hole": hole,
        },
        edges=[
            ("",),
            (right,),
            (back,),
            (ahead * 12,),
            (right + ahead * 12,),
            (left + ahead,),
            ((ahead + right) * 4,),
            (right + back + left + back * 3,),
            (right + ahead * (hole or (1, 1))[0] + left + ahead * ((hole or (1, 1))[1] + 2) + back + right + ahead,),
        ],
        case=lambda rng, size: ("".join(rng.choices([ahead, ahead, right, left, back], k=3 * size)),),
        small=20,
    )


def counting_out(rng: random.Random, level: int) -> Problem:
    """Who is left when people in a circle are counted out."""
    step = rng.randint(2, 9)
    left = rng.randint(1, 3)
    turns = level >= 1 and rng.random() < 0.6
    grows = rng.randint(1, 3) if level >= 2 else 0
    asked, result = rng.choice(
        (
            (f"the numbers of the last {left} (or all, if there are fewer), ascending", f"sorted(order[-{left}:])"),
            ("the numbers in the order in which people leave, the last one included", "order"),
            ("the numbers of the first one and of the last one to leave", "[order[0], order[-1]]"),
        )
    )
    rules = [
        (
            "People with the numbers 1 to n stand in a circle. Counting begins with number 1, who counts as 1, and "
            f"goes up in the order of the numbers; whoever counts as {step} leaves, and the next one in the direction "
            "of counting begins again with 1. This goes on until all have left."
        )
    ]
    if turns:
        rules.append("After each who leaves, the direction of counting turns round.")
    if grows:
        rules.append(f"After each who leaves, the count at which the next one leaves is {grows} higher.")
    return Problem(
        words=" ".join(rules),
        takes=(Argument("n", "int", "the number of people, from 1 to 2000"),),
        gives=Result("ints", asked),
        reference="""
def solve(n):
    circle, order, place, way, step = list(range(1, n + 1)), [], 0, 1, $step
    while circle:
        place = (place + way * (step - 1)) % len(circle)
        order.append(circle.pop(place))
        if $turns:
            way = -way
        if way < 0:
            place -= 1
        if circle:
            place %= len(circle)
        step += $grows
    return $result
""",
        brute="""
from collections import deque

def solve(n):
    circle, order, step, way = deque(range(1, n + 1)), [], $step, -1
    while circle:
        for _ in range(step - 1):
            circle.rotate(way)
        order.append(circle.popleft())
        if $turns:
            way = -way
        if way > 0:
            circle.rotate(1)
        step += $grows
    return $result
""",
        mutants={
            "leaves one place late": ("(step - 1)", "step"),
            "leaves one place early": ("(step - 1)", "(step - 2)"),
            "numbers from 0": ("range(1, n + 1)", "range(n)"),
            "begins at the last one": ("[], 0, 1, $step", "[], n - 1, 1, $step"),
            "counts the other way": ("[], 0, 1, $step", "[], 0, -1, $step"),
        }
        | ({"never turns": ("way = -way", "way = way")} if turns else {})
        | ({"always counts to the same number": ("step += $grows", "step += 0")} if grows else {}),
        parameters={"step": step, "turns": turns, "grows": grows, "result": result},
        edges=[(1,), (2,), (3,), (step,), (step + 1,), (step - 1,)],
        case=lambda rng, size: (rng.randint(1, 4 * size),),
        small=20,
        big=500,
    )


def cell_generations(rng: random.Random, level: int) -> Problem:
    """What becomes of a row of cells, each of which looks at its neighbours."""
    alive, dead = rng.sample("#.ox*-", k=2)
    ring = rng.random() < 0.5
    reach = 2 if level >= 3 else 1
    born = sorted(rng.sample(range(1, 2 * reach + 1), k=rng.randint(1, 2 * reach - 1)))
    stay = sorted(rng.sample(range(2 * reach + 1), k=rng.randint(1, 2 * reach)))
    asked, result = rng.choice(
        (
            ("the row after that, with the same signs", '"".join("$alive" if cell else "$dead" for cell in cells)'),
            (
                "the row after that, from the last cell to the first",
                '"".join("$alive" if c else "$dead" for c in cells[::-1])',
            ),
        )
    )
    border = "The row is a ring: its ends are neighbours." if ring else "Beyond the ends all cells are dead."
    two = " and the two next to those" if reach == 2 else ""
    return Problem(
        words=(
            f"A row of cells, each alive ({alive}) or dead ({dead}), changes in steps, all cells at once. The "
            f"neighbours of a cell are the one to its left and the one to its right{two}. {border} A dead cell "
            f"becomes alive if {listed(born, 'or')} of its {2 * reach} neighbours are alive; a living cell stays "
            f"alive if {listed(stay, 'or')} are, and dies otherwise."
        ),
        takes=(
            Argument("row", "text", f"{2 * reach + 1} to 100 cells"),
            Argument("steps", "int", "how many steps are done, from 0 to 200"),
        ),
        gives=Result("text", asked),
        reference=f"""
def solve(row, steps):
    cells = [cell == "$alive" for cell in row]
    for _ in range(steps):
        cells = [lives(cells, place) for place in range(len(cells))]
    return {result}

def lives(cells, place):
    near = 0
    for by in $near:
        other = place + by
        if $ring:
            other %= len(cells)
        near += 0 <= other < len(cells) and cells[other]
    return near in ($stay if cells[place] else $born)
""",
        brute=f"""
def solve(row, steps):
    cells = [cell == "$alive" for cell in row]
    for _ in range(steps):
        around = (cells if $ring else [False] * len(cells))
        wide = around[-$reach:] + cells + around[:$reach]
        after = []
        for place in range(len(cells)):
            part = wide[place:place + 2 * $reach + 1]
            living = part.count(True) - part[$reach]
            after.append(living in $stay if part[$reach] else living in $born)
        cells = after
    return {result}
""",
        mutants={
            "counts the cell itself": ("in $near:", "in (*$near, 0):"),
            "does one step less": ("range(steps)", "range(steps - 1)"),
            "does one step more": ("range(steps)", "range(steps + 1)"),
            "treats the ends the other way": ("if $ring:", "if not $ring:"),
            "changes cells one by one": (
                "cells = [lives(cells, place) for place in range(len(cells))]",
                "[cells.__setitem__(place, lives(cells, place)) for place in range(len(cells))]",
            ),
            "never lets a cell stay alive": ("$stay if cells[place] else $born", "[] if cells[place] else $born"),
            "lets no cell be born": ("$stay if cells[place] else $born", "$stay if cells[place] else []"),
        },
        parameters={
            "alive": alive,
            "dead": dead,
            "ring": ring,
            "near": [by for by in range(-reach, reach + 1) if by],
            "stay": stay,
            "born": born,
            "reach": reach,
        },
        edges=[
            (alive * 6, 1),
            (dead * 6, 3),
            (alive + dead * 7, 1),
            (dead * 7 + alive, 2),
            (alive * 2 + dead * 5 + alive, 0),
            ((alive + dead) * 5, 5),
            (alive + dead * 5 + alive, 1),
        ],
        case=lambda rng, size: (
            "".join(rng.choices([alive, dead], k=2 * reach + 1 + size)),
            rng.randint(0, max(2, size)),
        ),
    )


def shop_counters(rng: random.Random, level: int) -> Problem:
    """How long customers wait at some counters."""
    counters = rng.randint(1, 3) if level >= 1 else 1
    patience = rng.randint(3, 12) if level >= 2 else 0
    pause = rng.randint(1, 5) if level >= 1 else 0
    asked, result = rng.choice(
        (
            ("the minutes that each customer waits, in the order of arrival", "waits"),
            ("the longest wait in minutes, and the sum of all waits", "[max(known, default=0), sum(known)]"),
        )
    )
    known = "the longest wait" in asked
    rules = [
        (
            f"A shop has {counters} counter{'s' * (counters > 1)}, free from minute 0 on. Customers are served in the "
            "order in which they come, each at the first counter that is free; a counter at which a customer ends is "
            "free in that very minute."
        )
    ]
    if patience:
        rules.append(
            f"A customer who would have to wait more than {patience} minutes leaves at once, without being served"
            + (" and without a wait." if known else ": the wait of such a customer is given as -1.")
        )
    if pause:
        rules.append(f"After each customer a counter stays closed for {pause} more minutes.")
    return Problem(
        words=" ".join(rules),
        takes=(
            Argument(
                "gaps", "ints", "minutes between one arrival and the next, from 0 to 9; the first is from minute 0 on"
            ),
            Argument(
                "times", "ints", "minutes that serving each customer takes, from 1 to 12; as many as there are gaps"
            ),
        ),
        gives=Result("ints", asked),
        reference="""
import heapq

def solve(gaps, times):
    free, now, waits = [0] * $counters, 0, []
    for gap, time in zip(gaps, times):
        now += gap
        begin = max(now, free[0])
        if begin - now > $patience:
            waits.append(-1)
            continue
        heapq.heapreplace(free, begin + time + $pause)
        waits.append(begin - now)
    known = [wait for wait in waits if wait >= 0]
    return $result
""",
        brute="""
def solve(gaps, times):
    arrivals = [sum(gaps[:place + 1]) for place in range(len(gaps))]
    busy, waits = [], []
    for arrival, time in zip(arrivals, times):
        minute = arrival
        while sum(begin <= minute < end for begin, end in busy) == $counters:
            minute += 1
        if minute - arrival > $patience:
            waits.append(-1)
        else:
            busy.append((minute, minute + time + $pause))
            waits.append(minute - arrival)
    known = [wait for wait in waits if wait != -1]
    return $result
""",
        mutants={
            "has one counter more": ("[0] * $counters", "[0] * ($counters + 1)"),
            "serves before the customer comes": ("max(now, free[0])", "free[0]"),
            "frees a counter one minute late": ("begin + time + $pause", "begin + time + $pause + 1"),
            "takes gaps for arrivals": ("now += gap", "now = gap"),
            "counts serving as waiting": ("waits.append(begin - now)", "waits.append(begin - now + time)"),
        }
        | ({"has more patience": ("> $patience", "> $patience + 1")} if patience else {})
        | ({"has less patience": ("> $patience", ">= $patience")} if patience else {})
        | ({"never pauses": ("+ $pause)", ")")} if pause else {}),
        parameters={"counters": counters, "patience": patience or 10**6, "pause": pause, "result": result},
        edges=[
            ([], []),
            ([5], [3]),
            ([0] * 5, [12] * 5),
            ([0] * 6, [1] * 6),
            ([9] * 4, [1] * 4),
            ([2] * 6, [2] * 6),
            ([3] * 5, [4, 9, 4, 1, 1]),
            ([0, 0, 0, 0, 0, 0, 0, 0], [2, 1, 2, 1, 2, 1, 2, 1]),
            ([0] * 12, [3] * 12),
        ],
        case=lambda rng, size: _customers(rng, size, counters),
        small=15,
    )


def _customers(rng: random.Random, size: int, counters: int) -> Args:
    slowest = rng.choice((4, 12))
    return (
        [rng.randint(0, max(1, 7 // counters)) for _ in range(size)],
        [rng.randint(1, slowest) for _ in range(size)],
    )


def toppling_piles(rng: random.Random, level: int) -> Problem:
    """Where grains lie once no pile is too high."""
    to_left, to_right = rng.choice(((1, 1), (1, 2), (2, 1), (1, 3)))
    limit = to_left + to_right + rng.randint(0, 4)
    wall = level >= 2 and to_left <= to_right and rng.random() < 0.6  # grains that drift to a wall take for ever
    asked, result = rng.choice(
        (
            ("the piles that are left", "piles"),
            (
                "the piles that are left, and after them, as one number more, how many grains were lost",
                "[*piles, lost]",
            ),
            (
                "the piles that are left, and after them, as one number more, how often a pile has toppled",
                "[*piles, times]",
            ),
        )
    )
    border = "stay on the pile they come from" if wall else "are lost"
    return Problem(
        words=(
            f"Grains lie on piles in a row. A pile of more than {limit} grains topples: {to_left} of them "
            f"go{'es' * (to_left == 1)} to the next pile on its left and {to_right} to the next one on its right. "
            f"Grains that would go beyond the left end of the row {border}; those beyond its right end are lost. This "
            "goes on until no pile topples any more; in which order piles topple makes no difference to the end."
        ),
        takes=(Argument("piles", "ints", f"1 to 40 piles, each of 0 to {limit + 12} grains"),),
        gives=Result("ints", asked),
        reference="""
def solve(piles):
    piles, lost, times = list(piles), 0, 0
    waiting = [place for place, grains in enumerate(piles) if grains > $limit]
    while waiting:
        place = waiting.pop()
        while piles[place] > $limit:
            times += 1
            piles[place] -= $left + $right
            for other, grains in ((place - 1, $left), (place + 1, $right)):
                if other < 0 and $wall:
                    piles[place] += grains
                elif not 0 <= other < len(piles):
                    lost += grains
                else:
                    piles[other] += grains
                    waiting.append(other)
    return $result
""",
        brute="""
def solve(piles):
    piles, times = [0, *piles, 0], 0
    while any(grains > $limit for grains in piles[1:-1]):
        high = [place for place in range(1, len(piles) - 1) if piles[place] > $limit]
        for place in high:
            times += 1
            piles[place] -= $left + $right
            piles[place - 1] += $left
            piles[place + 1] += $right
        if $wall:
            piles[1] += piles[0]
            piles[0] = 0
    lost, piles = piles[0] + piles[-1], piles[1:-1]
    return $result
""",
        mutants={
            "topples each pile once": ("while piles[place] > $limit:", "if piles[place] > $limit:"),
            "topples full piles": ("while piles[place] > $limit:", "while piles[place] > $limit - 1:"),
            "takes left for right": (
                "(place - 1, $left), (place + 1, $right)",
                "(place - 1, $right), (place + 1, $left)",
            )
            if to_left != to_right
            else ("(place + 1, $right)", "(place + 1, 0)"),
            "treats the left end the other way": ("and $wall", "and not $wall"),
            "forgets piles that become too high": ("waiting.append(other)", "pass"),
            "leaves the last pile": ("enumerate(piles) if grains", "enumerate(piles[:-1]) if grains"),
        },
        parameters={"limit": limit, "left": to_left, "right": to_right, "wall": wall, "result": result},
        edges=[
            ([0],),
            ([limit],),
            ([limit + 1],),
            ([limit] * 6,),
            ([limit + 1] + [0] * 4,),
            ([0] * 4 + [limit + 1],),
            ([0, 0, limit + 12, 0, 0],),
            ([limit + 3] + [limit] * 5,),
            ([limit, limit, limit + 1, limit, limit],),
        ],
        case=lambda rng, size: ([rng.randint(0, limit + rng.choice((1, 4, 12))) for _ in range(size)],),
        most=15,
    )


def account_book(rng: random.Random, level: int) -> Problem:
    """What accounts hold after a list of orders, some of which are refused."""
    credit = rng.randint(1, 20)
    fee = rng.randint(1, 3) if level >= 1 else 0
    every = rng.randint(3, 5) if level >= 2 else 0
    gift = rng.randint(1, 5)
    undo = level >= 3
    rules = [
        (
            "Accounts are named by one letter and begin with 0. An order is three or four words: `put A 5` adds 5 to "
            "account A; `take A 5` takes 5 off; `move A B 5` takes 5 off A and adds it to B. A `take` or `move` that "
            f"would bring the account it takes from below -{credit}, before anything is added to it, is refused: it "
            "changes nothing. A `put` is never refused."
        )
    ]
    if fee:
        rules.append(
            f"Each `move` that is not refused costs {fee} more, which A pays, and which counts for refusing it."
        )
    if every:
        rules.append(
            f"After every {every}. order (refused ones counted, too) the account it names first gets {gift} more."
        )
    if undo:
        rules.append(
            "`undo` (one word) takes back the last order that was not refused and not yet taken back"
            + (", with its fee but not the gift that came after it" if every else ", with its fee")
            + "; without one it does nothing"
            + ("; it is no order that is counted." if every else ".")
        )
    return Problem(
        words=" ".join(rules),
        takes=(Argument("orders", "lines", "up to 60 orders; amounts are integers from 1 to 30, accounts A to D"),),
        gives=Result("ints", "what accounts A, B, C and D hold at the end, and the number of orders that were refused"),
        reference="""
def solve(orders):
    held, refused, number, done = dict.fromkeys("ABCD", 0), 0, 0, []
    for order in orders:
        if order == "undo":
            for name, change in done.pop() if done else []:
                held[name] -= change
            continue
        number += 1
        kind, *names, amount = order.split()
        amount = int(amount)
        if kind == "put":
            changes = [(names[0], amount)]
        elif kind == "take":
            changes = [(names[0], -amount)]
        else:
            changes = [(names[0], -amount - $fee), (names[1], amount)]
        if kind != "put" and held[names[0]] + changes[0][1] < -$credit:
            refused += 1
        else:
            done.append(changes)
            for name, change in changes:
                held[name] += change
        if $every and number % $every == 0:
            held[names[0]] += $gift
    return [*held.values(), refused]
""",
        brute="""
def solve(orders):
    book, refused, number = [], 0, 0
    for order in orders:
        words = order.split()
        if words[0] == "undo":
            places = [place for place, entry in enumerate(book) if entry[0] != "gift"]
            if places:
                del book[places[-1]]
            continue
        number += 1
        if words[0] in ("take", "move"):
            costs = int(words[-1]) + ($fee if words[0] == "move" else 0)
            if total(book, words[1]) - costs < -$credit:
                refused += 1
                words = None
        if words:
            book.append(words)
        if $every and number % $every == 0:
            book.append(["gift", order.split()[1], "$gift"])
    return [total(book, name) for name in "ABCD"] + [refused]

def total(book, name):
    held = 0
    for kind, *names, amount in book:
        if kind in ("put", "gift"):
            held += int(amount) * (names[0] == name)
        elif kind == "take":
            held -= int(amount) * (names[0] == name)
        else:
            held -= (int(amount) + $fee) * (names[0] == name)
            held += int(amount) * (names[1] == name)
    return held
""",
        mutants={
            "refuses too late": ("< -$credit", "< -$credit - 1"),
            "refuses too early": ("< -$credit", "<= -$credit"),
            "refuses nothing": ('kind != "put" and', "False and"),
            "counts no refusals": ("refused += 1", "refused += 0"),
            "moves to where it comes from": ("(names[1], amount)]", "(names[0], amount)]"),
        }
        | ({"charges no fee": ("-amount - $fee", "-amount")} if fee else {})
        | ({"forgets the fee when it refuses": ("+ changes[0][1] <", "- amount <")} if fee else {})
        | (
            {"makes gifts only for orders that are done": ("number += 1\n", "number += 1 if not refused else 0\n")}
            if every
            else {}
        )
        | ({"takes nothing back": ("held[name] -= change", "pass")} if undo else {}),
        parameters={"credit": credit, "fee": fee, "every": every, "gift": gift},
        edges=[
            ([],),
            (["put A 30"],),
            ([f"take B {credit}", f"take C {credit + 1}"],),
            ([f"move A B {max(1, credit - fee)}", f"move C D {credit - fee + 1}"],),
            (["move A A 5", "move D D 1"],),
            (["take A 30"] * 4,),
            (["put A 9", "move A B 4", *["undo"] * (3 * undo), "take B 1"],),
            (["take D 30", "put A 5", "take B 30", *["undo"] * undo, "put C 2", "take C 1", "put D 3"],),
        ],
        case=lambda rng, size: ([_order(rng, undo=undo) for _ in range(2 * size)],),
        small=20,
    )


def _order(rng: random.Random, *, undo: bool) -> str:
    kind = rng.choice(("put", "take", "take", "move", "move", *["undo"] * undo))
    if kind == "undo":
        return kind
    names = rng.choices("ABCD", k=2 if kind == "move" else 1)
    return " ".join([kind, *names, str(rng.randint(1, rng.choice((6, 30))))])


TEMPLATES = tuple(
    Template("simulation", draw.__name__, draw)
    for draw in (robot_walk, counting_out, cell_generations, shop_counters, toppling_piles, account_book)
)
