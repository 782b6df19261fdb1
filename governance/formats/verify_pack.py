"""Verify an audit pack of Interlock: offline, with Python 3.9 or later and nothing else.

    python verify_pack.py PACK.zip [--key-id ID]

Proves that no file was changed, added or taken away since the pack was signed; that each event of the pack stands in
the audit chain with just this content; and that the chain up to the seal is the one that was sealed. ``--key-id`` is
the id of the installation's key, as its audit page shows it: without it, compare the printed id yourself.

Exit code 0: everything holds. 1: something does not, and the first thing is named. 2: this is no pack.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

FORMAT = "interlock-audit-pack/1"
MANIFEST, SIGNATURE, EVENTS, LINKS = "manifest.json", "manifest.sig", "events.ndjson", "links.txt"
LONGEST_MANIFEST = 16 * 1024 * 1024

# Ed25519 over the twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2, RFC 8032 section 5.1; points are (X, Y, Z, T).
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


class Broken(Exception):
    """Something that the pack claims does not hold."""


class Unreadable(Exception):
    """This is not a pack at all."""


def added(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = added(result, point)
        point, scalar = added(point, point), scalar >> 1
    return result


def same(p: Point, q: Point) -> bool:
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def x_of(y: int, odd: int) -> int:
    """The x with this parity (RFC 8032 section 5.1.3). Raises ``Broken`` where the curve has none."""
    if y >= P:
        raise Broken("a signature holds no point of the curve")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        raise Broken("a signature holds no point of the curve")
    return P - x if x & 1 != odd else x


def point_of(encoded: bytes) -> Point:
    whole = int.from_bytes(encoded, "little")
    y = whole & ((1 << 255) - 1)
    x = x_of(y, whole >> 255)
    return x, y, 1, x * y % P


def base_point() -> Point:
    y = 4 * pow(5, P - 2, P) % P
    x = x_of(y, 0)
    return x, y, 1, x * y % P


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the Ed25519 signature is the key's over the message (RFC 8032 section 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    try:
        key, commitment = point_of(public), point_of(signature[:32])
    except Broken:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return same(times(scalar, base_point()), added(commitment, times(challenge, key)))


def digest_of(row: dict[str, Any]) -> str:
    """SHA-256 of an event's content: all but its two hashes, as JSON with sorted keys and no spaces."""
    content = {name: value for name, value in row.items() if name not in ("hash", "previous_hash")}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def linked(previous: str, digest: str) -> str:
    """The hash of one link: over the link before it and the digest of its content."""
    return hashlib.sha256(f"{previous}:{digest}".encode()).hexdigest()


def manifest_statement(manifest: bytes) -> bytes:
    return b"interlock-audit-pack:" + hashlib.sha256(manifest).hexdigest().encode()


def seal_statement(seq: int, hash_: str, sealed_at: str) -> bytes:
    return f"interlock-audit-seal:{seq}:{hash_}:{sealed_at}".encode()


def id_of(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def lines_of(pack: zipfile.ZipFile, name: str) -> Iterator[str]:
    with pack.open(name) as lines:
        for line in lines:
            yield line.decode().rstrip("\n")


def read_manifest(pack: zipfile.ZipFile) -> tuple[bytes, dict[str, Any], bytes]:
    try:
        if pack.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
            raise Unreadable(f"{MANIFEST} is too large")
        raw, signature = pack.read(MANIFEST), bytes.fromhex(pack.read(SIGNATURE).decode().strip())
        manifest = json.loads(raw)
        if manifest["format"] != FORMAT:
            raise Unreadable(f"its format is {manifest['format']!r}, this program knows {FORMAT}")
    except (KeyError, TypeError, ValueError) as missing:
        raise Unreadable(f"it has no manifest that can be read ({missing})") from missing
    return raw, manifest, signature


def check_signature(raw: bytes, manifest: dict[str, Any], signature: bytes, key_id: str) -> None:
    public = bytes.fromhex(manifest["public_key"])
    if key_id and id_of(public) != key_id:
        raise Broken(f"it is signed with the key {id_of(public)}, not with {key_id}")
    if not signed_by(public, manifest_statement(raw), signature):
        raise Broken("the signature of the manifest does not hold: the manifest was changed, or signed by another")


def check_files(pack: zipfile.ZipFile, listed: dict[str, dict[str, Any]]) -> None:
    """Every file is as it was listed, none is missing, none was added, none is there twice."""
    names = sorted(pack.namelist())
    wanted = sorted([MANIFEST, SIGNATURE, *listed])
    if names != wanted:
        odd = sorted(set(names) ^ set(wanted)) or [name for name in names if names.count(name) > 1]
        raise Broken(f"the files are not those of the manifest: {', '.join(odd)}")
    for name, said in listed.items():
        if pack.getinfo(name).file_size != said["bytes"]:
            raise Broken(f"{name} has another size than the manifest says")
        made = hashlib.sha256()
        with pack.open(name) as content:
            for block in iter(lambda: content.read(1 << 20), b""):
                made.update(block)
        if made.hexdigest() != said["sha256"]:
            raise Broken(f"{name} was changed")


def check_chain(pack: zipfile.ZipFile, manifest: dict[str, Any]) -> tuple[int, int]:
    """Walk the chain from the first event of the pack to the seal; answers how many events and links were proved."""
    chain, seal = manifest["chain"], manifest["seal"]
    wanted: dict[int, str] = {}
    for line in lines_of(pack, EVENTS):
        row = json.loads(line)
        if row["seq"] in wanted:
            raise Broken(f"event {row['seq']} is there twice")
        wanted[row["seq"]] = digest_of(row)
    events, links, hash_, expected = len(wanted), 0, chain["previous_hash"], chain["first_seq"]
    for line in lines_of(pack, LINKS):
        seq, digest = line.split(" ")
        if int(seq) != expected:
            raise Broken(f"link {expected} of the chain is missing")
        if wanted.pop(expected, digest) != digest:
            raise Broken(f"event {expected} does not have the content that stands in the chain")
        hash_, expected, links = linked(hash_, digest), expected + 1, links + 1
    if wanted:
        raise Broken(f"event {min(wanted)} does not stand in the chain")
    if events != manifest["events"]:
        raise Broken(f"the manifest speaks of {manifest['events']} events, there are {events}")
    if (expected - 1, hash_) != (seal["seq"], seal["hash"]):
        raise Broken("the chain does not end in the seal")
    public = bytes.fromhex(manifest["public_key"])
    said = seal_statement(seal["seq"], seal["hash"], seal["sealed_at"])
    if not signed_by(public, said, bytes.fromhex(seal["signature"])):
        raise Broken("the signature of the seal does not hold")
    return events, links


def verify(path: str, key_id: str = "") -> tuple[dict[str, Any], int, int]:
    """The manifest, and how many events and links were proved. Raises ``Broken`` or ``Unreadable`` with a sentence."""
    try:
        with zipfile.ZipFile(path) as pack:
            raw, manifest, signature = read_manifest(pack)
            check_signature(raw, manifest, signature, key_id)
            check_files(pack, manifest["files"])
            return manifest, *check_chain(pack, manifest)
    except (OSError, zipfile.BadZipFile) as unreadable:
        raise Unreadable(str(unreadable)) from unreadable
    except (KeyError, TypeError, ValueError) as malformed:
        raise Broken(f"something in it is not written as a pack is ({malformed})") from malformed


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Verify an audit pack of Interlock, offline.")
    parser.add_argument("pack", help="the ZIP file")
    parser.add_argument("--key-id", default="", help="the id of the installation's key, from its audit page")
    asked = parser.parse_args(arguments)
    try:
        manifest, events, links = verify(asked.pack, asked.key_id)
    except Broken as broken:
        sys.stderr.write(f"BROKEN: {broken}.\n")
        return 1
    except Unreadable as unreadable:
        sys.stderr.write(f"This is no audit pack: {unreadable}.\n")
        return 2
    seal = manifest["seal"]
    said = "as you asked" if asked.key_id else "compare it with the one on the installation's audit page"
    sys.stdout.write(
        f"It holds: {manifest['scope']['label']}, made {manifest['made_at']} by {manifest['made_by']}.\n"
        f"{events} events stand in the chain with this content; {links} links lead to the seal at {seal['seq']}.\n"
        f"Signed with the key {id_of(bytes.fromhex(manifest['public_key']))}: {said}.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
