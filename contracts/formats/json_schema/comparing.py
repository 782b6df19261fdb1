from ..base import Comparison, Level, Verdict


def compare(writer, reader, *, budget_seconds=2.0):
    return Comparison(Verdict.UNKNOWN, Level.UNKNOWN)
