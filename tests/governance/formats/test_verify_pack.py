"""The offline verifier: Ed25519 by the RFC's own vectors, and every way in which a pack can lie."""

import hashlib
import json
import subprocess
import sys
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.formats import verify_pack
from governance.formats.verify_pack import Broken, Unreadable, digest_of, linked, signed_by, verify

# RFC 8032, section 7.1: tests 1, 2 and 3. Public key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
        "55141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
        "00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc"
        "027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc_hold_and_a_changed_bit_does_not(public, message, signature):
    key, said, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert signed_by(key, said, signed)
    assert not signed_by(key, said + b"x", signed)
    assert not signed_by(key, said, bytes([signed[0] ^ 1]) + signed[1:])
    assert not signed_by(key, said, signed[:-1])
    higher = int.from_bytes(signed[32:], "little") + verify_pack.ORDER
    assert not signed_by(key, said, signed[:32] + higher.to_bytes(32, "little"))


def test_it_agrees_with_the_library_that_signs():
    for number in range(5):
        key = Ed25519PrivateKey.generate()
        message = f"message {number}".encode()
        public = key.public_key().public_bytes_raw()
        assert signed_by(public, message, key.sign(message))
        assert not signed_by(public, message, Ed25519PrivateKey.generate().sign(message))


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def row(seq):
    return {"seq": seq, "action": f"step {seq}", "after": {"number": seq, "words": "Überweisung"}}


def made(path, *, shown=(2, 4), last=6, **instead):
    """A small pack by hand, independent of the code that writes real ones; ``instead`` replaces what it holds."""
    previous, lines, hash_ = "p" * 64, [], "p" * 64
    for seq in range(min(shown), last + 1):
        digest = digest_of(row(seq))
        hash_ = hashlib.sha256(f"{hash_}:{digest}".encode()).hexdigest()
        lines.append(f"{seq} {digest}\n")
    seal = {"seq": last, "hash": hash_, "sealed_at": "2026-05-26T09:00:00+00:00"}
    seal["signature"] = KEY.sign(f"interlock-audit-seal:{last}:{hash_}:{seal['sealed_at']}".encode()).hex()
    events = "".join(json.dumps(row(seq)) + "\n" for seq in shown)
    files = {"events.ndjson": events, "links.txt": "".join(lines), "story.txt": "Steps", **instead.get("files", {})}
    listed = {
        name: {"sha256": hashlib.sha256(text.encode()).hexdigest(), "bytes": len(text.encode())}
        for name, text in files.items()
    }
    manifest = {
        "format": "interlock-audit-pack/1",
        "scope": {"kind": "change", "key": "CR-2026-0001", "label": "CR-2026-0001 Steps"},
        "made_at": "2026-05-26T10:00:00+00:00",
        "made_by": "Gus",
        "events": len(shown),
        "chain": {"first_seq": min(shown), "previous_hash": previous},
        "seal": seal,
        "public_key": KEY.public_key().public_bytes_raw().hex(),
        "files": listed,
        **instead.get("manifest", {}),
    }
    raw = json.dumps(manifest)
    signature = KEY.sign(b"interlock-audit-pack:" + hashlib.sha256(raw.encode()).hexdigest().encode()).hex()
    written = {**files, "manifest.json": raw, "manifest.sig": signature, **instead.get("written", {})}
    with zipfile.ZipFile(path, "w") as pack:
        for name, text in written.items():
            if text is not None:
                pack.writestr(name, text)
    return path


def test_a_whole_pack_holds(tmp_path):
    manifest, events, links = verify(str(made(tmp_path / "pack.zip")))
    assert (manifest["scope"]["key"], events, links) == ("CR-2026-0001", 2, 5)


def test_links_are_what_the_chain_is_made_of():
    assert linked("0" * 64, digest_of({"seq": 1, "hash": "x", "previous_hash": "y"})) == linked(
        "0" * 64, digest_of({"seq": 1})
    )


HOLLOW = json.dumps({"format": "interlock-audit-pack/1", "public_key": KEY.public_key().public_bytes_raw().hex()})


def events(*lines):
    return {"files": {"events.ndjson": "".join(json.dumps(line) + "\n" for line in lines)}}


def begins(seq, previous):
    return {"manifest": {"chain": {"first_seq": seq, "previous_hash": previous * 64}}}


LIES = {
    "a changed file": ({"written": {"story.txt": "Step"}}, "story.txt has another size"),
    "a changed file of the same size": ({"written": {"story.txt": "Stepz"}}, "story.txt was changed"),
    "a file that was taken away": ({"written": {"story.txt": None}}, "not those of the manifest: story.txt"),
    "a file that was added": ({"written": {"more.txt": "more"}}, "not those of the manifest: more.txt"),
    "a changed manifest": ({"written": {"manifest.json": HOLLOW}}, "signature of the manifest"),
    "an event with other content": (events(row(2) | {"action": "none"}, row(4)), "event 2 does not have the content"),
    "an event twice": (events(row(2), row(2)), "event 2 is there twice"),
    "an event beyond the chain": (events(row(9)), "event 9 does not stand"),
    "fewer events than said": (events(row(2)), "speaks of 2 events, there are 1"),
    "another beginning": (begins(2, "q"), "does not end in the seal"),
    "a missing link": (begins(1, "p"), "link 1 of the chain is missing"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_pack_that_lies_is_broken_and_the_lie_is_named(tmp_path, lie):
    instead, said = LIES[lie]
    with pytest.raises(Broken, match=said):
        verify(str(made(tmp_path / "pack.zip", **instead)))


def test_a_seal_that_another_key_signed_is_broken(tmp_path):
    path = made(tmp_path / "pack.zip")
    with zipfile.ZipFile(path) as pack:
        seal = json.loads(pack.read("manifest.json"))["seal"]
    statement = f"interlock-audit-seal:{seal['seq']}:{seal['hash']}:{seal['sealed_at']}".encode()
    forged = {**seal, "signature": Ed25519PrivateKey.generate().sign(statement).hex()}
    with pytest.raises(Broken, match="signature of the seal"):
        verify(str(made(path, manifest={"seal": forged})))


def test_a_file_that_is_no_pack_is_unreadable(tmp_path):
    (tmp_path / "text.zip").write_text("not a ZIP")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as pack:
        pack.writestr("something.txt", "else")
    for name in ("text.zip", "empty.zip", "missing.zip"):
        with pytest.raises(Unreadable):
            verify(str(tmp_path / name))


def run(*arguments):
    """As an auditor runs it: a process of its own, isolated from all that is installed here."""
    command = [sys.executable, "-I", "-S", verify_pack.__file__, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_program_answers_with_its_exit_code(tmp_path):
    path = made(tmp_path / "pack.zip")
    own = verify_pack.id_of(KEY.public_key().public_bytes_raw())
    good = run(path, "--key-id", own)
    assert (good.returncode, good.stderr) == (0, "")
    assert "2 events stand in the chain with this content; 5 links lead to the seal at 6." in good.stdout
    other = run(path, "--key-id", "0" * 16)
    assert (other.returncode, other.stdout) == (1, "")
    assert f"signed with the key {own}, not with {'0' * 16}" in other.stderr
    assert run(made(path, written={"story.txt": "Stepz"})).returncode == 1
    assert run(tmp_path / "missing.zip").returncode == 2
    assert run().returncode == 2
