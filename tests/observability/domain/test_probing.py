"""Probes are registered, paused and resumed by those who answer for the interface."""

from __future__ import annotations

import datetime as dt

import pytest

from catalog.domain.connections import add_endpoint, bind
from governance.domain.audit import history_of
from governance.kernel.errors import Forbidden, Invalid, NotAllowed, NotFound, WrongState
from observability.domain.probing import pause_probe, record_beat, register_probe, resume_probe
from observability.models import Probe

HTTP = {"kind": "http", "name": "Health", "address": "http://127.0.0.1:8101/status"}


def test_an_architect_registers_a_probe_and_its_address_stays_out_of_the_audit(estate, ada, now):
    probe = register_probe(estate.interface(), **HTTP, interval_s=30, now=now, actor=ada)
    assert (probe.state, probe.next_run_at, probe.enabled) == ("UNKNOWN", now, True)
    event = history_of(probe).get()
    assert (event.action, event.actor_label) == ("observability.probe.register", "Ada")
    assert "127.0.0.1" not in str(event.after)


def test_an_owner_registers_and_others_do_not(estate, cast, now):
    interface = estate.interface()
    abe = estate.own(interface, "abe")
    assert register_probe(interface, **HTTP, now=now, actor=abe).interface == interface
    with pytest.raises(NotAllowed):
        register_probe(interface, **HTTP | {"name": "Second"}, now=now, actor=cast("oz"))
    with pytest.raises(NotFound):
        register_probe(interface, **HTTP | {"name": "Third"}, now=now, actor=cast("eve"))
    assert Probe.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/latest/meta-data", "http://10.1.2.3/health", "http://[fe80::1]/", "ftp://127.0.0.1"],
)
def test_a_target_in_a_forbidden_network_is_refused_and_nothing_is_written(estate, ada, now, address):
    interface = estate.interface()
    with pytest.raises(Forbidden) as refused:
        register_probe(interface, **HTTP | {"address": address}, now=now, actor=ada)
    assert refused.value.code == "FORBIDDEN_TARGET"
    assert not Probe.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"interval_s": 0}, "interval_s"),
        ({"timeout_s": 31}, "timeout_s"),
        ({"expect_status": [99]}, "expect_status"),
        ({"kind": "ping"}, "kind"),
        ({"address": ""}, ""),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_probed_is_refused_beside_its_field(estate, ada, now, wrong, field):
    with pytest.raises(Invalid) as refused:
        register_probe(estate.interface(), **HTTP | wrong, now=now, actor=ada)
    assert list(refused.value.errors) == [field]


def test_a_name_that_is_taken_is_refused_beside_the_name(estate, ada, now):
    interface = estate.interface()
    register_probe(interface, **HTTP, now=now, actor=ada)
    with pytest.raises(Invalid) as refused:
        register_probe(interface, **HTTP, now=now, actor=ada)
    assert list(refused.value.errors) == ["name"]
    assert register_probe(estate.interface(2), **HTTP, now=now, actor=ada).name == HTTP["name"]


def test_without_a_setting_loopback_is_not_probed(estate, ada, now, settings):
    settings.PROBE_ALLOWED_NETWORKS = []
    with pytest.raises(Forbidden, match="ask an operator to allow its network"):
        register_probe(estate.interface(), **HTTP, now=now, actor=ada)


def test_pause_and_resume_move_once_and_are_recorded(estate, ada, now, later):
    probe = estate.probe(estate.interface())
    pause_probe(probe, reason="maintenance", now=later, actor=ada)
    assert (probe.enabled, probe.shown_state) == (False, "PAUSED")
    with pytest.raises(WrongState):
        pause_probe(probe, now=later, actor=ada)
    resume_probe(probe, now=later, actor=ada)
    assert (probe.enabled, probe.next_run_at, probe.armed_at) == (True, later, later)
    assert [event.action.rsplit(".")[-1] for event in history_of(probe)] == ["register", "pause", "resume"]


def test_a_beat_moves_the_last_beat_forward_only(estate, cast, now, later):
    probe = estate.probe(estate.interface(), "", kind="heartbeat")
    for at in (later, now):
        record_beat(probe, at=at, now=later, actor=cast.clock)
    probe.refresh_from_db()
    assert probe.last_beat_at == later


def test_a_beat_is_refused_for_other_probes_from_the_future_and_by_outsiders(estate, cast, now):
    probe, silent = estate.probe(estate.interface()), estate.probe(estate.interface(2), "", kind="heartbeat")
    with pytest.raises(Invalid) as refused:
        record_beat(probe, at=now, now=now, actor=cast.clock)
    assert refused.value.code == "NOT_A_HEARTBEAT"
    with pytest.raises(Invalid):
        record_beat(silent, at=now + dt.timedelta(hours=1), now=now, actor=cast.clock)
    with pytest.raises(NotFound):
        record_beat(silent, at=now, now=now, actor=cast("hal"))
    estate.allow("pipelines", "hal", estate.clinical, "catalog.see_interfaces")
    record_beat(silent, at=now, now=now, actor=cast("hal"))
    silent.refresh_from_db()
    assert silent.last_beat_at == now


def test_a_probe_follows_an_endpoint_that_speaks_http_and_no_other(estate, cast, now):
    interface = estate.interface()
    binding = bind(interface, environment="TEST", now=now, actor=cast.clock)
    web, feed = (
        add_endpoint(
            binding, role="TARGET", order=order, transport=transport, address=address, now=now, actor=cast.clock
        )
        for order, (transport, address) in enumerate((("HTTPS", "127.0.0.1:8443"), ("MLLP", "127.0.0.1:2575")), start=1)
    )
    said = {"kind": "http", "name": "Follows", "now": now, "actor": cast.clock}
    assert register_probe(interface, endpoint=web, **said).target_address == "127.0.0.1:8443"
    with pytest.raises(Invalid) as refused:
        register_probe(interface, endpoint=feed, **said | {"name": "Feed"})
    assert list(refused.value.errors) == ["endpoint"]
    with pytest.raises(Invalid):
        register_probe(estate.interface(2), endpoint=web, **said)
