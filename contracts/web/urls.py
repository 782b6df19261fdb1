"""The pages of this app."""

from django.urls import path

from . import fragments, views

app_name = "contracts"
urlpatterns = [
    path("", views.contracts, name="contracts"),
    path("home/", fragments.home_fragment, name="home-fragment"),
    path("search/", fragments.search_fragment, name="search-fragment"),
    path("of/<slug:key>/", fragments.interface_contract, name="interface-contract"),
    path("of/<slug:key>/attach/", views.attach, name="attach"),
    path("of/<slug:key>/check/", views.check, name="check"),
    path("<slug:key>/", views.contract, name="contract"),
    path("<slug:key>/try/", views.try_payload, name="try"),
    path("<slug:key>/versions/<str:number>/", views.version, name="version"),
    path("<slug:key>/versions/<str:number>/submit/", views.submit, name="submit"),
    path("<slug:key>/versions/<str:number>/reopen/", views.reopen, name="reopen"),
]
