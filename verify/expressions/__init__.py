"""Expressions of the problem files: parsing, exact and enclosed values."""

from verify.expressions.parser import check_variables, parse, parse_condition
from verify.expressions.tree import Condition, Expression

__all__ = ["Condition", "Expression", "check_variables", "parse", "parse_condition"]
