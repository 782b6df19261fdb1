"""The pages of the board's meetings, below ``changes/meetings/``."""

from django.urls import path

from . import meetings, workbench

MEETINGS = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/new/", meetings.plan, name="meeting-new"),
    path("meetings/<uuid:pk>/", workbench.meeting, name="meeting"),
    path("meetings/<uuid:pk>/pulse/", workbench.pulse, name="meeting-pulse"),
    path("meetings/<uuid:pk>/open/", workbench.open_it, name="meeting-open"),
    path("meetings/<uuid:pk>/cancel/", workbench.cancel, name="meeting-cancel"),
    path("meetings/<uuid:pk>/close/", workbench.close, name="meeting-close"),
    path("meetings/<uuid:pk>/fill/", workbench.fill, name="meeting-fill"),
    path("meetings/<uuid:pk>/add/", workbench.add, name="meeting-add"),
    path("meetings/<uuid:pk>/next/", workbench.go_on, name="meeting-next"),
    path("meetings/<uuid:pk>/come/", workbench.come, name="meeting-come"),
    path("meetings/<uuid:pk>/leave/", workbench.leave, name="meeting-leave"),
    path("meetings/<uuid:pk>/minutes/", meetings.minutes, name="minutes"),
    path("meetings/<uuid:pk>/sign/", meetings.sign, name="minutes-sign"),
    path("meetings/<uuid:pk>/items/<slug:key>/vote/", workbench.vote, name="item-vote"),
    path("meetings/<uuid:pk>/items/<slug:key>/recuse/", workbench.step_aside, name="item-recuse"),
    *(
        path(f"meetings/<uuid:pk>/items/<slug:key>/{verb}/", workbench.item_act, {"verb": verb}, name=f"item-{verb}")
        for verb in workbench.ITEM_VERBS
    ),
]
