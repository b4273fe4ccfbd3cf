"""Brute force against the verdicts: dense sampling in floating point, by a reading of expressions of its own.

Each `finds_...` returns a description of a violation it saw, or None. It may miss violations; what it reports is real
up to rounding, so that a verdict `holds` beside a report is a lie.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Function = Callable[[Mapping[str, Array]], Array]

_CALLS: dict[str, Callable[..., Array]] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "exp": np.exp,
    "log": lambda u: np.where(u > 0, np.log(u), np.nan), "sqrt": np.sqrt, "Abs": np.abs, "sign": np.sign,
    "floor": np.floor, "ceiling": np.ceil,
    "Heaviside": lambda u: np.heaviside(u, 0.5), "Max": lambda *u: np.max(np.broadcast_arrays(*u), axis=0),
    "Min": lambda *u: np.min(np.broadcast_arrays(*u), axis=0),
}  # fmt: skip
_COMPARE: dict[type[ast.AST], Callable[[Array, Array], Any]] = {
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
}  # fmt: skip


def reading(text: str) -> Function:
    """Return an expression as a function of arrays, nan or inf where it is undefined."""
    body = ast.parse(text.strip(), mode="eval").body

    def evaluate(values: Mapping[str, Array]) -> Array:
        with np.errstate(all="ignore"):
            shape = np.broadcast(*values.values()).shape
            return np.broadcast_to(_value(body, values), shape).astype(float)

    return evaluate


def _value(node: ast.AST, values: Mapping[str, Array]) -> Any:
    match node:
        case ast.Constant(value):
            return np.float64(value)
        case ast.Name(name):
            return {"pi": np.pi, "E": np.e}[name] if name in ("pi", "E") else values[name]
        case ast.UnaryOp(operation, part):
            return -_value(part, values) if isinstance(operation, ast.USub) else _value(part, values)
        case ast.BinOp(left, operation, right):
            a, b = _value(left, values), _value(right, values)
            match operation:
                case ast.Add():
                    return a + b
                case ast.Sub():
                    return a - b
                case ast.Mult():
                    return a * b
                case ast.Div():
                    return np.divide(a, b)
                case _:
                    return np.power(np.asarray(a, float), b)
        case ast.Compare(left, [operation], [right]):
            return _COMPARE[type(operation)](_value(left, values), _value(right, values))
        case ast.Call(ast.Name("Piecewise"), branches):
            result: Any = None
            for branch in reversed(branches):
                value, condition = branch.elts  # type: ignore[attr-defined]
                found = _value(value, values)
                result = found if result is None else np.where(_value(condition, values), found, result)
            return result
        case ast.Call(ast.Name(name), arguments):
            return _CALLS[name](*(_value(a, values) for a in arguments))
    raise TypeError(ast.dump(node))


def number(text: str) -> float:
    over, _, under = str(text).partition("/")
    return float(over) / float(under or 1)


class Oracle:
    """Samples one problem (the table it is built from)."""

    def __init__(self, problem: Mapping[str, Any], seed: int = 0) -> None:
        self.least = 0.0
        self.domain = problem["domain"]
        self.names: list[str] = self.domain["variables"]
        self.random = np.random.default_rng(seed)
        self.density = reading(problem.get("density", "1"))
        self.target = reading(problem["target"])
        self.pieces = self.domain.get("union", [self.domain])
        self.restriction = self._condition(self.domain.get("restriction"))
        boxes = [self._box(piece) for piece in self.pieces]
        self.low = np.min([low for low, _ in boxes], axis=0)
        self.high = np.max([high for _, high in boxes], axis=0)
        self.scale = float(np.max(self.high - self.low))

    def _condition(self, text: str | None) -> Function | None:
        return None if text is None else reading(f"Piecewise((1, {text}), (0, True))")

    def _box(self, piece: Mapping[str, Any]) -> tuple[Array, Array]:
        if "box" in piece:
            sides = np.array([[number(v) for v in side] for side in piece["box"]])
            return sides[:, 0], sides[:, 1]
        if "ball" in piece:
            centre = np.array([number(v) for v in piece["ball"]["center"]])
            return centre - number(piece["ball"]["radius"]), centre + number(piece["ball"]["radius"])
        points = np.array([[number(v) for v in p] for p in piece["vertices"]])
        return points.min(axis=0), points.max(axis=0)

    def inside(self, points: Array) -> Any:
        """Whether points (rows) lie in some closed piece and satisfy the restriction."""
        found = np.zeros(len(points), bool)
        for piece in self.pieces:
            low, high = self._box(piece)
            if "ball" in piece:
                centre = (low + high) / 2
                found |= ((points - centre) ** 2).sum(axis=1) <= ((high - low)[0] / 2) ** 2
            elif "box" in piece:
                found |= ((points >= low) & (points <= high)).all(axis=1)
            else:
                found |= self._in_hull(points, np.array([[number(v) for v in p] for p in piece["vertices"]]))
        if self.restriction is not None:
            found &= self.restriction(self.at(points)) > 0.5
        return found

    def _in_hull(self, points: Array, corners: Array) -> Any:
        edges = np.vstack([corners[1:] - corners[0]]).T
        weights = np.linalg.solve(edges, (points - corners[0]).T)
        return (weights > 0).all(axis=0) & (weights.sum(axis=0) < 1)

    def at(self, points: Array) -> dict[str, Array]:
        return {name: points[:, i] for i, name in enumerate(self.names)}

    def positive(self, points: Array, least: float = 0) -> Any:
        """Whether points lie in D with h > least."""
        return self.inside(points) & (self.density(self.at(points)) > least)

    def sample(self, count: int) -> Array:
        """Return points of P."""
        points = self.random.uniform(self.low, self.high, (count, len(self.names)))
        return points[self.positive(points)]

    # continuity of a function on D

    def finds_discontinuity(self, function: Function, count: int = 3_000) -> str | None:
        points = self.sample(count)
        if len(points) < 10:
            return None
        values = function(self.at(points))
        broken = ~np.isfinite(values)
        if broken.any():
            return f"undefined at {points[broken][0]}"
        isolated = self._isolated_value(function)
        if isolated is not None:
            return isolated
        if len(self.names) == 1:
            points = points[np.argsort(points[:, 0])]
            return self._widest_jump(function, points[:-1], points[1:])
        half = len(points) // 2
        return self._widest_jump(function, points[:half], points[half : 2 * half])

    def _isolated_value(self, function: Function) -> str | None:
        """Compare the value at plain points inside D with those around it."""
        n = len(self.names)
        marks = [
            np.arange(np.ceil(6 * lo), np.floor(6 * hi) + 1) / 6 for lo, hi in zip(self.low, self.high, strict=True)
        ]
        if np.prod([len(m) for m in marks]) > 4_000:
            return None
        grid = np.array(list(itertools.product(*marks))).reshape(-1, n)
        grid = grid[self.positive(grid)]
        if not len(grid):
            return None
        steps = [self.random.normal(size=grid.shape) * 1e-8 * self.scale for _ in range(4)]
        around = [grid + sign * step for step in steps for sign in (1, -1)]
        grid = grid[np.all([self.positive(points) for points in around], axis=0)]
        if not len(grid):
            return None
        here = function(self.at(grid))
        for _ in range(3):
            near = grid + self.random.normal(size=grid.shape) * 1e-9 * self.scale
            there = function(self.at(near))
            both = self.positive(near) & np.isfinite(here) & np.isfinite(there)
            with np.errstate(all="ignore"):
                bad = both & (np.abs(here - there) > 0.02 * (1 + np.abs(here)))
            if bad.any():
                return f"{here[bad][0]} at {grid[bad][0]}, but {there[bad][0]} beside it"
        return None

    def _widest_jump(self, function: Function, a: Array, b: Array) -> str | None:
        """Bisect segments towards the larger change; what is left of it on 1e-13 of the size is a jump."""
        usable = self._on_segments(a, b)
        a, b = a[usable], b[usable]
        if not len(a):
            return None
        fa, fb = function(self.at(a)), function(self.at(b))
        for _ in range(46):
            middle = (a + b) / 2
            fm = function(self.at(middle))
            with np.errstate(all="ignore"):
                left = ~(np.abs(fm - fb) > np.abs(fa - fm))
            a, fa = np.where(left[:, None], a, middle), np.where(left, fa, fm)
            b, fb = np.where(left[:, None], middle, b), np.where(left, fm, fb)
        with np.errstate(all="ignore"):
            gaps = np.abs(fb - fa)
        bad = (gaps > 0.02 * (1 + np.minimum(np.abs(fa), np.abs(fb)))) | ~np.isfinite(gaps)
        alive = self.positive(a) & self.positive(b)
        if (bad & alive).any():
            k = int(np.argmax(bad & alive))
            return f"a jump from {fa[k]} to {fb[k]} at {a[k]}"
        return None

    def _on_segments(self, a: Array, b: Array) -> Any:
        good = np.ones(len(a), bool)
        for weight in np.linspace(0.01, 0.99, 33):
            good &= self.positive(a + weight * (b - a))
        return good

    # density

    def finds_negative_density(self, count: int = 20_000) -> str | None:
        points = self.random.uniform(self.low, self.high, (count, len(self.names)))
        points = points[self.inside(points)]
        values = self.density(self.at(points))
        worst = int(np.argmin(values)) if len(values) else 0
        return f"{values[worst]} at {points[worst]}" if len(values) and values[worst] < -1e-9 else None

    # hyperplanes

    def finds_bad_hyperplane(self, count: int = 2_000) -> str | None:
        cloud = self.sample(count)
        if len(cloud) < 50:
            return None
        self.least = 1e-9 * float(np.max(self.density(self.at(cloud))))
        for normal, offset in self._candidates():
            sides = cloud @ normal - offset
            both = (sides > 1e-3 * self.scale).sum() >= 3 and (sides < -1e-3 * self.scale).sum() >= 3
            if not both:
                continue
            on_it = self._points_on(normal, offset)
            step = 1e-9 * self.scale * normal
            across = self.positive(on_it, self.least) & self.inside(on_it + step) & self.inside(on_it - step)
            if across.sum() < min(len(self.names), 2) and not self._density_only_by_value(on_it, normal):
                return f"{normal} . x = {offset} misses P"
            if len(self.names) > 1 and self._one_sided(on_it, normal):
                return f"{normal} . x = {offset} carries a one-sided face"
        return None

    def _density_only_by_value(self, points: Array, normal: Array) -> bool:
        """Whether P comes as close as one likes from both sides, with h away from 0 (a null set of values)."""
        if self.restriction is None:
            return False
        step = 1e-7 * self.scale * normal
        near = self.positive(points + step) & self.positive(points - step)
        values = np.minimum(self.density(self.at(points + step)), self.density(self.at(points - step)))
        return bool((near & (values > 1e-3)).sum() >= min(len(self.names), 2))

    def _candidates(self) -> list[tuple[Array, float]]:
        n = len(self.names)
        places = list(self.random.uniform(self.low, self.high, (12, n)))
        for piece in self.pieces:
            low, high = self._box(piece)
            places += [np.array(p) for p in itertools.product(*zip(low, high, (low + high) / 2, strict=True))]
        places += [(self.low + self.high) / 2, np.zeros(n)]
        for a, b in itertools.combinations(places[: 4 * len(self.pieces) + 14], 2):
            places.append((a + b) / 2)
        if n == 1:
            grid = np.linspace(self.low[0], self.high[0], 241)[1:-1]
            return [(np.ones(1), float(x)) for x in (*grid, *(p[0] for p in places), *self._dips(grid))]
        normals = [np.eye(n)[i] for i in range(n)]
        normals += [np.array(v, float) for v in itertools.product((-1, 0, 1), repeat=n) if sum(map(abs, v)) > 1]
        result = [(v / np.linalg.norm(v), float(p @ v / np.linalg.norm(v))) for v in normals for p in places[:60]]
        for i in range(n):
            marks = np.arange(np.ceil(6 * self.low[i]), np.floor(6 * self.high[i]) + 1) / 6
            result += [(np.eye(n)[i], float(mark)) for mark in marks]
        if n == 2:
            for a, b in itertools.combinations(places[12:40], 2):
                v = np.array([-(b - a)[1], (b - a)[0]])
                if np.linalg.norm(v) > 1e-9:
                    v /= np.linalg.norm(v)
                    result.append((v, float(a @ v)))
        return result

    def _dips(self, grid: Array) -> list[float]:
        """Return local minima of the density on the line, refined."""
        values = self.density(self.at(grid[:, None]))
        found = []
        for k in range(1, len(grid) - 1):
            if values[k] <= values[k - 1] and values[k] <= values[k + 1]:
                a, b = grid[k - 1], grid[k + 1]
                for _ in range(80):
                    p, q = a + (b - a) * 0.382, a + (b - a) * 0.618
                    left, right = self.density(self.at(np.array([[p], [q]])))
                    a, b = (a, q) if left <= right else (p, b)
                found.append(float((a + b) / 2))
        return found

    def _points_on(self, normal: Array, offset: float, count: int = 401) -> Array:
        n = len(self.names)
        if n == 1:
            return np.array([[offset / normal[0]]])
        basis = np.linalg.svd(normal[None, :])[2][1:]
        middle = (self.low + self.high) / 2
        base = middle + (offset - middle @ normal) * normal
        reach = self.scale * 1.5
        if n == 2:
            weights = np.linspace(-reach, reach, count)[:, None]
        else:
            side = np.linspace(-reach, reach, 41)
            weights = np.array(list(itertools.product(side, repeat=n - 1)))
        points: Array = base + weights @ basis
        return points

    def _one_sided(self, points: Array, normal: Array) -> bool:
        step = 1e-7 * self.scale * normal
        first, second = (self.positive(points + s) for s in (step, -step))
        values = np.where(first, self.density(self.at(points + step)), self.density(self.at(points - step)))
        away = self.positive(points + 3 * step) == first
        away &= self.positive(points - 3 * step) == second
        bad = (first != second) & (values > 1e-2) & away
        return bool(bad.sum() >= 8)


def outcomes(problem: Mapping[str, Any], seed: int = 0) -> dict[str, str | None]:
    """Return what brute force has against each of the ids it can look at."""
    oracle = Oracle(problem, seed)
    return {
        "density-continuous": oracle.finds_discontinuity(oracle.density),
        "density-nonnegative": oracle.finds_negative_density(),
        "hyperplane": oracle.finds_bad_hyperplane(),
        "target-continuous": oracle.finds_discontinuity(oracle.target),
    }


__all__: Sequence[str] = ["Oracle", "outcomes", "reading"]
