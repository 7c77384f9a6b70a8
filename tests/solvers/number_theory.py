"""Solvers of the number theory families, from the text of a problem alone."""

from __future__ import annotations

import re
from itertools import accumulate, count, pairwise, permutations, product
from math import gcd, isqrt, lcm, prod

import sympy

from solvers.reading import expression, formulas, integers


def divide(question):
    """Greatest common divisors and least common multiples by the standard library, counts by counting."""
    numbers = integers(question)
    if "greatest common divisor" in question:
        return gcd(*numbers)
    if "least common multiple" in question:
        return lcm(*numbers)
    _, limit, *divisors = numbers
    hit = [any(n % divisor == 0 for divisor in divisors) for n in range(1, limit + 1)]
    return sum(hit) if "none of" not in question else limit - sum(hit)


def take_remainder(question):
    """Modular powers by Python."""
    modulus = integers(question)[-1]
    total = 0
    for term in formulas(question)[0].split(" + "):
        value = 1
        for factor in term.split(r" \cdot "):
            base, *exponents = integers(factor)
            value *= pow(base, exponents[0] ** (exponents[1] if len(exponents) > 1 else 1) if exponents else 1, modulus)
        total += value
    return total % modulus


def solve_congruences(question):
    """Try 0, 1, 2, and so on."""
    system = re.findall(r"(?:(\d*)x)( \+ \d+)? \\equiv (\d+) \\pmod\{(\d+)\}", question)
    rows = [(int(a or 1), int((b or "0").replace("+", "")), int(c), int(m)) for a, b, c, m in system]
    return next(x for x in count() if all((a * x + b - c) % m == 0 for a, b, c, m in rows))


def plain(latex):
    """Exponents without their braces."""
    return re.sub(r"\^\{(\d+)\}", r"^\1", latex)


def use_divisors(question):
    """Look at every candidate; count triples of exponents one by one."""
    if "ordered triples" in question:
        low, high = (sympy.factorint(int(expression(plain(text)))) for text in formulas(question)[1:3])
        return prod(
            sum(
                (min(triple), max(triple)) == (low.get(p, 0), high[p])
                for triple in product(range(high[p] + 1), repeat=3)
            )
            for p in high
        )
    n, *rest = (value for value in integers(question) if value > 1)
    if "largest prime factor" in question:
        return max(d for d in range(2, n + 1) if n % d == 0 and sympy.isprime(d))
    if "common divisor" in question:
        coprime = [k for k in range(1, n + 1) if gcd(k, n) == 1]
        return sum(coprime) if "the sum" in question else len(coprime)
    return sum(d for d in range(1, n + 1) if n % d == 0 and ("multiples" not in question or d % rest[0] == 0))


def divide_factorials(question):
    """Multiply the factorials out, and divide."""
    if "smallest" in question:
        prime, exponent = integers(question)
        power, n, factorial = prime**exponent, 1, 1
        while factorial % power:
            n += 1
            factorial = factorial * n % power
        return n
    bases = {"base six": 6, "base ten": 10, "base twelve": 12, "base twenty": 20}
    divisor = next((base for words, base in bases.items() if words in question), None)
    divisor = divisor or int(re.search(r"\$(\d+)\^k\$", question)[1])
    return min(exponents_of(p, question) // e for p, e in sympy.factorint(divisor).items())


def exponents_of(prime, question):
    """The exponent of a prime in the product that a question is about, factor by factor."""
    text = next(text for text in formulas(question) if "!" in text or "cdots" in text)
    first, last = integers(text)[0], integers(text)[-1]
    single = [sympy.multiplicity(prime, n) for n in range(1, last + 1)]
    if "cdots" not in text:
        return sum(single)
    return sum(accumulate(single)) if "!" in text else sum(single[first - 1 :])


def solve_in_integers(question):
    """Try all integers in a range that is large enough."""
    if "cannot be made" in question:
        a, b = integers(question)
        made = {a * x + b * y for x in range(b) for y in range(a)}
        missing = set(range(a * b)) - made
        return max(missing) if "largest" in question else len(missing)
    if "cost" in question:
        a, b, total = integers(question)
        (x,) = [x for x in range(1, total) if (total - a * x) % b == 0 and total > a * x]
        return x
    if "sum of $x$" in question:
        b, a, c = integers(re.search(r"xy = (.*)\$", question)[1].replace(" ", ""))
        return sum(x for x in range(a + 1, a * b + c + a + 1) if (b * x + c) % (x - a) == 0)
    a, b, *rest, total = integers(re.search(r"\$(\d+x.*)\$", question)[1].replace(" - ", " + "))
    if "smallest" in question:
        return next(x for x in count(1) if a * x > total and (a * x - total) % b == 0)
    least = 1 if "of positive" in question else 0
    rests = [total - rest[0] * z for z in range(total // rest[0] + 1)] if rest else [total]
    return sum((left - a * x) % b == 0 for left in rests for x in range(least, (left - least * b) // a + 1))


def solve_power_congruence(question):
    """Try 1, 2, 3, and so on."""
    left, right = formulas(question)[1].split(r" \equiv ")
    value, modulus = integers(right)
    if left.startswith("x"):
        exponent, *added = integers(left)
        return next(x for x in count(1) if (pow(x, exponent, modulus) + sum(added) - value) % modulus == 0)
    base = int(re.search(r"\d+", left)[0])
    return next(n for n in count(1) if pow(base, n, modulus) == value)


def write_down(question):
    """Write the numbers down, and look at them."""
    if "different" in question:
        _, *shown = map(str, integers(question))
        return sum({int("".join(order)) for order in permutations(shown)})
    if "numbered from 1 on" in question:
        _, total = integers(question)
        return next(n for n, written in enumerate(accumulate(len(str(n)) for n in count(1)), 1) if written == total)
    return look_at_all(question)


def look_at_all(question):
    """Write all integers from 1 to a last one down."""
    _, last, *digit = integers(question)
    texts = [str(n) for n in range(1, last + 1)]
    if "printed" in question:
        return len("".join(texts))
    if "How often" in question:
        return "".join(texts).count(str(digit[0]))
    if "sum of all digits" in question:
        return sum(map(int, "".join(texts)))
    if "at least once" in question:
        return sum(str(digit[0]) in text for text in texts)
    return sum(all(a != b for a, b in pairwise(text)) for text in texts)


def add_floors(question):
    """Term by term."""
    first, last, term = re.search(r"k=(\d+)\}\^\{(\d+)\} \\lfloor (.*?) \\rfloor", question).groups()
    if "sqrt" in term:
        return sum(isqrt(k) for k in range(int(first), int(last) + 1))
    top, bottom = re.fullmatch(r"\\frac\{(.*)\}\{(.*)\}", term).groups()
    if bottom == "k":
        return sum(int(top) // k for k in range(int(first), int(last) + 1))
    slope, shift = re.fullmatch(r"(\d*)k(?: \+ (\d+))?", top).groups()
    return sum((int(slope or 1) * k + int(shift or 0)) // int(bottom) for k in range(int(first), int(last) + 1))


SOLVERS = {
    "divisibility": divide,
    "remainder": take_remainder,
    "congruence": solve_congruences,
    "prime_factors": use_divisors,
    "factorial_divisors": divide_factorials,
    "diophantine": solve_in_integers,
    "power_congruence": solve_power_congruence,
    "digits": write_down,
    "floor_sum": add_floors,
}
