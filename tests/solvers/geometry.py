"""Solvers of the geometry families, from the text of a problem alone: coordinates in place of theorems."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations
from math import atan2, cos, degrees, dist, hypot, radians, tan

import sympy

from solvers.reading import NAMES, expression, formulas, integers, sides

X, Y = NAMES["x"], NAMES["y"]
PI = sympy.pi


# Angles: a triangle is drawn, and measured


def draw(at_a, at_b):
    """Corners of a triangle with these angles at the first two of them."""
    height = 10 * tan(at_a) * tan(at_b) / (tan(at_a) + tan(at_b))
    return (0.0, 0.0), (10.0, 0.0), (height / tan(at_a), height)


def measure(p, apex, q):
    """The angle at the apex, in radians."""
    (a, b), (c, d) = ((end[0] - apex[0], end[1] - apex[1]) for end in (p, q))
    return abs(atan2(a * d - b * c, a * c + b * d))


def foot(p, a, b):
    """Of the perpendicular from p to the line through a and b."""
    share = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / dist(a, b) ** 2
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def incentre(a, b, c):
    """Weighted by the opposite sides."""
    weights = dist(b, c), dist(c, a), dist(a, b)
    return tuple(sum(w * p[i] for w, p in zip(weights, (a, b, c), strict=True)) / sum(weights) for i in (0, 1))


def circumcentre(a, b, c):
    """From the equations of two perpendicular bisectors, a at the origin."""
    below = 2 * (b[0] * c[1] - b[1] * c[0])
    b2, c2 = hypot(*b) ** 2, hypot(*c) ** 2
    return (c[1] * b2 - b[1] * c2) / below, (b[0] * c2 - c[0] * b2) / below


def measure_angle(question):
    """Draw the figure, and measure it."""
    if "x" in formulas(question)[4]:
        terms = [expression(text.replace("^\\circ", "")) for text in formulas(question)[4:7]]
        (x,) = sympy.solve(sum(terms) - 180, X)
        return terms[corner_of(question)].subs(X, x)
    given = [radians(int(size)) for size in re.findall(r"is \$(\d+)\^", question)]
    return round_surely(degrees(figure(question, given)))


def corner_of(question):
    """Which of the three corners is asked for."""
    names = re.findall(r"\$([A-Z])\$", question)
    return names.index(names[-1])


def round_surely(value):
    """To the integer that it is but for rounding errors."""
    assert abs(value - round(value)) < 1e-6
    return round(value)


def figure(question, given):
    """The angle that is asked for, in radians."""
    if "incentre" in question:
        seen, at_b = given
        at_a = 2 * seen - radians(180)
        a, b, c = draw(at_a, at_b)
        centre = circumcentre(a, b, c)
        height = (a[0] + b[0] + c[0] - 2 * centre[0], a[1] + b[1] + c[1] - 2 * centre[1])
        assert abs(measure(b, incentre(a, b, c), c) - seen) < 1e-9
        return measure(centre, b, height)
    if "isosceles" in question or "lies on the side" in question:
        at_b, at_c = given
        b, c, a = draw(at_b, at_c)
        d = (hypot(*a) / 2 / cos(at_b), 0.0)
        share = 2 * dist(d, c) * cos(at_c) / dist(c, a)
        e = tuple(c[i] + share * (a[i] - c[i]) for i in (0, 1))
        assert 0 < share < 1
        assert abs(dist(d, e) - dist(d, c)) < 1e-9
        return measure(a, d, e)
    if "altitude" in question:
        return search(*given, radians(int(re.search(r"angle of \$(\d+)", question)[1])))
    a, b, c = draw(*given)
    if "meet at $I$" in question:
        return measure(a, incentre(a, b, c), b)
    inner = measure(a, c, b)
    return radians(180) - inner if "exterior" in question else inner


def search(at_a, apart):
    """The one larger angle, in whole degrees, that puts altitude and bisector so far apart; then the third angle."""
    drawn = [draw(at_a, radians(size)) for size in range(round(degrees(at_a)) + 1, 180 - round(degrees(at_a)))]
    (found,) = [(a, b, c) for a, b, c in drawn if abs(measure(foot(c, a, b), c, incentre(a, b, c)) - apart) < 1e-9]
    return measure(found[0], found[2], found[1])


# Triangles: exact coordinates


def corners(a, b, c):
    """Exact corners of the triangle with sides a = BC, b = CA, c = AB."""
    x = sympy.Rational(b * b + c * c - a * a, 2 * c)
    return sympy.Point(0, 0), sympy.Point(c, 0), sympy.Point(x, sympy.sqrt(b * b - x * x))


def find_length(question):
    """By coordinates."""
    if "right triangle" in question:
        first, second = integers(question)
        return sympy.sqrt(first**2 + second**2 if "The legs" in question else first**2 - second**2)
    if "angle between them" in question:
        p, q, turn = formulas(question)
        end = expression(p) * sympy.exp(sympy.I * PI * sympy.Rational(int(turn.split("^")[0]), 180))
        return sympy.sqrt(sympy.expand(sympy.expand_complex(abs(end - int(q)) ** 2)))
    numbers = integers(question)
    triangle = numbers if len(numbers) == 3 else [numbers[0], numbers[1], numbers[1]]
    return next(find(*corners(*triangle)) for words, find in LENGTHS.items() if words in question)


LENGTHS = {
    "What is its area": lambda a, b, c: abs(sympy.Triangle(a, b, c).area),
    "altitude": lambda a, b, c: sympy.Line(b, c).distance(a),
    "median": lambda a, b, c: a.distance(b.midpoint(c)),
    "bisector": lambda a, b, c: a.distance(b + (c - b) * a.distance(b) / (a.distance(b) + a.distance(c))),
    "radius": lambda a, b, c: sympy.Triangle(a, b, c).circumradius,
}


# Circles and solids: integrals in place of formulas


def measure_circle(question):
    """Arcs and areas by integration, tangents by coordinates."""
    return next(measure(question, integers(question)) for words, measure in FIGURES.items() if words in question)


def wheels(question, numbers):
    """A belt around two of them."""
    return belt(*numbers[:3], crossed="crossing itself once" in question)


def touching_line(question, numbers):
    """The tangent of two circles."""
    large, small, apart = numbers
    return tangent_length(large, small if "the same side" in question else -small, apart)


def chord(_question, numbers):
    """Where the line at this distance meets the circle."""
    radius, distance = numbers
    return sum(map(abs, sympy.solve(X**2 + distance**2 - radius**2, X)))


def tangent(_question, numbers):
    """To the point of the circle whose polar goes through the other point."""
    distance, radius = numbers
    touching = sympy.Rational(radius**2, distance)
    return sympy.sqrt((distance - touching) ** 2 + radius**2 - touching**2)


def ring_sector(question, numbers):
    """Area or perimeter."""
    outer, turn, inner = numbers[:3]
    angle = PI * sympy.Rational(turn, 180)
    if "What is the area" in question:
        return sympy.integrate(X * angle, (X, inner, outer))
    return 2 * (outer - inner) + angle * (outer + inner)


def sector(question, numbers):
    """Arc or area."""
    radius, turn = numbers
    angle = PI * sympy.Rational(turn, 180)
    return radius * angle if "an arc" in question else sympy.integrate(X * angle, (X, 0, radius))


def segment(question, numbers):
    """By the formula with the sine."""
    radius, turn = numbers
    angle = PI * sympy.Rational(turn, 180)
    smaller = sympy.Rational(radius**2, 2) * (angle - sympy.sin(angle))
    return smaller if "smaller" in question else PI * radius**2 - smaller


FIGURES = {
    "belt": wheels,
    "Two circles": touching_line,
    "How long is the chord": chord,
    "a tangent from": tangent,
    "cut away": ring_sector,
    "cuts the disc": segment,
    "central angle": sector,
}


def tangent_length(first, second, apart):
    """Between the points where a line with unit normal (u, v) touches circles at 0 and `apart`, radii with sign."""
    u = sympy.Rational(first - second, apart)
    v = sympy.sqrt(1 - u**2)
    return sympy.Point(first * u, first * v).distance(sympy.Point(apart + second * u, second * v))


def belt(large, small, apart, *, crossed):
    """Twice the tangent, and the arcs."""
    straight = tangent_length(large, -small if crossed else small, apart)
    turn = sympy.acos(sympy.Rational(large + small if crossed else large - small, apart))
    return 2 * straight + 2 * (PI - turn) * large + 2 * (PI - turn if crossed else turn) * small


def measure_solid(question):
    """Volumes by slices."""
    numbers = integers(question)
    if "bucket" in question:
        height, small, large = numbers
        return sympy.integrate(PI * (small + (large - small) * X / height) ** 2, (X, 0, height))
    if "ball" in question:
        distance, radius = numbers
        low = distance if "smaller" in question else -distance
        return sympy.integrate(PI * (radius**2 - X**2), (X, low, radius))
    return pyramid(question, *numbers) if "pyramid" in question else round_solid(question, *numbers)


def pyramid(question, side, edge):
    """The pyramid, or the sphere around it."""
    height = sympy.sqrt(edge**2 - sympy.Rational(side**2, 2))
    if "sphere" not in question:
        return sympy.integrate((side * X / height) ** 2, (X, 0, height))
    (centre,) = sympy.solve((height - X) ** 2 - X**2 - sympy.Rational(side**2, 2), X)
    radius = height - centre
    return 4 * PI * radius**2 if "surface" in question else sympy.Rational(4, 3) * PI * radius**3


def round_solid(question, radius, height):
    """A cylinder or a cone."""
    cylinder = "cylinder" in question
    if "volume" in question:
        return sympy.integrate(PI * (radius if cylinder else radius * X / height) ** 2, (X, 0, height))
    slope = sympy.Rational(0 if cylinder else radius, height)
    start = radius if cylinder else 0
    side = sympy.integrate(2 * PI * (start + slope * X) * sympy.sqrt(1 + slope**2), (X, 0, height))
    return side + 2 * PI * radius**2 if cylinder else side


# Polygons, lines and points


def points_of(question):
    """Points with their coordinates."""
    return [tuple(integers(text)) for text in re.findall(r"\((?:-?\d+, )+-?\d+\)", question)]


def find_area(question):
    """By SymPy's polygons; lattice points by looking at each."""
    if "enclosed by" in question:
        lines = [sides(text) for text in formulas(question)]
        found = [sympy.solve(pair, [X, Y]) for pair in combinations(lines, 2)]
        return abs(sympy.Triangle(*((point[X], point[Y]) for point in found)).area)
    points = points_of(question)
    if "How many points" in question:
        return count_inside(points)
    return abs(sympy.Polygon(*points).area)


def count_inside(points):
    """By the winding of rays, with exact comparisons."""
    edges = list(zip(points, [*points[1:], points[0]], strict=True))
    xs, ys = zip(*points, strict=True)
    return sum(is_inside(x, y, edges) for x in range(min(xs), max(xs) + 1) for y in range(min(ys), max(ys) + 1))


def is_inside(x, y, edges):
    """An odd number of edges to the right of the point, which is on none of them."""
    crossings = 0
    for (a, b), (c, d) in edges:
        turn = (c - a) * (y - b) - (d - b) * (x - a)
        if turn == 0 and min(a, c) <= x <= max(a, c) and min(b, d) <= y <= max(b, d):
            return False
        if (b > y) != (d > y):
            crossings += a + Fraction((y - b) * (c - a), d - b) > x
    return crossings % 2 == 1


def find_locus(question):
    """Left minus right of an equation that holds on it."""
    points = points_of(question)
    if "centroid" in question:
        a, b, c = (sympy.Matrix(point) for point in points)
        return (c - b).dot(sympy.Matrix([X, Y]) - (a + b + c) / 3)
    squares = [(X - a) ** 2 + (Y - b) ** 2 for a, b in points]
    if "parallel" in question or "perpendicular" in question:
        given = sides(formulas(question)[1])
        a, b = given.coeff(X), given.coeff(Y)
        a, b = (a, b) if "parallel" in question else (b, -a)
        return a * (X - points[0][0]) + b * (Y - points[0][1])
    if "line through" in question:
        return sympy.Matrix([[X, Y, 1], *([*point, 1] for point in points)]).det()
    if "diameter" in question:
        (a, b), (c, d) = points
        return (X - a) * (X - c) + (Y - b) * (Y - d)
    if "whose centre" in question:
        slope, shift = sympy.Poly(expression(formulas(question)[2].split(" = ")[1]), X).all_coeffs()
        apart = (squares[0] - squares[1]).subs(Y, slope * X + shift)
        (p,) = sympy.solve(sympy.expand(apart), X)
        centre = {X: p, Y: slope * p + shift}
        return (X - p) ** 2 + (Y - centre[Y]) ** 2 - squares[0].subs(centre)
    rows = [[x * x + y * y, x, y, 1] for x, y in [(X, Y), *points]]
    return sympy.expand(sympy.Matrix(rows).det())


def find_distance(question):
    """By SymPy's geometry in space, or as the least distance of two moving points."""
    points = [sympy.Point3D(*point) for point in points_of(question)]
    if "from the plane $" in question:
        return plane_of(formulas(question)[1]).distance(points[0])
    return next(find(*points) for words, find in DISTANCES.items() if words in question)


def plane_of(equation):
    """The plane with this equation."""
    apart = sides(equation)
    normal = [apart.coeff(NAMES[name]) for name in "xyz"]
    start = sympy.Point3D(-apart.subs(dict.fromkeys((NAMES[name] for name in "xyz"), 0)) / normal[0], 0, 0)
    return sympy.Plane(start, normal)


def least_distance(*points):
    """Of a point on the line through the first two from one on the line through the others."""
    s, t = sympy.symbols("s t")
    a, b, c, d = (sympy.Matrix(point.args) for point in points)
    apart = a + s * (b - a) - c - t * (d - c)
    square = sympy.expand(apart.dot(apart))
    return sympy.sqrt(square.subs(sympy.solve([square.diff(s), square.diff(t)], [s, t])))


DISTANCES = {
    "between $A": lambda a, b: a.distance(b),
    "area": lambda *points: sympy.Triangle(*flattened(points)).area,
    "from the plane through": lambda d, *points: sympy.Plane(*points).distance(d),
    "from the line": lambda p, *points: sympy.Line3D(*points).distance(p),
    "between the line": least_distance,
}


def flattened(points):
    """A triangle in space, in the plane: same sides."""
    a, b, c = (points[i].distance(points[j]) for i, j in ((1, 2), (2, 0), (0, 1)))
    x = (b**2 + c**2 - a**2) / (2 * c)
    return sympy.Point(0, 0), sympy.Point(c, 0), sympy.Point(x, sympy.sqrt(b**2 - x**2))


SOLVERS = {
    "angle": measure_angle,
    "triangle_length": find_length,
    "circle": measure_circle,
    "polygon": find_area,
    "locus": find_locus,
    "solid": measure_solid,
    "distance_in_space": find_distance,
}
