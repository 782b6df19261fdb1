"""How interfaces behave: probes, what they measured, and what changed."""

from .changes import StatusChange
from .measurements import Measurement, Period, Rollup
from .probes import Probe

__all__ = ["Measurement", "Period", "Probe", "Rollup", "StatusChange"]
