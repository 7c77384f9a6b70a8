"""Solvers of the word problems: each sentence is read by itself, and what it says is computed or solved for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import sympy

from solvers.reading import expression

WHO = r"((?:the )?\w+(?: (?:farm|library|shop))?)"
FACTORS = {"twice": 2, "three times": 3, "four times": 4}
PARTS = {"half": 2, "a third": 3, "a quarter": 4, "a fifth": 5}
SHARES = {f"{part} as many": sympy.Rational(1, parts) for part, parts in PARTS.items()}
SHARES |= {f"{times} as many": sympy.Integer(factor) for times, factor in FACTORS.items()}


def follow_story(question):
    """Facts are equations in what each has at first; events change what each has now."""
    sentences = re.findall(r"[^.?]+[.?]", question.lower())
    asked = " ".join(sentences[next(i for i, s in enumerate(sentences) if re.search(r"how many|in the end", s)) :])
    world = _World()
    for sentence in sentences:
        world.hear(sentence.strip())
    return world.answer(asked.strip())


class _World:
    def __init__(self):
        self.start, self.now, self.equations = {}, {}, []

    def of(self, name):
        """What somebody has now; at first, a symbol."""
        name = name.strip()
        if name not in self.now:
            self.now[name] = self.start[name] = sympy.Symbol(name)
        return self.now[name]

    def hear(self, sentence):
        """Take in one sentence; those without a pattern are asides."""
        for pattern, act in _PATTERNS:
            if match := re.fullmatch(pattern, sentence):
                act(self, *match.groups())
                return

    def equal(self, left, right):
        """Note an equation."""
        self.equations.append(left - right)

    def gain(self, name, more):
        """Somebody has more now."""
        self.now[name] = self.of(name) + more

    def answer(self, asked):
        """Solve for what was had at first, and find what is asked for."""
        values = sympy.solve(self.equations, list(self.start.values()), dict=True)[0]
        now = {name: amount.subs(values) for name, amount in self.now.items()}
        if match := re.fullmatch(rf"how many more .* does {WHO} have than {WHO} now\?", asked):
            return now[match[1]] - now[match[2]]
        if match := re.fullmatch(rf"how many .* does {WHO} have now\?", asked):
            return now[match[1]]
        if match := re.fullmatch(rf"how many .* did {WHO} have at first\?", asked):
            return values[self.start[match[1]]]
        if match := re.fullmatch(rf"in the end all of {WHO}'s .* are sold for (\d+) coins each\..*", asked):
            return now[match[1]] * int(match[2])
        total = sum(now[name] for name in names(re.search(r"(?:do|in the end) (.*?) (?:have|pack)", asked)[1]))
        if size := re.search(r"boxes that hold (\d+) each", asked):
            return sympy.ceiling(sympy.Rational(total, int(size[1])))
        return total


def names(text):
    """Of a list in words."""
    return re.split(r", | and ", text)


_PATTERNS = (
    (
        rf"{WHO} has (\d+) (more|fewer) .* than {WHO}\.",
        lambda world, a, n, sign, b: world.equal(world.of(a), world.of(b) + int(n) * (1 if sign == "more" else -1)),
    ),
    (
        rf"{WHO} has as many .* as {WHO} and {WHO} together\.",
        lambda world, a, b, c: world.equal(world.of(a), world.of(b) + world.of(c)),
    ),
    (
        rf"{WHO} has ({'|'.join(SHARES)}) .* as {WHO}\.",
        lambda world, a, share, b: world.equal(world.of(a), SHARES[share] * world.of(b)),
    ),
    (
        r"(?:altogether|now),? (.*) have (\d+) .*\.",
        lambda world, all_of, n: world.equal(sum(world.of(name) for name in names(all_of)), int(n)),
    ),
    (rf"then {WHO} gives (\d+) .* to {WHO}\.", lambda world, a, n, b: (world.gain(a, -int(n)), world.gain(b, int(n)))),
    (rf"then {WHO} buys (\d+) boxes of (\d+) .*", lambda world, a, n, k: world.gain(a, int(n) * int(k))),
    (rf"then {WHO} buys (\d+) dozen .*", lambda world, a, n: world.gain(a, 12 * int(n))),
    (rf"over the next (\d+) weeks, {WHO} gets (\d+) .*", lambda world, w, a, n: world.gain(a, 7 * int(w) * int(n))),
    (rf"then {WHO} loses (\d+) .*", lambda world, a, n: world.gain(a, -int(n))),
    (
        rf"then ({'|'.join(PARTS)}) of {WHO}'s .* are given away\.",
        lambda world, part, a: world.gain(a, -world.of(a) / PARTS[part]),
    ),
    (rf"{WHO} has (\d+) (?!rabbits|windows)[\w ]*\.", lambda world, a, n, *_: world.equal(world.of(a), int(n))),
)


def produce(question):
    """Count pieces, packs and coins; the sales that are needed are tried one by one."""

    def find(pattern):
        return [int(digits) for digits in re.search(pattern, question).groups()]

    batches, size, hours = find(r"(\d+) \w+ of (\d+) \w+ an hour, (\d+) hours a day")
    made = batches * size * hours
    if "cannot be sold" not in question:
        return made * find(r"in (\d+) days")[0]
    (flawed,), (pack,) = find(r"One \w+ in (\d+) is"), find(r"packed into \w+ of (\d+)")
    packs = sum(1 for i in range(1, made + 1) if i % flawed) // pack
    if "sells for" not in question:
        return packs
    (price,) = find(r"sells for (\d+) coins")
    if "takes" not in question:
        return packs * price
    grams, each = find(r"takes (\d+) g of \w+, which costs (\d+) coins a kilogram")
    workers, at_work, wage = find(r"(\d+) \w+ work all (\d+) hours and get (\d+) coins")
    costs = sympy.Rational(made * grams * each, 1000) + workers * at_work * wage
    if "from a day" in question:
        return packs * price - costs
    (days,), (rent,) = find(r"produces on (\d+) days"), find(r"rent is (\d+) coins? a week")
    if "from a week" in question:
        return days * (packs * price - costs) - rent
    (target,) = find(r"profit of at least (\d+) coin")
    return next(sold for sold in range(days * packs + 1) if sold * price - days * costs - rent >= target)


T = sympy.Symbol("t")


def minutes_of(text):
    """`1 hour and 5 minutes` in minutes."""
    hours, minutes = re.search(r"(\d+) hours?", text), re.search(r"(\d+) minutes?", text)
    return 60 * int(hours[1] if hours else 0) + int(minutes[1] if minutes else 0)


DURATION = r"(\d+ hours?(?: and \d+ minutes?)?|\d+ minutes?)"


def travel(question):
    """Equations between positions at a time t, in kilometres and hours."""
    stages = re.findall(r"at (\d+) km/h for (\d+) hours", question)
    if stages:
        return sum(int(speed) * int(hours) for speed, hours in stages)
    if "average speed" in question:
        return _average_speed(question)
    if "constant speeds" in question:
        return _overtaking_time(question)
    v, w, *bird = map(int, re.findall(r"(\d+) km/h", question))
    delay = re.search(rf"After {DURATION}, an? ", question)
    late = sympy.Rational(minutes_of(delay[1]), 60) if delay else 0
    apart = re.search(r"are (\d+) km apart", question)
    first, second = v * (T + late), int(apart[1]) - w * T if apart else w * T
    (time,) = sympy.solve(first - second, T)
    if bird:
        return bird[0] * time
    return 60 * time if "How many minutes" in question or "how many minutes" in question else first.subs(T, time)


def _average_speed(question):
    first, speed, second, duration = re.search(
        rf"travels (\d+) km at (\d+) .* then (\d+) km in {DURATION}", question
    ).groups()
    hours = sympy.Rational(first) / int(speed) + sympy.Rational(minutes_of(duration), 60)
    return (int(first) + int(second)) / hours


def _overtaking_time(question):
    """In metres and seconds."""
    if "trains" in question:
        length = sum(map(int, re.search(r"trains, (\d+) m and (\d+) m", question).groups()))
    else:
        length = int(re.search(r"track (\d+) m", question)[1])
    fast = sympy.Rational(re.search(r"(\d+) km/h", question)[1]) * 1000 / 3600
    seconds = int(re.search(r"(\d+) seconds", question)[1])
    slow = sympy.Symbol("slow")
    (speed,) = sympy.solve((fast + slow) * seconds - length, slow)
    (time,) = sympy.solve((fast - speed) * T - length, T)
    return time


def work(question):
    """What is done by the time t is the whole job."""
    if "All work equally fast" in question:
        return _crew_days(question)
    if "together need" in question:
        pairs = re.findall(
            r"(?:, and |, )((?:the )?\w+(?: \w+)?) and ((?:the )?\w+(?: \w+)?) together need (\d+) hours", question
        )
        rates = {name: sympy.Symbol(name) for first, second, _ in pairs for name in (first, second)}
        equations = [rates[a] + rates[b] - sympy.Rational(1, int(hours)) for a, b, hours in pairs]
        wanted = re.search(r"How many hours does (.*) need alone", question)[1]
        return 1 / sympy.solve(equations, list(rates.values()))[rates[wanted]]
    if "drain" in question:
        hours = [sympy.Rational(1, int(h)) for h in re.findall(r"in (\d+) hours", question)]
        part = expression(re.search(r"is \$(.*?)\$ full", question)[1])
        return 60 * sympy.solve(part + (hours[0] + hours[1] - hours[2]) * T - 1, T)[0]
    rates = [sympy.Rational(1, int(h)) for h in re.findall(r"needs (\d+) hours", question)]
    if lead := re.search(r"after (\d+) minutes", question):
        done = rates[0] * int(lead[1]) / 60 + sum(rates) * T / 60
        return sympy.solve(done - 1, T)[0]
    return sympy.solve(sum(rates) * T - 1, T)[0]


def _crew_days(question):
    count = int(re.search(r"(\d+) \w+ need", question)[1])
    hours, later = re.findall(r"(\d+) hours a day", question)
    days, first = re.search(r"need (\d+) days .* after (\d+) days", question).groups()
    change, kind = re.search(r"(\d+) (of|more)", question).groups()
    left = count + (int(change) if kind == "more" else -int(change))
    pace = sympy.Rational(1, int(hours) * count * int(days))
    done = pace * int(first) * count * int(hours) + pace * left * int(later) * (T - int(first))
    return sympy.solve(done - 1, T)[0]


def mix(question):
    """What goes in comes out; a replacement is done step by step."""
    percents = [sympy.Rational(percent, 100) for percent in re.findall(r"(\d+)%", question)]
    if parts := re.findall(r"(\d+) g of \w+ with", question):
        content = sum(int(mass) * share for mass, share in zip(parts, percents, strict=True))
        return content if "How many grams" in question else 100 * content / sum(map(int, parts))
    kilograms = re.search(r"([\d.]+) kg", question)[1]
    grams = 1000 * sympy.Rational(kilograms)
    if times := re.search(r"(\d+) g of the \w+ are poured out .* done (twice|three times)", question):
        content = grams * percents[0]
        for _ in range(2 if times[2] == "twice" else 3):
            content -= content / grams * int(times[1])
        return content if "How many grams" in question else 100 * content / grams
    if "Alloy" in question:
        ratios = re.findall(r"(\d+) : (\d+)", question)
        start, added, end = (sympy.Rational(a) / (int(a) + int(b)) for a, b in ratios)
        return sympy.solve(start * grams + added * T - end * (grams + T), T)[0]
    if "mixed to get" in question:
        low, high, wanted = percents
        strong = sympy.solve(high * T + low * (grams - T) - wanted * grams, T)[0]
        return strong if "stronger" in question else grams - strong
    before, after = percents
    sign = -1 if "evaporate" in question else 1
    return sympy.solve(before * grams - after * (grams + sign * T), T)[0]


def shop(question):
    """Sums in euros, as exact numbers."""
    if "cost before the sale" in question:
        first, second = (1 - sympy.Rational(percent, 100) for percent in re.findall(r"(\d+)%", question))
        voucher = int(re.search(r"takes off (\d+) euros", question)[1])
        postage, paid = re.search(r"adds ([\d.]+) euros\. .* pays ([\d.]+) euros", question).groups()
        return sympy.solve(T * first * second - voucher + sympy.Rational(postage) - sympy.Rational(paid), T)[0]
    if bills := re.findall(r"(\d+) (\w+)s and (\d+) (\w+)s cost ([\d.]+) euros", question):
        prices = {name: sympy.Symbol(name) for name in (bills[0][1], bills[0][3])}
        equations = [int(a) * prices[x] + int(b) * prices[y] - sympy.Rational(paid) for a, x, b, y, paid in bills]
        values = sympy.solve(equations, list(prices.values()))
        a, x, b, y, percent = re.search(r"buys (\d+) (\w+)s and (\d+) (\w+)s, and gets (\d+)% off", question).groups()
        return (int(a) * values[prices[x]] + int(b) * values[prices[y]]) * (1 - sympy.Rational(percent, 100))
    if offer := re.search(r"at ([\d.]+) euros each, three for the price of two, and \w+ at ([\d.]+) euros", question):
        count, grams = map(int, re.search(r"buys (\d+) \w+ and (\d+) g of", question).groups())
        total = sum(sympy.Rational(offer[1]) for i in range(count) if i % 3 != 2)
        total += sympy.Rational(offer[2]) * grams / 1000
    else:
        goods = re.findall(r"(\d+) \w+ at ([\d.]+) euros each", question)
        total = sum(int(count) * sympy.Rational(price) for count, price in goods)
    if reduced := re.search(r"reduced by (\d+)% from ([\d.]+) euros", question):
        total += sympy.Rational(reduced[2]) * (1 - sympy.Rational(reduced[1], 100))
    note = re.search(r"with a (\d+) euro note", question)
    return int(note[1]) - total if note else total


def scale_up(question):
    """Products and quotients of what is told, all at once."""
    numbers = [sympy.Rational(text) for text in re.findall(r"\d+(?:\.\d+)?", question)]
    if "cooks for" in question:
        people, grams, guests = numbers
        return grams * guests / people
    if "wants to use all" in question:
        _, first, second, kilograms = numbers
        return 1000 * kilograms * second / first
    if "A mile" in question:
        _, litres, per, price, share, miles, mile = numbers
        return miles * mile * litres * price / (per * share)
    if "On a map" in question:
        _, scale, length, _, speed, rest = numbers
        return length * scale / (speed * 1000 * 100) * 60 + rest
    if "trench" not in question:
        count, made, time, _, others, wanted = numbers
        return sympy.solve(others * T / (count * time) - wanted / made, T)[0]
    diggers, hours, long, wide, deep, days, others, other_hours, length, width, depth, percent = numbers
    first, second = long * wide * deep / 100, length * width / 100 * depth
    return sympy.solve(others * other_hours * T / (1 + percent / 100) / second - diggers * hours * days / first, T)[0]


def bank(question):
    """Year by year; backwards, an equation for the first payment."""
    amounts = [sympy.Rational(amount) for amount in re.findall(r"([\d.]+\d) euros", question)]
    rates = [sympy.Rational(rate) / 100 for rate in re.findall(r"([\d.]+)%", question)]
    if "simple interest" in question:
        months = re.search(r"(\d+) months", question)
        if months:
            return amounts[0] * (1 + rates[0] * int(months[1]) / 12)
        return amounts[0] * rates[0] * int(re.search(r"(\d+) years", question)[1])
    if "For two years" in question:
        return amounts[0] * (1 + rates[0]) ** 2 * (1 + rates[1])
    if "loan" in question:
        debt = amounts[0]
        for payment in (amounts[1], amounts[1], amounts[2]):
            debt += debt * rates[0] - payment
        return debt
    if "adds" in question:
        balance = amounts[0]
        for _ in range(3):
            balance = (balance + amounts[1]) * (1 + rates[0])
        return balance
    out, into, last = amounts
    end = ((T * (1 + rates[0]) - out) * (1 + rates[1]) + into) * (1 + rates[2])
    return sympy.solve(end - last, T)[0]


_AGED = r"((?:the )?\w+(?: \w+)??)"
_MULTIPLE = "(twice|three times|four times|five times|six times)"
_FACTORS = {"twice": 2, "three times": 3, "four times": 4, "five times": 5, "six times": 6}
_AGE_FACTS = (
    (
        rf"{_AGED} is (\d+) years? (older|younger) than {_AGED}",
        lambda now, a, n, sign, b: now(a) - now(b) - int(n) * (1 if sign == "older" else -1),
    ),
    (rf"{_AGED} is {_MULTIPLE} as old as {_AGED}", lambda now, a, k, b: now(a) - _FACTORS[k] * now(b)),
    (
        rf"{_AGED} is {_MULTIPLE} as old as {_AGED} was when {_AGED} was as old as {_AGED} is now",
        lambda now, a, k, b, *_: now(a) - _FACTORS[k] * (now(b) - (now(a) - now(b))),
    ),
    (
        rf"(\d+) years? ago, {_AGED} was {_MULTIPLE} as old as {_AGED}",
        lambda now, n, a, k, b: now(a) - int(n) - _FACTORS[k] * (now(b) - int(n)),
    ),
    (
        rf"in (\d+) years?, {_AGED} will be {_MULTIPLE} as old as {_AGED}",
        lambda now, n, a, k, b: now(a) + int(n) - _FACTORS[k] * (now(b) + int(n)),
    ),
    (rf"(?:now )?{_AGED} and {_AGED} are (\d+) years old together", lambda now, a, b, n: now(a) + now(b) - int(n)),
    (
        rf"when {_AGED} is as old as {_AGED} is now, the two will be (\d+) years old together",
        lambda now, b, a, n: now(a) + now(b) + 2 * (now(a) - now(b)) - int(n),
    ),
)


def find_age(question):
    """Every sentence with a pattern is an equation between ages now."""
    ages = {}

    def now(name):
        return ages.setdefault(name, sympy.Symbol(name))

    sentences = [sentence.lower() for sentence in re.findall(r"([^.?]+)[.?]", question.replace(". ", ".") + " ")]
    equations = [
        fact(now, *match.groups())
        for sentence in sentences
        for pattern, fact in _AGE_FACTS
        if (match := re.fullmatch(pattern, sentence))
    ]
    totals = (re.fullmatch(r"together (?:the three|they) are (\d+) years old(?: now)?", text) for text in sentences)
    equations += [sum(ages.values()) - int(total[1]) for total in totals if total]
    values = sympy.solve(equations, list(ages.values()))
    if later := re.fullmatch(rf"how old will {_AGED} be in (\d+) years", sentences[-1]):
        return values[ages[later[1]]] + int(later[2])
    return values[ages[re.fullmatch(rf"how old is {_AGED}(?: now)?", sentences[-1])[1]]]


def _time(text):
    return datetime.strptime(text, "%H:%M").replace(tzinfo=UTC)


def tell_time(question):
    """By the calendar's own arithmetic, and minute by minute where something has to be waited for."""
    question = question.split(" Give the time")[0]
    times = [_time(text) for text in re.findall(r"\d\d:\d\d", question)]
    spans = [timedelta(minutes=minutes_of(text)) for text in re.findall(DURATION, question)]
    if "When does it end" in question:
        end = sum(spans, times[0])
    elif "at the latest" in question:
        end = times[0] - sum(spans, timedelta())
    elif "takes the next bus" in question:
        every, walk, ride, last = spans
        departure = times[0]
        while departure < times[1] + walk:
            departure += every
        end = departure + ride + last
    elif "local time" in question:
        flight, zone, wait = spans
        distance, speed = map(int, re.search(r"is (\d+) km away, at (\d+) km/h", question).groups())
        ahead = 1 if "ahead of" in question else -1
        end = times[0] + flight + ahead * zone + wait + timedelta(hours=1) * distance / speed
    elif "same minute" in question:
        lines = [{start + i * every for i in range(500)} for start, every in zip(times, spans, strict=False)]
        end = min(time for time in lines[0] & lines[1] if time > times[2])
    else:
        end = times[0] + _other_clock(question, spans)
    return sympy.Tuple(end.hour, end.minute)


def _other_clock(question, spans):
    """How far the other clock has moved on."""
    gain, loss, shown = (span // timedelta(minutes=1) for span in spans)
    rates = {"hall": sympy.Rational(60 + gain, 60), "kitchen": sympy.Rational(60 - loss, 60)}
    asked, known = re.search(r"does the (\w+) clock show when the (\w+) clock", question).groups()
    (true,) = sympy.solve(rates[known] * T - shown, T)
    return timedelta(minutes=int(rates[asked] * true))


SOLVERS = {
    "story": follow_story,
    "production": produce,
    "travel": travel,
    "work_rate": work,
    "mixture": mix,
    "shopping": shop,
    "proportion": scale_up,
    "interest": bank,
    "ages": find_age,
    "schedule": tell_time,
}
