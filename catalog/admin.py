"""Every record of the catalog, to look at."""

from governance.doors.admin import show_all_of

show_all_of("catalog")
