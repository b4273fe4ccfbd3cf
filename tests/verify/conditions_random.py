"""Random problems for the hypotheses, of small numbers: pieces touch, zeros meet and branches agree now and then."""

from __future__ import annotations

from random import Random
from typing import Any

Table = dict[str, Any]
SMALL = ["-1", "-1/2", "-1/3", "0", "1/3", "1/2", "1", "2"]


class Maker:
    """Draws problems of one or two input dimensions."""

    def __init__(self, seed: int, dimension: int) -> None:
        self.random = Random(seed)
        self.names = ["x", "y"][:dimension]

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def small(self) -> str:
        return self.random.choice(SMALL)

    def affine(self) -> str:
        terms = [
            f"({self.pick('1', '-1', '1', '2', '1/2')})*{name}" for name in self.names if self.random.random() < 0.8
        ]
        return " + ".join([*terms, f"({self.small()})"]) or "x"

    def gap(self) -> str:
        squares = " + ".join(f"{name}**2" for name in self.names)
        choice = self.random.random()
        if choice < 0.6:
            return self.affine()
        if choice < 0.8:
            return f"{squares} - {self.pick('1/4', '1/2', '1')}"
        if choice < 0.9:
            return f"({self.affine()})*({self.affine()})"
        return f"{self.pick(*self.names)}**2 - Abs({self.pick(*self.names)})"

    def smooth(self, depth: int = 1) -> str:
        plain = self.affine()
        if not depth:
            return plain
        inner = self.smooth(depth - 1)
        return self.pick(
            plain,
            f"({inner})**2",
            f"sin({inner})",
            f"exp({inner})",
            f"({inner})*({plain})",
            f"Abs({inner})",
            f"Max({inner}, {plain})",
            f"cos(pi*({inner}))",
        )

    def target(self) -> str:
        """A sum, product, maximum, ... of up to three functions each of which may be trouble by itself."""
        if self.random.random() < 0.6:
            return self.single()
        first, second = self.single(), self.target() if self.random.random() < 0.2 else self.single()
        return self.pick(
            f"{first} + {second}",
            f"({first})*({second})",
            f"{first} - ({second})",
            f"Max({first}, {second})",
            f"({first})/(1 + ({second})**2)",
            f"Piecewise(({first}, {self.gap()} < 0), ({second}, True))",
            f"sqrt(Abs({first}) + ({second})**2)",
        )

    def single(self) -> str:
        smooth, other, gap = self.smooth(), self.smooth(), self.gap()
        return self.pick(
            smooth,
            f"sign({gap})",
            f"({gap})*sign({gap})",
            f"({smooth})*Heaviside({gap})",
            f"({gap})*({smooth})*Heaviside({gap})",
            f"Piecewise(({smooth}, {gap} < 0), ({other}, True))",
            f"Piecewise(({smooth}, {gap} <= 0), ({smooth} + ({other})*({gap}), True))",
            f"Piecewise((0, {self.gap()} < 0), (({gap})**2, {gap} > 0), (0, True))",
            f"floor({self.affine()})",
            f"({other})/({self.gap()})",
            f"({gap})*({other})/({gap})",
            f"log(Abs({gap}))*({other})",
            f"sqrt({gap})",
            f"log({gap} + 3)",
            f"1/(3 + {gap})",
            f"tan({self.affine()})",
            f"sin({gap})/({gap})",
            f"Abs({gap})/({gap})",
            f"asin(({self.affine()})/2)",
            f"({gap})**{self.pick('2', '3', '(1/2)', '(3/2)', '(-1)')}",
        )

    def density(self) -> str:
        factors = []
        for _ in range(self.random.choice([1, 1, 1, 2, 2])):
            gap, affine = self.gap(), self.affine()
            factors.append(
                self.pick(
                    "1",
                    "1",
                    f"({affine})**2",
                    f"Abs({gap})",
                    f"Max(0, {gap})",
                    f"Heaviside({gap})",
                    f"(({gap})**2 + ({affine})**2)",
                    f"exp({affine})",
                    f"Piecewise((0, {gap} < 0), (1, True))",
                    f"(1 + sin({affine}))",
                    f"({gap})",
                    f"({gap})**2",
                    f"(2 + {affine})",
                    f"Piecewise((1, {gap} < 0), (2, True))",
                    f"Piecewise((({affine})**2, {gap} < 0), (1, True))",
                    f"sin({affine})**2",
                    f"sqrt(Abs({gap}))",
                )
            )
        return "*".join(factors)

    def interval(self, lower: int = -2, upper: int = 2) -> list[str]:
        a, b = sorted(self.random.sample(range(2 * lower, 2 * upper + 1), 2))
        return [f"{a}/2", f"{b}/2"]

    def piece(self) -> Table:
        if len(self.names) > 1 and self.random.random() < 0.5:
            centre = [f"{self.random.randint(-3, 3)}/2" for _ in self.names]
            return {"ball": {"center": centre, "radius": self.pick("1/2", "1", "1", "3/2")}}
        return {"box": [self.interval() for _ in self.names]}

    def domain(self) -> Table:
        shape = self.piece()
        if self.random.random() < 0.4:
            shape = {"union": [self.piece() for _ in range(self.random.choice([2, 2, 3]))]}
        table = {"variables": self.names, **shape}
        if self.random.random() < 0.2:
            table["restriction"] = f"{self.gap()} {self.pick('<', '<=', '>', '>=')} 0"
        return table

    def problem(self) -> Table:
        return {
            "domain": self.domain(),
            "target": self.target(),
            "density": self.density() if self.random.random() < 0.75 else "1",
            "width": 2,
        }
