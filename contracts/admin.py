"""The contracts' records, for reading only."""

from governance.doors.admin import show_all_of

show_all_of("contracts")
