"""Linear algebra: determinants, products, inverses, eigenvalues, systems with a parameter, projections."""

from llm_envs.envs.math.linear_algebra import determinants, eigenvalues, inverses, parameters, products, projections
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("linear_algebra", "matrix_determinant", "integer", determinants.matrix_determinant),
    Family("linear_algebra", "matrix_product", "matrix", products.matrix_product),
    Family("linear_algebra", "inverse_matrix", "matrix", inverses.inverse_matrix),
    Family("linear_algebra", "eigenvalues", "set", eigenvalues.eigenvalues),
    Family("linear_algebra", "parameter", "set", parameters.parameter),
    Family("linear_algebra", "projection", "tuple", projections.projection),
)
