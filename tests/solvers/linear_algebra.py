"""Solvers of the linear algebra families, from the text of a problem alone."""

from __future__ import annotations

import re

import sympy

from solvers.reading import NAMES, expression, formulas, integers, matrices, sides

K = NAMES["k"]


def take_determinant(question):
    """Of the matrix that is shown, or of one built as it is described."""
    if shown := matrices(question):
        return shown[0].det()
    size, inside, *others = integers(question.replace("\\times", " "))[1:]
    if "everywhere else" in question and len(others) == 1:
        return sympy.Matrix(size, size, lambda i, j: inside if i == j else others[0]).det()
    bands = {0: inside, 1: others[0], -1: others[1]}
    return sympy.Matrix(size, size, lambda i, j: bands.get(j - i, 0)).det()


def multiply(question):
    """Follow the formula."""
    a, *others = matrices(question)
    wanted = re.search(r"Find \$(.*?)\$\.$", question)
    if wanted is None:
        return a * others[0]
    if power := re.fullmatch(r"A\^\{?(\d+)\}?", wanted[1]):
        return sympy.prod([a] * int(power[1]), start=sympy.eye(a.rows))
    if wanted[1] == "AB - BA":
        return a * others[0] - others[0] * a
    if wanted[1].endswith("AB"):
        return int(wanted[1][:-2]) * a * others[0]
    return polynomial_of(wanted[1], a)


def polynomial_of(formula, a):
    """`A^2 + pA + qI`."""
    x, one = NAMES["x"], sympy.eye(a.rows)
    coefficients = sympy.Poly(expression(formula.replace("A", "x").replace("I", "x^0")), x).all_coeffs()
    return sum((c * a**power for power, c in enumerate(reversed(coefficients))), 0 * one)


def solve_for_matrix(question):
    """Entries are unknowns, and the equation a linear system."""
    given = matrices(question)
    a = given[0]
    unknown = sympy.Matrix(a.rows, given[-1].cols, sympy.symbols(f"u:{a.rows * given[-1].cols}"))
    equation = re.search(r"\$(\w+) = (.*?)\$", question) if "with" in question else None
    if equation is None:
        apart = a * unknown - sympy.eye(a.rows)
    elif equation[1] == "AXB":
        apart = a * unknown * given[1] - given[2]
    elif equation[1] == "AX":
        apart = a * unknown - given[1]
    else:
        digits = re.match(r"(-?\d*)X", equation[2])[1]
        factor = int(digits if digits[-1:].isdigit() else f"{digits}1")
        apart = unknown * a - factor * unknown - given[1]
    (solution,) = sympy.linsolve(list(apart), list(unknown))
    return sympy.Matrix(*unknown.shape, list(solution))


def find_eigenvalues(question):
    """Zeros of the characteristic polynomial."""
    (a,) = matrices(question)
    if "B = " in question:
        a = polynomial_of(re.search(r"B = (.*?)\$", question)[1], a)
    return sympy.FiniteSet(*a.eigenvals())


def find_parameter(question):
    """Zeros of a determinant; where the kind of failure counts, look at each of them."""
    if "linearly dependent" in question:
        return zeros(sympy.Matrix.hstack(*matrices(question)).det())
    if "singular" in question:
        return zeros(matrices(question)[0].det())
    lines = re.search(r"\\begin\{cases\} (.*) \\end\{cases\}", question)[1].split(r" \\ ")
    names = [NAMES[name] for name in "xyz"][: len(lines)]
    a, b = sympy.linear_eq_to_matrix([sympy.expand(sides(line)) for line in lines], names)
    found = zeros(a.det())
    if "no solution" in question:
        return sympy.FiniteSet(*(k for k in found if not solvable(a, b, k)))
    if "infinitely many" in question:
        return sympy.FiniteSet(*(k for k in found if solvable(a, b, k)))
    return found


def zeros(determinant):
    """Real values of k."""
    return sympy.solveset(sympy.expand(determinant), K, sympy.S.Reals)


def solvable(a, b, k):
    """Whether the system has solutions for this k."""
    return sympy.Matrix.hstack(a, b).subs(K, k).rank() == a.subs(K, k).rank()


def project(question):
    """By least squares, with QR in place of the formulas."""
    if "least squares" in question:
        points = [sympy.Matrix(integers(text)) for text in re.findall(r"\(-?\d+, -?\d+\)", question)]
        design = sympy.Matrix([[1, point[0]] for point in points])
        return sympy.Tuple(*design.solve_least_squares(sympy.Matrix([point[1] for point in points]), method="QR"))
    vectors = [sympy.Matrix(integers(text)) for text in re.findall(r"\((?:-?\d+, )+-?\d+\)", question)]
    if "Find the pair" in question:
        u, v, w = vectors
        return sympy.Tuple(*sympy.Matrix.hstack(u, v).LUsolve(w))
    if "plane $" in question:
        return closest_in_plane(formulas(question)[0], vectors[0])
    target, *spanning = vectors
    basis = sympy.Matrix.hstack(*spanning)
    foot = basis * basis.solve_least_squares(target, method="QR")
    return sympy.Tuple(*(2 * foot - target if "Reflect" in question else foot))


def closest_in_plane(plane, point):
    """By SymPy's geometry."""
    apart = sides(plane)
    names = [NAMES[name] for name in "xyz"]
    normal = [apart.coeff(name) for name in names]
    on_it = sympy.solve(apart.subs({names[1]: 0, names[2]: 0}), names[0])[0]
    return sympy.Tuple(*sympy.Plane((on_it, 0, 0), normal).projection(sympy.Point3D(*point)).args)


SOLVERS = {
    "matrix_determinant": take_determinant,
    "matrix_product": multiply,
    "inverse_matrix": solve_for_matrix,
    "eigenvalues": find_eigenvalues,
    "parameter": find_parameter,
    "projection": project,
}
