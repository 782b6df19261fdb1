"""The pages of this app."""

from django.urls import path

from . import acting, asking, change, fragments, queue

app_name = "approvals"
urlpatterns = [
    path("", queue.changes, name="changes"),
    *(path(f"{tab}/", queue.changes, {"tab": tab}, name=tab) for tab, _ in queue.TABS),
    path("home/", fragments.home_fragment, name="home-fragment"),
    path("search/", fragments.search_fragment, name="search-fragment"),
    path("preview/", fragments.preview, name="preview"),
    path("of/<slug:key>/", fragments.interface_changes, name="interface-changes"),
    path("submit/<slug:key>/", asking.submit_interface, name="submit-interface"),
    path("submit/<slug:key>/<str:version>/", asking.submit_version, name="submit-version"),
    path("new/<slug:key>/", asking.change_new, name="change-new"),
    path("<slug:key>/", change.change, name="change"),
    path("<slug:key>/vote/", acting.vote, name="vote"),
    path("<slug:key>/submit/", acting.submit, name="submit"),
    path("<slug:key>/revise/", acting.revise, name="revise"),
    path("<slug:key>/reassess/", acting.reassess, name="reassess"),
    path("<slug:key>/decide/", acting.decide, name="decide"),
    path("<slug:key>/implement/", acting.implement, name="implement"),
    path("<slug:key>/cancel/", acting.cancel, name="cancel"),
    path("<slug:key>/reopen/", acting.reopen, name="reopen"),
    path("<slug:key>/close/", acting.close, name="close"),
]
