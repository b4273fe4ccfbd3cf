"""Signs of expressions on regions: proved, refuted with a point, or left open; never wrong."""

from verify.signs.decide import Outcome, Signs
from verify.signs.regions import Region

__all__ = ["Outcome", "Region", "Signs"]
