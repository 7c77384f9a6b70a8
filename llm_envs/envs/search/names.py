"""Names that mean nothing outside an encyclopedia: made of syllables and of plain words, drawn without repeats.

What a model knows of the world does not help it with these. Deliberately absent: names of real places and people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["ADJECTIVES", "EVENTS", "FIELDS", "FIRST", "HOUSES", "NOUNS", "PROFESSIONS", "WORKS", "coined", "pairs"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Ada Alban Alma Anton Arvid Astrid Bela Berit Boris Bruno Carla Casper Clara Cora Dagny Darius Diana Edda "
    "Edgar Elena Emil Erna Esra Felix Flora Frida Georg Greta Gustav Hanna Hector Helga Hugo Ida Igor Ines Irma "
    "Isak Ivo Jana Jasper Jonas Judith Julia Karin Klara Konrad Lara Lena Leon Lionel Lotte Lucia Magda Marek "
    "Marta Mila Mirjam Nadja Nils Nora Oda Olga Oscar Otto Paula Petra Pia Quentin Ragnar Rita Rosa Rufus Selma "
    "Sigrid Silas Sonja Stella Svea Tamar Tessa Theo Tilda Ulla Urban Vera Viggo Wanda Xenia Yngve Zelda"
)
ADJECTIVES = _words(
    "Amber Ancient Ashen Bitter Blue Borrowed Bright Broken Burning Copper Crimson Distant Dry Early Empty "
    "Endless Faded Fallen Final First Folded Foreign Frozen Gentle Gilded Golden Green Grey Hidden Hollow Idle "
    "Inner Iron Ivory Last Late Level Little Locked Lonely Long Lost Low Marble Mild Narrow Nameless Northern "
    "Open Outer Painted Pale Patient Plain Quiet Red Restless Scarlet Second Secret Severed Shallow Silent Silver "
    "Sleeping Slow Southern Steep Stolen Sudden Tall Tender Third Twin Unseen Upper Veiled Violet Wandering "
    "Western White Wide Wild Winter Wooden"
)
NOUNS = _words(
    "Anchor Archive Arrow Attic Balcony Barge Basket Beacon Bell Boundary Bridge Candle Canal Caravan Cellar "
    "Chapel Clock Coast Compass Corridor Courtyard Crossing Dial Ditch Door Drum Echo Embankment Estuary Falcon "
    "Fence Ferry Field Flag Forest Fountain Furnace Garden Gate Glacier Granary Harbour Harvest Heron Hill "
    "Horizon Hour House Island Journey Kettle Key Ladder Lake Lamp Lantern Ledger Letter Lighthouse Loom Map "
    "Market Meadow Mill Mirror Mountain Needle Oath Orchard Parade Path Pilot Plough Quarry Raft Reed River Road "
    "Roof Sail School Shadow Shore Spring Stair Station Stone Storm Stranger Street Summer Tailor Tower Train "
    "Valley Voyage Wall Weaver Well Window Witness"
)
FIELDS = _words(
    "Agrarian Astronomical Botanical Ceramic Chemical Choral Coastal Dramatic Forestry Geological Glacial "
    "Historical Horological Hydraulic Linguistic Maritime Mechanical Medical Metallurgical Meteorological Mineral "
    "Musical Nautical Optical Pedagogical Philological Railway Seismic Surgical Textile Topographic Veterinary"
)
HOUSES = ("academy", "archive", "college", "foundation", "guild", "institute", "league", "museum", "society", "union")
PROFESSIONS = (
    *("architect", "botanist", "cartographer", "chemist", "composer", "dramatist", "engineer", "essayist", "geologist"),
    *("historian", "jurist", "linguist", "mathematician", "novelist", "painter", "physician", "poet", "sculptor"),
)
WORKS = ("comedy", "history", "memoir", "novel", "opera", "play", "poem", "treatise")
EVENTS = ("Carnival", "Congress", "Contest", "Exhibition", "Fair", "Festival", "Games", "Marathon", "Race", "Regatta")

_STARTS = _words(
    "Al Ar Bal Bar Bel Bor Bra Bren Cal Car Cor Dal Dar Del Dor Dra Dun El Er Fal Far Fen Gal Gar Gor Gra Hal Har "
    "Hel Hol Il Ir Jar Jor Kal Kar Kel Kor Kra Lan Lar Lem Lor Mal Mar Mel Mir Mor Nal Nar Nel Nor Ol Or Os Pal "
    "Par Pel Por Ral Rav Rel Ror Sal Sar Sel Sor Stra Tal Tar Tel Tor Tra Ul Ur Val Var Vel Vor Wal War Wel Wor "
    "Yar Yel Zal Zar Zor"
)
_MIDDLES = ("", "", "a", "e", "i", "o", "an", "en", "in", "on", "ar", "er", "or", "al", "el", "im")
_ENDS = {
    "city": _words(
        "bach berg dam dorf fels ford gard grad ham haven holm mond mouth nik pol port stad stow ton tun vik wick zell"
    ),
    "country": _words("avia donia gia land mark nia ria stan thia via"),
    "family": _words(
        "beck brandt dahl feld gren hart holt kamp lind low man mann ner quist rup sen ski son stein strom vall veen "
        "witz"
    ),
}


def coined(rng: np.random.Generator, sort: str, count: int) -> list[str]:
    """Different invented words.

    Args:
        sort: `city`, `country` or `family`.
    """
    found: dict[str, None] = {}
    while len(found) < count:
        for parts in zip(*(rng.integers(len(part), size=count).tolist() for part in _parts(sort)), strict=True):
            found["".join(part[at] for part, at in zip(_parts(sort), parts, strict=True))] = None
    return list(found)[:count]


def _parts(sort: str) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    return _STARTS, _MIDDLES, _ENDS[sort]


def pairs(rng: np.random.Generator, ones: Sequence[str], others: Sequence[str], count: int) -> list[tuple[str, str]]:
    """Different pairs of a word each, at random."""
    chosen = rng.permutation(len(ones) * len(others))[:count].tolist()
    return [(ones[number // len(others)], others[number % len(others)]) for number in chosen]
