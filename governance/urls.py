"""Where everything is: each app's pages and its part of the API, named as strings only."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path

from .doors.admin import close_what_others_opened

# One sign-in for everybody; the administration site shows rows and changes nothing.
admin.site.login = login_required(admin.site.login)
close_what_others_opened()

handler400 = "governance.doors.faults.bad_request"
handler403 = "governance.doors.faults.not_allowed"
handler404 = "governance.doors.faults.not_found"
handler500 = "governance.doors.faults.fault"

urlpatterns = [
    path("", include("governance.web.operations_urls")),
    path("", include("governance.web.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("register/", include("catalog.web.urls")),
    path("contracts/", include("contracts.web.urls")),
    path("inbox/", include("approvals.web.inbox_urls")),
    path("changes/", include("approvals.web.urls")),
    path("health/", include("observability.web.urls")),
    path("api/", include("governance.api.docs_urls")),
    path("api/v1/", include("governance.api.urls")),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("contracts.api.urls")),
    path("api/v1/", include("approvals.api.urls")),
    path("api/v1/", include("observability.api.urls")),
]
