"""Geometry: triangles, circles, polygons, lines, solids, space; all answers exact."""

from llm_envs.envs.math.geometry import angles, circles, loci, polygons, solids, space, triangles
from llm_envs.envs.math.problem import Family

__all__ = ["FAMILIES"]

FAMILIES = (
    Family("geometry", "angle", "integer", angles.angle),
    Family("geometry", "triangle_length", "exact", triangles.triangle_length),
    Family("geometry", "circle", "exact", circles.circle),
    Family("geometry", "polygon", "fraction", polygons.polygon),
    Family("geometry", "locus", "equation", loci.locus),
    Family("geometry", "solid", "exact", solids.solid),
    Family("geometry", "distance_in_space", "exact", space.distance_in_space),
)
