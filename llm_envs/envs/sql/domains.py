"""What databases are about: a dozen small domains of three or four kinds of things each.

A domain is written down as text: a line for a kind of thing, in the singular and the plural, and under it a line for
each of its columns: its name, its kind, and what its values are. A `?` behind a name says that values may be unknown.

    name    words of a list (people, titles, products, places)
    label   one of those listed
    whole   an integer in a range
    money   a multiple of 0.25 in a range: sums of these are exact, in whatever order they are added
    date    a day in a range of years
    flag    what 1 means, and what 0 means
    key     the id of another thing; `loose` where it may be one that is no longer on record

What stands behind `:` are the column's words in questions, where they are not its name.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple, cast

__all__ = ["DOMAINS", "Field", "Kind", "Thing", "domain"]

Kind = Literal["name", "label", "whole", "money", "date", "flag", "key"]


class Field(NamedTuple):
    """One column.

    Args:
        words: what questions call it.
        values: its list, its range, or the meanings of 1 and 0.
        parent: the thing that a key leads to.
    """

    name: str
    kind: Kind
    words: str
    may_be_unknown: bool
    values: tuple[str, ...] = ()
    parent: str = ""
    loose: bool = False


class Thing(NamedTuple):
    """One table."""

    one: str
    many: str
    fields: tuple[Field, ...]


_TEXT = """
library
  author/authors
    name name people
    country? label Chad|Chile|India|Japan|Kenya|Norway|Peru
    born? whole 1900..1995 : year of birth
    living flag is alive|is no longer alive
  book/books
    title name titles
    author? key author
    genre label novel|poems|essay|drama|history
    price? money 4..60
    pages whole 60..900 : number of pages
    published? date 2010..2024 : date of publication
    signed flag is signed|is not signed
  loan/loans
    book key book
    reader name people
    taken date 2022..2024 : day of borrowing
    returned? date 2022..2024 : day of return
    fee? money 0..12
shop
  customer/customers
    name name people
    city? label Arden|Brook|Corby|Dover|Ely|Frome
    joined date 2015..2024 : day of joining
    points? whole 0..900 : number of points
  product/products
    name name products
    category? label tools|toys|garden|kitchen|books
    price money 2..200
    weight? whole 50..4000 : weight in grams
    sold_out flag is sold out|is not sold out
  order/orders
    customer key customer loose
    product? key product
    quantity whole 1..12
    status label open|paid|sent|lost
    placed date 2022..2024 : day of ordering
    discount? money 0..20
school
  teacher/teachers
    name name people
    subject? label maths|history|music|chemistry|sport
    salary? money 1800..5200
    hired date 2000..2024 : day of hiring
  course/courses
    title name titles
    teacher? key teacher
    room? label A1|A2|B1|B2|C3
    hours whole 1..8 : number of weekly hours
    optional flag is optional|is not optional
  pupil/pupils
    name name people
    tutor? key teacher
    born date 2006..2014 : day of birth
    town? label Arden|Brook|Corby|Dover
  grade/grades
    pupil key pupil
    course key course
    points? whole 0..15 : number of points
    given date 2023..2024 : day of grading
hospital
  doctor/doctors
    name name people
    field? label surgery|eyes|heart|skin|children
    room? whole 1..40 : number of the room
    since date 1995..2024 : first day of work
  patient/patients
    name name people
    doctor? key doctor
    blood? label A|B|AB|0 : blood group
    born date 1930..2020 : day of birth
    insured flag is insured|is not insured
  visit/visits
    patient key patient
    doctor key doctor loose
    day date 2022..2024 : day of the visit
    cost? money 10..400
    minutes whole 5..90 : number of minutes
    kind label check|urgent|control|vaccine
airline
  airport/airports
    name name places
    country label Chad|Chile|India|Japan|Kenya|Norway|Peru
    runways? whole 1..6 : number of runways
    opened? date 1950..2015 : day of opening
  plane/planes
    model label Heron 2|Heron 4|Swift|Condor|Plover
    seats whole 20..400 : number of seats
    bought? date 1998..2024 : day of purchase
    leased flag is leased|is not leased
  flight/flights
    origin key airport
    target? key airport
    plane? key plane loose
    day date 2023..2024
    fare? money 40..900
    passengers whole 0..380 : number of passengers
    status label on time|late|cancelled
football
  club/clubs
    name name places
    league? label north|south|east|west
    founded whole 1880..2005 : year of foundation
    budget? money 100..900
  player/players
    name name people
    club? key club
    position label goal|defence|midfield|attack
    born date 1985..2007 : day of birth
    wage? money 5..90
    captain flag is captain|is not captain
  game/games
    home key club
    guest key club
    day date 2022..2024
    home_goals? whole 0..6 : number of home goals
    guest_goals? whole 0..6 : number of guest goals
    viewers whole 100..9000 : number of viewers
farm
  field/fields
    name name places
    soil? label clay|sand|loam|peat
    area money 1..40 : area in hectares
    leased flag is leased|is not leased
  worker/workers
    name name people
    wage? money 12..40
    hired date 2005..2024 : day of hiring
    boss? key worker
  harvest/harvests
    field key field
    worker? key worker
    crop label wheat|rye|beans|maize|oats
    day date 2021..2024
    tonnes? whole 1..60 : number of tonnes
    price? money 80..300 : price of a tonne
cinema
  film/films
    title name titles
    genre? label comedy|drama|horror|western|cartoon
    minutes whole 70..200 : length in minutes
    released? date 1980..2024 : day of release
    dubbed flag is dubbed|is not dubbed
  hall/halls
    name name places
    seats whole 40..600 : number of seats
    screen? label small|large|curved : kind of screen
  showing/showings
    film key film
    hall? key hall
    day date 2023..2024
    price? money 5..20
    sold? whole 0..600 : number of tickets sold
bank
  branch/branches
    name name places
    region? label north|south|east|west
    staff whole 2..60 : number of employees
    opened date 1970..2020 : day of opening
  account/accounts
    owner name people
    branch key branch
    kind label giro|savings|youth|firm
    balance? money -500..9000
    opened date 2001..2024 : day of opening
    locked flag is locked|is not locked
  transfer/transfers
    source key account
    target? key account
    amount money 1..900
    day date 2023..2024
    purpose? label rent|salary|gift|goods|other
museum
  artist/artists
    name name people
    country? label Chad|Chile|India|Japan|Kenya|Norway|Peru
    born? whole 1400..1990 : year of birth
  work/works
    title name titles
    artist? key artist
    technique label oil|ink|bronze|wood|photo
    year? whole 1450..2024
    value? money 50..9000
    on_display flag is on display|is not on display
  show/shows
    title name titles
    city label Arden|Brook|Corby|Dover|Ely
    opening date 2019..2024 : first day
    closing? date 2019..2024 : last day
  exhibit/exhibits
    work key work
    show key show
    room? whole 1..12 : number of the room
    insured money 50..900 : insured sum
firm
  department/departments
    name name places
    city? label Arden|Brook|Corby|Dover
    budget? money 500..9000
  employee/employees
    name name people
    department? key department
    chief? key employee
    salary? money 1500..7000
    hired date 2001..2024 : day of hiring
    title label clerk|engineer|cook|driver|analyst
    part_time flag works part-time|does not work part-time
  project/projects
    name name products
    department key department loose
    start date 2020..2024 : first day
    finish? date 2020..2024 : last day
    cost? money 100..5000
  task/tasks
    project key project
    employee? key employee
    hours whole 1..80 : number of hours
    state label new|active|done|dropped
    due? date 2021..2024 : day on which it is due
city
  district/districts
    name name places
    people whole 900..90000 : number of inhabitants
    mayor? name people
    area? money 1..80 : area in square kilometres
  station/stations
    name name places
    district? key district
    opened date 1950..2024 : day of opening
    lifts whole 0..6 : number of lifts
    roofed flag has a roof|has no roof
  line/lines
    name label red|blue|green|amber|violet
    kind? label bus|tram|metro
    length? money 2..40 : length in kilometres
  stop/stops
    station key station
    line key line
    minutes? whole 0..60 : number of minutes from the start
    riders? whole 0..9000 : number of daily riders
    surveyed date 2022..2024 : day of the survey
"""


def _field(line: str) -> Field:
    declared, _, words = (part.strip() for part in line.partition(" : "))
    marked, kind, *rest = declared.split(maxsplit=2)
    name, values = marked.removesuffix("?"), rest[0]
    base = Field(name, cast("Kind", kind), words or name.replace("_", " "), marked.endswith("?"))
    if kind == "key":
        parent, *loose = values.split()
        return base._replace(name=f"{name}_id", parent=parent, loose=bool(loose))
    return base._replace(values=tuple(values.split(".." if ".." in values else "|")))


@cache
def domain(name: str) -> tuple[Thing, ...]:
    """The things of a domain, each after those that its keys lead to."""
    body = _TEXT.partition(f"\n{name}\n")[2]
    things: list[Thing] = []
    for line in body.splitlines():
        if not line.startswith(" "):
            break
        if not line.startswith("    "):
            one, _, many = line.strip().partition("/")
            things.append(Thing(one, many, ()))
        else:
            things[-1] = things[-1]._replace(fields=(*things[-1].fields, _field(line)))
    return tuple(things)


DOMAINS = tuple(line for line in _TEXT.splitlines() if line and not line.startswith(" "))
