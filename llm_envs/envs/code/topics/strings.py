"""Strings: runs, shifts, windows, palindromes and orders of letters."""

from __future__ import annotations

import random
import string

from llm_envs.envs.code.problem import Argument, Problem, Result, Template, listed

__all__ = ["TEMPLATES"]


def _letters(rng: random.Random, size: int, alphabet: str) -> str:
    return "".join(rng.choices(alphabet, k=size))


def _alphabet(rng: random.Random, count: int) -> str:
    return "".join(sorted(rng.sample(string.ascii_lowercase, k=count)))


def packed_runs(rng: random.Random, level: int) -> Problem:
    """Runs of a letter, written as a number and the letter where they are long enough."""
    least, most = rng.randint(2, 4), rng.randint(5, 9) if level >= 2 else 0
    is_before = rng.random() < 0.5
    opening, closing = rng.choice((("", ""), ("(", ")"), ("[", "]"), ("<", ">"))) if level >= 1 else ("", "")
    alphabet = _alphabet(rng, 2)
    packed = "{opening}{count}{letter}{closing}" if is_before else "{opening}{letter}{count}{closing}"
    packed = packed.replace("{opening}", opening).replace("{closing}", closing)
    shown = packed.format(count=least, letter="a")
    cut = (
        f" A run of more than {most} is first cut into pieces of {most}, from the left; what is left over is a piece "
        "of its own."
        if most
        else ""
    )
    return Problem(
        words=(
            f"A run is a stretch of one letter, as long as it goes.{cut} Each run or piece of at least {least} "
            f"letters is replaced by its length and its letter: {least} times the letter a becomes {shown}. Shorter "
            "ones stay as they are."
        ),
        takes=(Argument("text", "text", f"up to 200 letters, each {alphabet[0]} or {alphabet[1]}; it may be empty"),),
        gives=Result("text", "the text that comes out"),
        reference="""
def solve(text):
    parts, place = [], 0
    while place < len(text):
        letter, end = text[place], place
        while end < len(text) and text[end] == letter and end - place < $most:
            end += 1
        count = end - place
        parts.append(f"$packed" if count >= $least else letter * count)
        place = end
    return "".join(parts)
""",
        brute="""
import re

def solve(text):
    return re.sub(r"(.)\\1{0,%d}" % ($most - 1), packed, text)

def packed(match):
    letter, count = match[1], len(match[0])
    return match[0] if count < $least else f"$packed"
""",
        mutants={
            "packs runs that are one too short": ("count >= $least", "count >= $least - 1"),
            "leaves runs that are just long enough": ("count >= $least", "count > $least"),
            "forgets the last letter": ("place < len(text):", "place < len(text) - 1:"),
            "begins the next run too early": ("place = end", "place = max(place + 1, end - 1)"),
            "writes the letters first and the numbers last": ('"".join(parts)', '"".join(sorted(parts))'),
        }
        | ({"cuts one letter too late": ("end - place < $most", "end - place <= $most")} if most else {})
        | ({"writes short runs once": ("letter * count", "letter")} if least > 2 else {}),
        parameters={"packed": packed, "least": least, "most": most or 10**6},
        edges=[
            ("",),
            (alphabet[0],),
            (alphabet[0] * least,),
            (alphabet[1] * (least - 1) + alphabet[0],),
            (alphabet[1] * (most + 1),),
            (alphabet[0] * (2 * most + 1),),
            (alphabet * 4,),
            (alphabet[0] * 12 + alphabet[1] * 11,),
        ],
        case=lambda rng, size: (_runs(rng, size, alphabet),),
        small=20,
    )


def _runs(rng: random.Random, size: int, alphabet: str) -> str:
    """Runs of many lengths; at least a letter for each unit of size."""
    text = ""
    while len(text) < size:
        text += rng.choice(alphabet) * rng.randint(1, 6)
    return text


def shifted_letters(rng: random.Random, level: int) -> Problem:
    """Letters that move on in the alphabet, by how many depends on their kind, their place and what came before."""
    vowel, other = rng.sample([n for n in range(-12, 13) if n], k=2)
    every = rng.randint(2, 5)
    extra = rng.choice([n for n in range(-5, 6) if n]) if level >= 1 else 0
    keeps = rng.choice("bcdfghjklmnpqrstvwxyz") if level >= 2 else ""
    after = rng.randint(1, 9) if level >= 3 else 0
    rules = [f"A vowel (a, e, i, o, u) moves by {vowel} letters, any other letter by {other}."]
    if extra:
        rules.append(f"Every {every}. letter (counting letters from 1) moves by {extra} more.")
    if keeps:
        rules.append(f"The letter {keeps} never moves, but is counted.")
    if after:
        rules.append(f"A letter right after a space, or at the very beginning, moves by {after} more.")
    return Problem(
        words=(
            "Move the letters of a text on in the alphabet: moving by 1 makes b of a, and a of z; moving by -1 goes "
            f"back. {' '.join(rules)} Spaces stay, and are not counted."
        ),
        takes=(Argument("text", "text", "up to 200 lower-case letters and spaces, neither end a space"),),
        gives=Result("text", "the moved text"),
        reference="""
def solve(text):
    moved, number, before = [], 0, " "
    for letter in text:
        if letter == " ":
            moved.append(letter)
        else:
            number += 1
            by = $vowel if letter in "aeiou" else $other
            if number % $every == 0:
                by += $extra
            if before == " ":
                by += $after
            if letter == "$keeps":
                by = 0
            moved.append(chr((ord(letter) - 97 + by) % 26 + 97))
        before = letter
    return "".join(moved)
""",
        brute="""
ALPHABET = "abcdefghijklmnopqrstuvwxyz"

def solve(text):
    return "".join(moved(text, place) for place in range(len(text)))

def moved(text, place):
    letter = text[place]
    if letter in (" ", "$keeps"):
        return letter
    by = $vowel * (letter in "aeiou") + $other * (letter not in "aeiou")
    if len(text[:place + 1].replace(" ", "")) % $every == 0:
        by += $extra
    if place == 0 or text[place - 1] == " ":
        by += $after
    place = ALPHABET.index(letter)
    while by:
        step = 1 if by > 0 else -1
        place, by = place + step, by - step
        place = 25 if place < 0 else 0 if place > 25 else place
    return ALPHABET[place]
""",
        mutants={
            "knows no end of the alphabet": ("% 26 + 97", "+ 97"),
            "takes y for a vowel": ('"aeiou"', '"aeiouy"'),
            "moves all letters as vowels": ("else $other", "else $vowel"),
            "moves the other way": ("97 + by", "97 - by"),
            "goes wrong at u": ('"aeiou"', '"aeio"'),
        }
        | ({"counts letters from 0": ("number % $every == 0", "number % $every == 1")} if extra else {})
        | ({"counts spaces": ("moved.append(letter)\n", "moved.append(letter); number += 1\n")} if extra else {})
        | ({"moves the letter that stays": ("by = 0", "by = 1")} if keeps else {})
        | ({"forgets the beginning": ('before = [], 0, " "', 'before = [], 0, ""')} if after else {}),
        parameters={
            "vowel": vowel,
            "other": other,
            "every": every,
            "extra": extra,
            "keeps": keeps,
            "after": after,
        },
        edges=[
            ("a",),
            ("zzzzz zzzzz zz",),
            ("aeiou aeiou",),
            ("a b c d e f g",),
            (string.ascii_lowercase,),
            (keeps * 5 or "yyy",),
            ("uuuu yyyy",),
        ],
        case=lambda rng, size: (_letters(rng, size, "abcdeiouxyz       " + keeps).strip() or "z",),
        small=20,
    )


def shortest_window(rng: random.Random, level: int) -> Problem:
    """The shortest stretch that has enough of some letters."""
    alphabet = _alphabet(rng, rng.randint(3, 5))
    wanted = dict.fromkeys(rng.sample(alphabet, k=min(2 + (level >= 3), len(alphabet) - 1)), 1)
    for letter in wanted:
        wanted[letter] = rng.randint(1, 3)
    wanted[rng.choice(list(wanted))] = rng.randint(2, 3)
    banned = rng.choice([letter for letter in alphabet if letter not in wanted]) if level >= 2 else ""
    most = rng.randint(1, 3)
    tie, beats, loses = rng.choice((("first", "<", "<="), ("last", "<=", "<")))
    needs = listed([f"at least {count} times {letter}" for letter, count in sorted(wanted.items())])
    limit = f", and at most {most} times {banned}" if banned else ""
    return Problem(
        words=f"We seek a stretch of a text that contains {needs}{limit}.",
        takes=(Argument("text", "text", f"up to 20000 letters out of {listed(alphabet)}; it may be empty"),),
        gives=Result(
            "text", f"the shortest such stretch; the {tie} of the shortest, and an empty text if there is none"
        ),
        reference="""
def solve(text):
    wanted, counts = $wanted, dict.fromkeys("$alphabet", 0)
    best, start, length = "", 0, len(text) + 1
    for end, letter in enumerate(text, 1):
        counts[letter] += 1
        while all(counts[one] >= count for one, count in wanted.items()):
            if end - start $beats length and counts.get("$banned", 0) <= $most:
                length, best = end - start, text[start:end]
            counts[text[start]] -= 1
            start += 1
    return best
""",
        brute="""
def solve(text):
    found = []
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            part = text[start:end]
            if all(part.count(one) >= count for one, count in $wanted.items()):
                if not "$banned" or part.count("$banned") <= $most:
                    found.append((end - start, $sign * start, part))
    return min(found)[2] if found else ""
""",
        mutants={
            "takes the other one of equal stretches": ("start $beats length", "start $loses length"),
            "forgets the last letter": ("enumerate(text, 1)", "enumerate(text[:-1], 1)"),
            "wants one of each letter": ("counts[one] >= count for", "counts[one] >= 1 for"),
            "wants one letter more": ("counts[one] >= count for", "counts[one] > count for"),
            "takes the first stretch there is": ("start $beats length", "start < length and not best"),
            "leaves out the first letter": ("text[start:end]", "text[start + 1:end]"),
        },
        parameters={
            "wanted": repr(wanted),
            "alphabet": alphabet,
            "banned": banned,
            "most": most,
            "beats": beats,
            "loses": loses,
            "sign": 1 if tie == "first" else -1,
        },
        edges=[
            ("",),
            (alphabet[0],),
            (alphabet * 3,),
            (alphabet[::-1] * 4,),
            ("".join(letter * count for letter, count in wanted.items()),),
            (banned * 4 + "".join(letter * count for letter, count in wanted.items()) + banned,),
        ],
        case=lambda rng, size: (_letters(rng, 2 * size, alphabet),),
        big=8000,
        brute_is_slow=True,
    )


def palindromes_inside(rng: random.Random, level: int) -> Problem:
    """How many stretches read the same backwards, after letters that count as equal."""
    alphabet = _alphabet(rng, rng.randint(3, 4))
    low = rng.randint(3, 5)
    parity = rng.choice(("even", "odd")) if level >= 1 else ""
    one, other = rng.sample(alphabet, k=2)
    alike = f" The letters {one} and {other} count as the same letter." if level >= 2 else ""
    avoided = rng.choice(alphabet) if level >= 3 else ""
    rules = f"of at least {low} letters"
    if parity:
        rules += f" and of {parity} length"
    middle = f", and that does not begin with {avoided}" if avoided else ""
    is_even = {"": "True", "even": "(end - start) % 2 == 0", "odd": "(end - start) % 2 == 1"}[parity]
    return Problem(
        words=(
            f"A mirror is a stretch of a text, {rules}, that reads the same forwards and backwards{middle}.{alike} "
            "Mirrors at different places are different mirrors, also where their letters are the same."
        ),
        takes=(Argument("text", "text", f"up to 600 letters out of {listed(alphabet)}; it may be empty"),),
        gives=Result("int", "the number of mirrors in it"),
        reference="""
def solve(text):
    plain, found = $plain, 0
    for middle in range(2 * len(text)):
        start, end = middle // 2, (middle + 1) // 2 + 1
        while start >= 0 and end <= len(text) and plain[start] == plain[end - 1]:
            if end - start >= $low and $is_even and text[start] != "$avoided":
                found += 1
            start, end = start - 1, end + 1
    return found
""",
        brute="""
def solve(text):
    found = 0
    for start in range(len(text)):
        for end in range(start + $low, len(text) + 1):
            part = text[start:end]
            same = all(alike(part[i], part[-1 - i]) for i in range(len(part)))
            found += same and $is_even and not (part[0] == "$avoided")
    return found

def alike(a, b):
    return a == b or ($are_alike and {a, b} == {"$one", "$other"})
""",
        mutants={
            "counts shorter ones": ("end - start >= $low", "end - start >= $low - 2"),
            "leaves out the shortest": ("end - start >= $low", "end - start > $low + 1"),
            "counts one at each middle": ("found += 1\n", "found += 1\n                break\n"),
            "forgets the beginning of the text": ("start >= 0", "start > 0"),
            "forgets the end of the text": ("end <= len(text)", "end < len(text)"),
        },
        impostors={
            "counts equal ones once": """
def solve(text):
    found, plain = set(), $plain
    for start in range(len(text)):
        for end in range(start + $low, len(text) + 1):
            part = plain[start:end]
            if part == part[::-1] and $is_even and text[start] != "$avoided":
                found.add(text[start:end])
    return len(found)
""",
        },
        parameters={
            "plain": f'text.replace("{one}", "{other}")' if alike else "text",
            "are_alike": bool(alike),
            "low": low,
            "is_even": is_even,
            "avoided": avoided,
            "one": one,
            "other": other,
        },
        edges=[
            ("",),
            (alphabet[0],),
            (alphabet[1] * 6,),
            ((one + other) * 4,),
            (alphabet + alphabet[::-1],),
            (alphabet[0] * 3 + alphabet[1] + alphabet[0] * 3,),
        ],
        case=lambda rng, size: (_letters(rng, size, rng.choice((alphabet, alphabet[:2]))),),
        small=12,
    )


def sorted_words(rng: random.Random, level: int) -> Problem:
    """Words in the order of another alphabet."""
    letters = _alphabet(rng, 4 + level // 2)
    order = "".join(rng.sample(letters, k=len(letters)))
    by_length = rng.choice(("", "shorter", "longer")) if level >= 1 else ""
    is_reversed = level >= 2 and rng.random() < 0.6
    is_down = rng.random() < 0.5
    keys = [{"": "", "shorter": "len(word)", "longer": "-len(word)"}[by_length]]
    read = "reversed(word)" if is_reversed else "word"
    keys.append(f'[{"-" if is_down else ""}"{order}".index(letter) for letter in {read}]')
    keys = [key for key in keys if key]
    first, last = (order[-1], order[0]) if is_down else (order[0], order[-1])
    way = "from the last letter to the first" if is_reversed else "from the first letter to the last"
    lengths = f"{by_length.capitalize()} words come before others. " if by_length else ""
    rest = "Words of one length" if by_length else "Words"
    ranks = ", ".join(reversed(order) if is_down else order)
    return Problem(
        words=(
            f"{lengths}{rest} are compared letter by letter, {way}; where they first differ, the letter that comes "
            f"earlier in the order {ranks} wins, so that {first} beats everything and {last} nothing. A word that "
            "ends before a difference is found comes before the longer one."
        ),
        takes=(Argument("words", "words", f"up to 60 words of 1 to 8 letters out of {listed(letters)}"),),
        gives=Result("words", "the words in this order; words that are given twice are there twice"),
        reference=f"""
def solve(words):
    return sorted(words, key=lambda word: ({", ".join(keys)},))
""",
        brute="""
def solve(words):
    ordered = []
    for word in words:
        place = 0
        while place < len(ordered) and not comes_before(word, ordered[place]):
            place += 1
        ordered.insert(place, word)
    return ordered

def comes_before(one, other):
    if "$by_length" and len(one) != len(other):
        return (len(one) < len(other)) == ("$by_length" == "shorter")
    if $is_reversed:
        one, other = one[::-1], other[::-1]
    for mine, yours in zip(one, other):
        if mine != yours:
            return "$ranks".find(mine) < "$ranks".find(yours)
    return len(one) < len(other)
""",
        mutants={
            "takes two letters for each other": (f'"{order}"', f'"{order[1]}{order[0]}{order[2:]}"'),
            "reads words the other way": (f"in {read}]", f"in {'word' if is_reversed else 'reversed(word)'}]"),
            "turns the order round": ("],))", "],), reverse=True)"),
            "drops words given twice": ("sorted(words", "sorted(set(words)"),
            "compares first letters only": (f"in {read}]", f"in list({read})[:1]]"),
        },
        parameters={
            "by_length": by_length,
            "is_reversed": is_reversed,
            "ranks": order[::-1] if is_down else order,
        },
        edges=[
            ([],),
            ([letters[0]],),
            ([letters[0] * 2, letters[0], letters[0] * 3],),
            ([letters, letters[::-1]] * 2,),
            (list(letters),),
            ([letters[0] + letters[1], letters[1] + letters[0], letters[0], letters[1]],),
        ],
        case=lambda rng, size: ([_letters(rng, rng.randint(1, 4), letters) for _ in range(size)],),
        small=12,
    )


def word_families(rng: random.Random, level: int) -> Problem:
    """Words of the same letters, as families."""
    letters = _alphabet(rng, 3)
    ignored = rng.choice(letters) if level >= 1 else ""
    once = level >= 2 and rng.random() < 0.5
    low = rng.randint(2, 3)
    order, sign = rng.choice((("largest", -1), ("smallest", 1)))
    shown, show = rng.choice((("first", "family[0]"), ("last", "family[-1]"), ("alphabetically first", "min(family)")))
    same = "the same letters, no matter how often" if once else "the same letters, each as often"
    leaving = f" The letter {ignored} is ignored." if ignored else ""
    kind = "set" if once else "list"
    return Problem(
        words=(
            f"Two words are of one family if they have {same}.{leaving} Families with fewer than {low} words are of "
            "no interest; a word that is given several times counts several times."
        ),
        takes=(Argument("words", "words", f"up to 60 words of 1 to 6 letters out of {listed(letters)}"),),
        gives=Result(
            "words",
            f"the {shown} word of each family, the {order} families first; families of one size in the order in which "
            "their first words are given",
        ),
        reference="""
def solve(words):
    families = {}
    for word in words:
        key = "".join(sorted($kind(word.replace("$ignored", ""))))
        families.setdefault(key, []).append(word)
    chosen = [family for family in families.values() if len(family) >= $low]
    chosen.sort(key=lambda family: $sign * len(family))
    return [$show for family in chosen]
""",
        brute="""
def solve(words):
    families = []
    for word in words:
        for family in families:
            if related(word, family[0]):
                family.append(word)
                break
        else:
            families.append([word])
    sizes = sorted({len(family) for family in families if len(family) >= $low}, reverse=$sign < 0)
    return [$show for size in sizes for family in families if len(family) == size]

def related(one, other):
    letters = set("$letters") - set("$ignored")
    if $once:
        return all((letter in one) == (letter in other) for letter in letters)
    return all(one.count(letter) == other.count(letter) for letter in letters)
""",
        mutants={
            "counts letters the other way": ("sorted($kind(", "sorted($other("),
            "takes smaller families, too": ("len(family) >= $low", "len(family) >= $low - 1"),
            "leaves out the smallest families": ("len(family) >= $low", "len(family) > $low"),
            "turns the order of sizes round": ("$sign * len", "-$sign * len"),
            "orders families of a size by their words": ("$sign * len(family))", "($sign * len(family), family[0]))"),
            "counts a word once": ("len(family) >= $low", "len(set(family)) >= $low"),
            "compares letters as they stand": ('"".join(sorted($kind(word.replace("$ignored", ""))))', "word"),
        }
        | ({"ignores no letter": ('"$ignored", ""', '"", ""')} if ignored else {}),
        parameters={
            "kind": kind,
            "other": "list" if once else "set",
            "once": once,
            "ignored": ignored,
            "low": low,
            "sign": sign,
            "show": show,
            "letters": letters,
        },
        edges=[
            ([],),
            ([letters] * 4,),
            ([letters, letters[::-1], letters[1:] + letters[0]],),
            (list(letters) * 2,),
            ([letters[0], letters[0] * 2, letters[0] * 3, letters[1], letters[1], letters[1]],),
        ],
        case=lambda rng, size: ([_letters(rng, rng.randint(1, 3), letters) for _ in range(2 * size)],),
        small=12,
    )


TEMPLATES = tuple(
    Template("strings", draw.__name__, draw)
    for draw in (packed_runs, shifted_letters, shortest_window, palindromes_inside, sorted_words, word_families)
)
