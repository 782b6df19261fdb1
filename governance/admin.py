"""The governance records, for reading only."""

from .doors.admin import show_all_of

show_all_of("governance")
