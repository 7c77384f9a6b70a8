"""Parsing: formulas, brackets, records, numerals, lists and durations, each in a notation of its own."""

from __future__ import annotations

import random

from llm_envs.envs.code.problem import Argument, Problem, Result, Template, listed

__all__ = ["TEMPLATES"]


def formula_value(rng: random.Random, level: int) -> Problem:
    """The value of a formula whose operators have ranks of their own."""
    count = 2 + (level >= 2)
    signs = rng.sample("#@&%?", k=count)
    meanings = rng.sample(
        [
            ("a + b", "a + b"),
            ("a - b", "a - b"),
            ("the larger of a and b", "max(a, b)"),
            ("2a + b", "2 * a + b"),
            ("a - 3b", "a - 3 * b"),
        ],
        k=count,
    )
    sides = [rng.random() < 0.5 if level >= 1 else False for _ in range(count)]
    modulus = rng.choice((97, 101, 1009, 9973))
    rules = [
        "In a formula stand whole numbers, operators, round brackets and nothing else.",
        "The operators are, those that bind most tightly first:",
    ]
    for sign, (words, _), from_right in zip(signs, meanings, sides, strict=True):
        side = "right" if from_right else "left"
        rules.append(f"a{sign}b means {words}, and several in a row are taken from the {side};")
    rules.append("what is in brackets comes first.")
    cases = "".join(
        f'    {"if" if place == 0 else "elif"} sign == "{sign}":\n        value = {value}\n'
        for place, (sign, (_, value)) in enumerate(zip(signs, meanings, strict=True))
    )
    return Problem(
        words=" ".join(rules),
        takes=(Argument("formula", "text", "a formula of up to 200 signs, with numbers from 0 to 99"),),
        gives=Result("int", f"the value of the formula, modulo {modulus} (never negative)"),
        reference="""
def solve(formula):
    values, waiting, place = [], [], 0
    while place < len(formula):
        sign = formula[place]
        if sign.isdigit():
            end = place
            while end < len(formula) and formula[end].isdigit():
                end += 1
            values.append(int(formula[place:end]))
            place = end
            continue
        if sign == "(":
            waiting.append(sign)
        elif sign == ")":
            while waiting[-1] != "(":
                reduce(values, waiting)
            waiting.pop()
        else:
            rank = "$signs".index(sign)
            while waiting and waiting[-1] != "(":
                before = "$signs".index(waiting[-1])
                if before < rank or (before == rank and not $sides[rank]):
                    reduce(values, waiting)
                else:
                    break
            waiting.append(sign)
        place += 1
    while waiting:
        reduce(values, waiting)
    return values[0] % $modulus

def reduce(values, waiting):
    sign, b, a = waiting.pop(), values.pop(), values.pop()
$cases    values.append(value)
""",
        brute="""
def solve(formula):
    return value_of(formula) % $modulus

def value_of(text):
    for rank in range(len("$signs") - 1, -1, -1):
        places, depth = [], 0
        for place, sign in enumerate(text):
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and sign == "$signs"[rank]:
                places.append(place)
        if places:
            place = places[0] if $sides[rank] else places[-1]
            sign, a, b = text[place], value_of(text[:place]), value_of(text[place + 1:])
            return result(sign, a, b)
    return value_of(text[1:-1]) if text.startswith("(") else int(text)

def result(sign, a, b):
$cases    return value
""",
        mutants={
            "takes all operators from the left to the right": ("before < rank or", "True or"),
            "lets the others bind more tightly": ("before < rank or", "before > rank or"),
            "takes rows from the other side": ("not $sides[rank]", "$sides[rank]"),
            "takes a for b": ("sign, b, a = waiting", "sign, a, b = waiting"),
            "forgets to close brackets": ('while waiting[-1] != "(":', 'if waiting[-1] != "(":'),
            "gives the value itself": ("values[0] % $modulus", "values[0]"),
            "reads digits one by one": ("int(formula[place:end])", "sum(map(int, formula[place:end]))"),
        },
        parameters={"signs": "".join(signs), "sides": sides, "modulus": modulus, "cases": cases},
        edges=[
            ("7",),
            ("(42)",),
            (f"1{signs[0]}2",),
            (f"1{signs[0]}2{signs[0]}5",),
            (f"9{signs[1]}4{signs[1]}7",),
            (f"3{signs[1]}5{signs[0]}4{signs[1]}2",),
            (f"(3{signs[1]}5){signs[0]}(4{signs[1]}20)",),
            (f"9{signs[0]}(4{signs[1]}2{signs[1]}70{signs[0]}6)",),
            (f"{signs[-1]}".join(["99"] * 25),),
        ],
        case=lambda rng, size: (_formula(rng, size, signs),),
        small=20,
    )


def _formula(rng: random.Random, size: int, signs: list[str]) -> str:
    if size <= 1:
        return str(rng.randint(0, rng.choice((9, 99))))
    left = rng.randint(1, size - 1)
    text = _formula(rng, left, signs) + rng.choice(signs) + _formula(rng, size - left, signs)
    return f"({text})" if rng.random() < 0.3 else text


def bracket_check(rng: random.Random, level: int) -> Problem:
    """Where brackets go wrong, and how deep they are."""
    pairs = rng.sample(["()", "[]", "{}", "<>"], k=2 + (level >= 2))
    deepest = rng.randint(2, 5) if level >= 1 else 0
    quote = rng.choice("'|~") if level >= 3 else ""
    unclosed = rng.choice(("first", "last"))
    base = rng.choice((0, 1))
    rules = [
        (
            f"In a text stand the brackets {listed(pairs)} and other signs. Each closing bracket must close the "
            "latest bracket that is still open, and be of its kind; in the end all must be closed."
        )
    ]
    if deepest:
        rules.append(f"No more than {deepest} may be open at a time.")
    if quote:
        rules.append(f"What stands between two {quote} does not count, nor what follows a {quote} that has no partner.")
    allowed = "".join(pairs) + "ab" + quote
    return Problem(
        words=" ".join(rules),
        takes=(Argument("text", "text", "up to 200 signs, no spaces; it may be empty"),),
        gives=Result(
            "ints",
            f"{-1} and the largest number of brackets that are open at a time, if there is no mistake; otherwise the "
            f"place (from {base}) of the first bracket that closes wrongly or is one too many, or, if there is none "
            f"such, of the {unclosed} bracket that is never closed, and how many are open before that bracket",
        ),
        reference="""
def solve(text):
    closing, opened, top, quoted = $closing, [], 0, False
    for place, sign in enumerate(text):
        if sign == "$quote":
            quoted = not quoted
        if quoted:
            continue
        if sign in closing:
            if len(opened) == $deepest:
                return [place + $base, len(opened)]
            opened.append(place)
            top = max(top, len(opened))
        elif sign in closing.values():
            if not opened or closing[text[opened[-1]]] != sign:
                return [place + $base, len(opened)]
            opened.pop()
    if opened:
        return [opened[$which] + $base, $before]
    return [-1, top]
""",
        brute="""
def solve(text):
    kinds = $pairs
    plain, quoted = "", False
    for sign in text:
        quoted ^= sign == "$quote"
        plain += "." if quoted else sign
    tops = [0]
    for end in range(len(plain) + 1):
        state = still_open(plain[:end])
        if state is None:
            return [end - 1 + $base, len(still_open(plain[:end - 1]))]
        tops.append(len(state))
    if state:
        return [state[$which] + $base, $which % len(state)]
    return [-1, max(tops)]

def still_open(text):
    kinds, places = $pairs, [(place, sign) for place, sign in enumerate(text) if sign in "".join($pairs)]
    depth = most = 0
    for _, sign in places:
        depth += 1 if any(sign == kind[0] for kind in kinds) else -1
        most = max(most, depth)
    again = True
    while again:
        again = False
        for i in range(len(places) - 1):
            if places[i][1] + places[i + 1][1] in kinds:
                places[i:i + 2] = []
                again = True
                break
    if most > $deepest or any(sign == kind[1] for _, sign in places for kind in kinds):
        return None
    return [place for place, _ in places]
""",
        mutants={
            "takes any closing bracket": ("or closing[text[opened[-1]]] != sign", ""),
            "forgets brackets that stay open": ("if opened:\n        return", "if False:\n        return"),
            "finds the other one that stays open": ("[opened[$which] + $base,", "[opened[$other] + $base,"),
            "counts places otherwise": (
                "return [place + $base, len(opened)]\n            opened.pop",
                "return [place + 1 - $base, len(opened)]\n            opened.pop",
            ),
            "gives what is open in the end": ("[-1, top]", "[-1, len(opened)]"),
        }
        | ({"allows one bracket more": ("len(opened) == $deepest", "len(opened) == $deepest + 1")} if deepest else {})
        | ({"reads what is quoted": ("if quoted:", "if False:")} if quote else {}),
        parameters={
            "closing": repr({pair[0]: pair[1] for pair in pairs}),
            "pairs": repr(pairs),
            "deepest": deepest or 10**6,
            "quote": quote,
            "base": base,
            "which": 0 if unclosed == "first" else -1,
            "other": -1 if unclosed == "first" else 0,
            "before": "0" if unclosed == "first" else "len(opened) - 1",
        },
        edges=[
            ("",),
            ("ab",),
            (pairs[0],),
            (pairs[0][0],),
            (pairs[0][1],),
            (pairs[0][0] + pairs[1][1],),
            (pairs[0][0] * 3 + pairs[0][1] * 3,),
            (pairs[0][0] * 6 + pairs[0][1] * 6,),
            (pairs[1][0] * 2 + "a" + pairs[1][1],),
            (pairs[0] * 3 + pairs[1],),
            (f"{pairs[0][0]}{quote}{pairs[1][1]}{quote}{pairs[0][1]}",),
            (f"{pairs[0]}{quote}{pairs[1][1]}",),
        ],
        case=lambda rng, size: (_bracketed(rng, size, pairs, allowed),),
        small=10,
    )


def _bracketed(rng: random.Random, size: int, pairs: list[str], allowed: str) -> str:
    """Mostly right, with a sign changed, added or lost here and there."""
    text = ""
    while len(text) < 2 * size:
        place, pair = rng.randint(0, len(text)), rng.choice(pairs)
        text = text[:place] + pair + text[place:] if rng.random() < 0.7 else f"{pair[0]}{text}{pair[1]}"
    for _ in range(rng.choice((0, 0, 1, 2))):
        place = rng.randrange(len(text))
        text = text[:place] + rng.choice((*allowed, "")) + text[place + rng.choice((0, 1)) :]
    return text


def record_fields(rng: random.Random, level: int) -> Problem:
    """Settings in a line, some of them given twice, some of them quoted."""
    outer, inner, mark = rng.sample(";,|/&", k=3)
    policy = rng.choice(("first", "last", "sum", "largest"))
    default = rng.randint(1, 9)
    prefix = rng.choice("!*+") if level >= 2 else ""
    factor = rng.randint(2, 5)
    repeats = level >= 1
    how = {
        "first": "the one that comes first counts",
        "last": "the one that comes last counts",
        "sum": "their values are added",
        "largest": "the largest value counts",
    }[policy]
    rules = [
        (
            f"A line holds settings, separated by `{outer}`. A setting is a name and, after `{inner}`, its value, an "
            f"integer; a name alone has the value {default}. Settings that are empty are skipped. Spaces around "
            "settings, names and values do not count, and upper and lower case of names is the same."
        )
    ]
    rules.append(f"Where a name is given several times, {how}.")
    if repeats:
        rules.append(f"A name may be several names at once, joined by `{mark}`: each of them has the value.")
    if prefix:
        rules.append(f"A name that begins with {prefix} is the name after that sign, its value multiplied by {factor}.")
    merge = {"first": "values[0]", "last": "values[-1]", "sum": "sum(values)", "largest": "max(values)"}
    merged = merge[policy]
    otherwise = merge[rng.choice([one for one in merge if one != policy])]
    return Problem(
        words=" ".join(rules),
        takes=(Argument("line", "text", "up to 200 signs; names are made of the letters a to c in either case"),),
        gives=Result("words", "the names in lower case, in alphabetical order, each with = and its value, like ab=7"),
        reference="""
def solve(line):
    found = {}
    for setting in line.split("$outer"):
        if not setting.strip():
            continue
        names, has_value, value = setting.partition("$inner")
        number = int(value) if has_value else $default
        for name in names.split("$mark") if $repeats else [names]:
            name, times = name.strip().lower(), 1
            if "$prefix" and name.startswith("$prefix"):
                name, times = name[1:].strip(), $factor
            found.setdefault(name, []).append(number * times)
    return [f"{name}={$merged}" for name, values in sorted(found.items())]
""",
        brute="""
import re

def solve(line):
    pairs = []
    for setting in re.findall(r"[^%s]+" % re.escape("$outer"), line.lower()):
        setting = re.sub(r" +", "", setting)
        if not setting:
            continue
        value = re.search(r"%s(-?[0-9]+)$$" % re.escape("$inner"), setting)
        for sign, name in re.findall(r"([!*+]?)([a-c]+)", setting):
            number = int(value[1]) if value else $default
            pairs.append((name, number * ($factor if sign else 1)))
    names = sorted(set(name for name, _ in pairs))
    every = [(name, [number for other, number in pairs if other == name]) for name in names]
    return [name + "=" + str($merged) for name, values in every]
""",
        mutants={
            "merges otherwise": ("{$merged}", "{$otherwise}"),
            "takes upper case for other names": (".strip().lower()", ".strip()"),
            "gives names alone the value 0": ("else $default", "else 0"),
            "keeps the order of the line": ("sorted(found.items())", "found.items()"),
            "forgets the last setting": ('line.split("$outer")', 'line.split("$outer")[:-1]'),
            "leaves spaces in names": ("name.strip().lower()", "name.lower()"),
        }
        | ({"takes names joined for one": ("if $repeats else", "if False else")} if repeats else {})
        | ({"forgets to multiply": ("name[1:].strip(), $factor", "name[1:].strip(), 1")} if prefix else {}),
        parameters={
            "outer": outer,
            "inner": inner,
            "mark": mark,
            "default": default,
            "prefix": prefix,
            "factor": factor,
            "repeats": repeats,
            "merged": merged,
            "otherwise": otherwise,
        },
        edges=[
            ("",),
            (outer * 3,),
            ("a",),
            (f"b{inner}5{outer}a{inner}-3",),
            (f"a{inner}5{outer}A{inner}7{outer}a{inner}6",),
            (f"a{inner}-5{outer}a{inner}-7{outer} a {inner} -6 ",),
            (f"c{outer} {outer}b {inner} 12{outer}",),
            (f"{prefix}a{inner}2{outer}b{outer}{prefix}b",),
            (f"a{mark}b{inner}4{outer}b{inner}1" if repeats else f"ab{inner}4{outer}b{inner}1",),
        ],
        case=lambda rng, size: (
            outer.join(_setting(rng, inner, mark if repeats else "", prefix) for _ in range(size)),
        ),
        small=20,
    )


def _setting(rng: random.Random, inner: str, mark: str, prefix: str) -> str:
    if rng.random() < 0.1:
        return rng.choice(("", " "))
    names = [rng.choice(("", prefix)) + "".join(rng.choices("abcABC", k=rng.randint(1, 2))) for _ in range(2)]
    space = rng.choice(("", "", " "))
    name = f"{space}{mark}{space}".join(names) if mark and rng.random() < 0.3 else names[0]
    value = f"{inner}{space}{rng.randint(-9, 20)}" if rng.random() < 0.8 else ""
    return f"{space}{name}{space}{value}{space}"


def strange_numerals(rng: random.Random, level: int) -> Problem:
    """Numerals of letters, where a smaller one before a larger one is taken off."""
    letters = "".join(rng.sample("ABCDEFGHJKLMNPRSTUWXYZ", k=4 + (level >= 2)))
    values = [1]
    for _ in letters[1:]:
        values.append(values[-1] * rng.randint(2, 6))
    table = dict(zip(letters, values, strict=True))
    subtracts = rng.random() < 0.7 or level >= 3
    bar = rng.choice("'*^") if level >= 1 else ""
    barred = f" and {bar}, which is never first" if bar else ""
    times = rng.randint(3, 12)
    shown = listed([f"{letter} = {value}" for letter, value in table.items()])
    rules = [f"Letters stand for numbers: {shown}. A numeral is a row of letters, whose numbers are added."]
    if subtracts:
        rules.append("But a letter directly before one with a larger number, as it stands there, is taken off instead.")
    if bar:
        rules.append(f"A {bar} after a letter multiplies its number by {times}, several of them as often.")
    return Problem(
        words=" ".join(rules),
        takes=(Argument("numerals", "words", f"up to 40 numerals of 1 to 12 signs out of {listed(letters)}{barred}"),),
        gives=Result("ints", "the numbers of the numerals, and after them, as one number more, their sum"),
        reference="""
def solve(numerals):
    numbers = [value_of(numeral) for numeral in numerals]
    return [*numbers, sum(numbers)]

def value_of(numeral):
    parts = []
    for sign in numeral:
        if sign == "$bar":
            parts[-1] *= $times
        else:
            parts.append($table[sign])
    total = 0
    for part, after in zip(parts, [*parts[1:], 0]):
        total += -part if $subtracts and part < after else part
    return total
""",
        brute="""
def solve(numerals):
    numbers = []
    for numeral in numerals:
        total, before, weight = 0, 0, 1
        for sign in reversed(numeral):
            if sign == "$bar":
                weight *= $times
                continue
            number, weight = $table[sign] * weight, 1
            total = total - number if before > number and $subtracts else total + number
            before = number
        numbers.append(total)
    numbers.append(sum(numbers))
    return numbers
""",
        mutants={
            "treats smaller ones the other way": ("if $subtracts and", "if not $subtracts and"),
            "takes equal ones off": ("part < after", "part <= after") if subtracts else ("parts[1:], 0]", "parts[1:]]"),
            "gives no sum": ("[*numbers, sum(numbers)]", "[*numbers, len(numbers)]"),
            "forgets the last letter": ("[*parts[1:], 0]", "parts[1:]"),
            "takes a letter for the next one": ("$table[sign]", "$shifted[sign]"),
        }
        | (
            {
                "multiplies once": (
                    "parts[-1] *= $times",
                    "parts[-1] *= $times if parts[-1] in $table.values() else 1",
                ),
                "multiplies all that came before": ("parts[-1] *= $times", "parts = [part * $times for part in parts]"),
            }
            if bar
            else {}
        ),
        parameters={
            "table": repr(table),
            "shifted": repr(dict(zip(letters, values[1:] + values[:1], strict=True))),
            "bar": bar,
            "times": times,
            "subtracts": subtracts,
        },
        edges=[
            ([],),
            ([letters[0]],),
            (list(letters),),
            ([letters, letters[::-1]],),
            ([letters[0] * 5, letters[1] * 5],),
            ([letters[0] + letters[1], letters[1] + letters[0], letters[0] * 2 + letters[2]],),
            ([letters[0] + bar * 2 + letters[1], letters[2] + bar + letters[0]],),
        ],
        case=lambda rng, size: ([_numeral(rng, letters, bar) for _ in range(size)],),
        small=20,
    )


def _numeral(rng: random.Random, letters: str, bar: str) -> str:
    text = rng.choice(letters)
    for _ in range(rng.randint(0, 6)):
        text += rng.choice(letters + bar)
    return text


def nested_sums(rng: random.Random, level: int) -> Problem:
    """Numbers in nested lists, which weigh what their depth says."""
    opening, closing = rng.choice(("[]", "()", "{}", "<>"))
    mark = rng.choice(",;:")
    base = rng.randint(2, 5) if level >= 1 else 1
    turns = level >= 2 and rng.random() < 0.5
    empty = rng.randint(-9, 9) if level >= 2 else 0
    deepest = rng.randint(2, 4) if level >= 3 else 0
    weights = rng.choice(("depth", "power")) if level >= 1 else "depth"
    weight = f"{base} * depth + $shift" if weights == "depth" else f"{base} ** (depth - 1)"
    shift = rng.randint(-3, 9)
    rules = [
        (
            f"A list stands between `{opening}` and `{closing}`; its items, separated by `{mark}`, are integers or "
            "lists, and it may be empty. The depth of an integer is the number of lists in which it stands."
        )
    ]
    rules.append(
        f"It is multiplied by {base} times its "
        f"depth{f', plus {shift}' if shift > 0 else f', minus {-shift}' if shift else ''}."
        if weights == "depth"
        else f"It is multiplied by {base} to the power of its depth less one."
    )
    if turns:
        rules.append("At even depths it is multiplied by -1 as well.")
    if empty:
        rules.append(f"An empty list counts as if the integer {empty} stood in it.")
    if deepest:
        rules.append(f"Whatever is deeper than {deepest} counts as if it were at depth {deepest}.")
    return Problem(
        words=" ".join(rules),
        takes=(Argument("text", "text", "a list of up to 300 signs without spaces, with integers from -99 to 99"),),
        gives=Result("int", "the sum of all that counts"),
        reference="""
def solve(text):
    total, depth, digits = 0, 0, ""
    for place, sign in enumerate(text):
        if sign == "$opening":
            depth += 1
            if text[place + 1] == "$closing":
                total += worth($empty, depth)
        elif sign in "$mark$closing":
            if digits:
                total += worth(int(digits), depth)
            digits = ""
            depth -= sign == "$closing"
        else:
            digits += sign
    return total

def worth(number, depth):
    depth = min(depth, $deepest)
    sign = -1 if $turns and depth % 2 == 0 else 1
    return sign * number * ($weight)
""",
        brute="""
import json

def solve(text):
    for ours, theirs in zip("$opening$mark$closing", "[,]"):
        text = text.replace(ours, theirs)
    return total(json.loads(text), 1)

def total(items, depth):
    level = depth
    if level > $deepest:
        level = $deepest
    found = 0
    for item in items or [$empty]:
        if isinstance(item, list):
            found += total(item, depth + 1)
        else:
            found += item * weight(level) * ((-1) ** (level + 1) if $turns else 1)
    return found

def weight(depth):
    return $weight
""",
        mutants={
            "counts depth from 0": ("def worth(number, depth):\n", "def worth(number, depth):\n    depth -= 1\n"),
            "reads no sign of numbers": ("int(digits)", "abs(int(digits))"),
            "reads one digit": ("digits += sign", 'digits = sign if sign.isdigit() else ""'),
            "never comes up again": ('depth -= sign == "$closing"', "depth -= 0"),
            "forgets items before a bracket": ('sign in "$mark$closing"', 'sign in "$mark"'),
            "weighs all alike": ("* ($weight)", ""),
        }
        | ({"treats even depths as odd ones": ("if $turns and", "if False and")} if turns else {})
        | ({"forgets empty lists": ("worth($empty, depth)", "0")} if empty else {})
        | ({"knows no deepest level": ("min(depth, $deepest)", "depth")} if deepest else {}),
        parameters={
            "opening": opening,
            "closing": closing,
            "mark": mark,
            "turns": turns,
            "empty": empty,
            "deepest": deepest or 10**6,
            "weight": weight.replace("$shift", str(shift)),
        },
        edges=[
            (opening + closing,),
            (f"{opening}5{closing}",),
            (f"{opening}-12{mark}7{closing}",),
            (opening * 4 + "3" + closing * 4,),
            (f"{opening}{opening}{closing}{mark}{opening}{closing}{closing}",),
            (f"{opening}1{mark}{opening}2{mark}{opening}3{closing}{closing}{mark}4{closing}",),
            (f"{opening}{opening * 5}-9{closing * 5}{mark}10{closing}",),
        ],
        case=lambda rng, size: (_nested(rng, size, opening, closing, mark),),
        small=20,
    )


def _nested(rng: random.Random, size: int, opening: str, closing: str, mark: str) -> str:
    """A list of about `size` integers."""
    items = []
    while size > 0:
        part = rng.randint(1, size)
        if rng.random() < 0.4:
            items.append(_nested(rng, part - 1, opening, closing, mark))
            size -= part
        else:
            items.append(str(rng.randint(-99, 99)))
            size -= 1
    return opening + mark.join(items) + closing


def strange_times(rng: random.Random, level: int) -> Problem:
    """Times in units of another world, added and written again."""
    units = rng.sample("abcdefghkmpqrstuvwxyz", k=3)
    steps = [rng.randint(3, 30), rng.randint(3, 30)]
    sizes = [steps[0] * steps[1], steps[1], 1]
    signed = level >= 1
    wraps = rng.randint(2, 9) if level >= 2 else 0
    omits = rng.random() < 0.5
    rounds = level >= 3 and rng.random() < 0.5
    rules = [
        (
            f"A time is written as numbers with units, such as 2{units[0]}5{units[2]}: one {units[0]} is {steps[0]} "
            f"{units[1]}, one {units[1]} is {steps[1]} {units[2]}. Units stand in any order, some may be missing, and "
            "some may be there twice."
        )
    ]
    if signed:
        rules.append("A time that begins with - is taken off.")
    if wraps:
        rules.append(f"Only the rest counts that the sum leaves when divided by {wraps}{units[0]} (never negative).")
    elif signed:
        rules.append("If the sum is below 0, it is written with a - in front, and then as if it were above 0.")
    if rounds:
        rules.append(
            f"In the end what is left in {units[2]} is rounded: half a {units[1]} or more is rounded up, less is "
            "dropped."
        )
    zeros = (
        f"without units of which there are 0; a sum of nothing is 0{units[2]}" if omits else "also where there are 0"
    )
    rules.append(
        f"The result has as many {units[0]} as possible, then as many {units[1]} as possible, and at last {units[2]}, "
        f"in this order, {zeros}."
    )
    return Problem(
        words=" ".join(rules),
        takes=(Argument("times", "words", f"up to 40 times, numbers from 0 to 999 with the units {listed(units)}"),),
        gives=Result("text", "the sum of all times, written in this way"),
        reference="""
def solve(times):
    total = 0
    for time in times:
        sign, digits = -1 if time.startswith("-") else 1, ""
        for letter in time.lstrip("-"):
            if letter.isdigit():
                digits += letter
            else:
                total += sign * int(digits) * $sizes[letter]
                digits = ""
    if $wraps:
        total %= $wraps * $largest
    minus, total = "-" if total < 0 else "", abs(total)
    if $rounds:
        total = (total * 2 + $middle) // (2 * $middle) * $middle
    parts = []
    for unit, size in $sizes.items():
        count, total = divmod(total, size)
        if count or not $omits:
            parts.append(f"{count}{unit}")
    return minus + "".join(parts) if parts else "0$smallest"
""",
        brute="""
import re

def solve(times):
    text = " ".join(times)
    counts = dict.fromkeys($sizes, 0)
    for time in times:
        for number, unit in re.findall("([0-9]+)([a-z])", time):
            counts[unit] += -int(number) if time[0] == "-" else int(number)
    total = sum(count * $sizes[unit] for unit, count in counts.items())
    while $wraps and total < 0:
        total += $wraps * $largest
    while $wraps and total >= $wraps * $largest:
        total -= $wraps * $largest
    minus = total < 0
    total = -total if minus else total
    if $rounds:
        rest = total % $middle
        total = total - rest + ($middle if rest >= $middle / 2 else 0)
    large, medium, small = total // $largest, total % $largest // $middle, total % $middle
    written = ""
    for count, unit in zip((large, medium, small), $sizes):
        if count or not $omits:
            written += str(count) + unit
    return ("-" if minus else "") + written if written else "0$smallest"
""",
        mutants={
            "forgets the last time": ("for time in times:", "for time in times[:-1]:"),
            "reads one digit": ("digits += letter", "digits = letter"),
            "treats units of which there are none the other way": ("not $omits", "$omits"),
            "takes the middle unit for another size": ("int(digits) * $sizes[letter]", "int(digits) * $wrong[letter]"),
            "writes units the other way round": ('minus + "".join(parts)', 'minus + "".join(parts[::-1])'),
        }
        | ({"takes nothing off": ("sign * int(digits)", "int(digits)")} if signed else {})
        | ({"keeps all": ("if $wraps:", "if False:")} if wraps else {})
        | ({"rounds down": ("(total * 2 + $middle) // (2 * $middle)", "total // $middle")} if rounds else {}),
        parameters={
            "sizes": repr(dict(zip(units, sizes, strict=True))),
            "wrong": repr({units[0]: sizes[0], units[1]: sizes[1] + 1, units[2]: 1}),
            "wraps": wraps,
            "largest": sizes[0],
            "middle": sizes[1],
            "smallest": units[2],
            "omits": omits,
            "rounds": rounds,
        },
        edges=[
            ([],),
            ([f"0{units[0]}"],),
            ([f"{sizes[0]}{units[2]}"],),
            ([f"{steps[1] - 1}{units[2]}", f"1{units[2]}"],),
            ([f"3{units[1]}2{units[0]}7{units[1]}"],),
            ([f"999{units[0]}999{units[1]}999{units[2]}"] * 2,),
            ([f"{'-' * signed}5{units[1]}2{units[2]}"],),
            ([f"1{units[0]}", f"{'-' * signed}1{units[2]}"],),
            ([f"2{units[0]}1{units[2]}"] * 3,),
            ([f"{steps[1] // 2}{units[2]}", f"1{units[1]}"],),
        ],
        case=lambda rng, size: ([_time(rng, units, signed=signed) for _ in range(rng.randint(1, size))],),
        small=20,
    )


def _time(rng: random.Random, units: list[str], *, signed: bool) -> str:
    parts = [f"{rng.randint(0, rng.choice((9, 40, 999)))}{rng.choice(units)}" for _ in range(rng.randint(1, 3))]
    return "-" * (signed and rng.random() < 0.4) + "".join(parts)


TEMPLATES = tuple(
    Template("parsing", draw.__name__, draw)
    for draw in (formula_value, bracket_check, record_fields, strange_numerals, nested_sums, strange_times)
)
