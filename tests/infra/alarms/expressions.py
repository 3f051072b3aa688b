"""CloudWatch's metric math, as far as our alarms use it, one datapoint at a time.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

type Point = float | None
"""None: no data."""

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


def value(expression: str, points: Mapping[str, Point]) -> Point:
    """The value of an expression where the metrics have `points`, by their ids.

    Raises ValueError for what this does not know, KeyError for an id that is not there.
    """
    return _value(ast.parse(expression, mode="eval").body, points)


def _value(node: ast.expr, points: Mapping[str, Point]) -> Point:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return points[name]
        case ast.BinOp(left=left, op=how, right=right):
            return _calculated(_ARITHMETIC[type(how)], _value(left, points), _value(right, points))
        case ast.Compare(left=left, ops=[how], comparators=[right]):
            return _calculated(_COMPARISONS[type(how)], _value(left, points), _value(right, points))
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            holds = _value(condition, points)
            return None if holds is None else _value(then if holds else otherwise, points)
        case ast.Call(func=ast.Name(id="SUM" | "MAX" as name), args=[ast.List(elts=members)]):
            return _together(name, [_value(member, points) for member in members])
    raise ValueError(f"metric math that this does not know: {ast.unparse(node)}")


def _calculated(how: Callable[[float, float], float], left: Point, right: Point) -> Point:
    """Where one side has data, the other's missing value is 0. A division by zero drops the datapoint."""
    if left is None and right is None:
        return None
    try:
        return float(how(left or 0.0, right or 0.0))
    except ZeroDivisionError:
        return None


def _together(name: str, points: Sequence[Point]) -> Point:
    """Of several metrics at one time: those that have data."""
    present = [point for point in points if point is not None]
    return (sum(present) if name == "SUM" else max(present)) if present else None
