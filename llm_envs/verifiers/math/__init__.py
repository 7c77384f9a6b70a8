"""The math verifier, one module a layer.

extract     which characters of a reply are its answer, and by which rule
normalise   one way of writing: characters, numerals and number_words do their part of it
quantities  where the unit stands, and one unit for both sides; the units are in units
phrases     words that say the same; choices and dates likewise
parser      text to a tree: lexer, grammar, operands, commands, structures; the names they know are in vocabulary
trees       the trees: plain tuples
forms       how a number is written: worked out or not
statements  what equations say: a value, its name, the solutions of a system
members     what a set, a list or a plus-minus sign stands for
exact       equal or not by arithmetic modulo two primes
numeric     equal or not by many digits at several points
regions     intervals and inequalities as sets of numbers; polynomials finds their ends
equations   equations up to a factor, and definitions of functions
families    values for every integer
vectors     vectors written by their unit vectors
constants   the constant of integration
compare     the rules that put these together; budget bounds what one check may cost
symbolic    SymPy, in worker processes only
reference   reference answers, read once
judge       the way to compare that suits the reference
rules       the named options
verify      the verdict: `llm_envs.verifiers.math(reply, reference)`
partial     how much of a set, tuple or matrix is right
"""
