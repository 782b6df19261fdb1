"""What the database itself works out of a column, in the words of each engine."""

from typing import Any

from django.db.models import BooleanField, Func


class HoldsWord(Func):
    """Whether a column with a list of words holds ``word`` (one of our own codes, never input)."""

    output_field = BooleanField()

    def __init__(self, column: Any, word: str) -> None:
        super().__init__(column)
        self.word = word

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template=f"instr(%(expressions)s, '\"{self.word}\"') > 0", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template=f"%(expressions)s @> '[\"{self.word}\"]'::jsonb", **extra)
