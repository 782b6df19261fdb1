"""The pages of this app."""

from django.urls import path

from . import acting, asking, change, emergencies, fragments, judging, packs, queue, standard, teams
from .meeting_urls import MEETINGS

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
    path("of/<slug:key>/audit-pack/", packs.interface_pack, name="interface-pack"),
    path("new/<slug:key>/", asking.change_new, name="change-new"),
    path("standard/", standard.templates, name="templates"),
    path("standard/new/", standard.draft, name="template-new"),
    path("standard/of/<slug:interface>/", standard.choose, name="standard-choose"),
    path("standard/<slug:key>/", standard.template, name="template"),
    path("standard/<slug:key>/submit/", standard.submit, name="template-submit"),
    path("standard/<slug:key>/suspend/", standard.suspend, name="template-suspend"),
    path("standard/<slug:key>/retire/", standard.retire, name="template-retire"),
    path("standard/<slug:key>/ask/<slug:interface>/", standard.ask, name="standard-ask"),
    path("emergency/<slug:interface>/", emergencies.emergency, name="emergency"),
    path("report/<slug:interface>/", judging.report, name="report"),
    path("teams/", teams.teams, name="teams"),
    path("blocks/<uuid:pk>/lift/", emergencies.lift, name="block-lift"),
    *MEETINGS,
    path("<slug:key>/", change.change, name="change"),
    path("<slug:key>/audit-pack/", packs.change_pack, name="change-pack"),
    path("<slug:key>/vote/", acting.vote, name="vote"),
    path("<slug:key>/recuse/", acting.recuse_self, name="recuse"),
    path("<slug:key>/override/", acting.override, name="override"),
    path("<slug:key>/submit/", acting.submit, name="submit"),
    path("<slug:key>/revise/", acting.revise, name="revise"),
    path("<slug:key>/reassess/", acting.reassess, name="reassess"),
    path("<slug:key>/decide/", acting.decide, name="decide"),
    path("<slug:key>/implement/", acting.implement, name="implement"),
    path("<slug:key>/cancel/", acting.cancel, name="cancel"),
    path("<slug:key>/reopen/", acting.reopen, name="reopen"),
    path("<slug:key>/close/", acting.close, name="close"),
    path("<slug:key>/verdict/", judging.verdict, name="verdict"),
    path("<slug:key>/revert/", judging.revert, name="revert"),
]
