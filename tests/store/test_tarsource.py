"""mta.store.tarsource: archives of all writers, and those that are made to do harm."""
import io
import tarfile

import pytest

from mta.store.sources import BadArchive
from mta.store.tarsource import Tar, is_tar
from tests.flow.mailfiles import tgz


def read(octets: bytes, *, packed: bool = False) -> list[tuple[str, int, float | None, str, bytes]]:
    """All members."""
    return [(member.path, member.size, member.changed, member.refused, b"" if member.refused else open_it().read())
            for member, open_it in Tar(io.BytesIO(octets), packed=packed).members()]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_all_writers(form: int) -> None:
    """Long names, times, folders and links, in each form."""
    out = io.BytesIO()
    long = "Maildir/" + "x" * 70 + "/cur/" + "y" * 60
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, kind, content in (("./a", tarfile.REGTYPE, b"one"), ("dir", tarfile.DIRTYPE, b""), (long, tarfile.REGTYPE, b"x" * 600),
                                    ("link", tarfile.SYMTYPE, b""), ("fifo", tarfile.FIFOTYPE, b""), ("b", tarfile.REGTYPE, b"")):
            facts = tarfile.TarInfo(name)
            facts.type, facts.size, facts.mtime, facts.linkname = kind, len(content), 1_700_000_000, "a" if kind == tarfile.SYMTYPE else ""
            archive.addfile(facts, io.BytesIO(content))
    found = read(out.getvalue())

    assert is_tar(out.getvalue()[:512])
    assert [(path, size, changed, content) for path, size, changed, refused, content in found if not refused] == [
        ("a", 3, 1_700_000_000.0, b"one"), (long, 600, 1_700_000_000.0, b"x" * 600), ("b", 0, 1_700_000_000.0, b"")]
    assert [path for path, _, _, refused, _ in found if refused] == ["link", "fifo"]


def test_what_is_not_read_is_passed_over() -> None:
    """Members need not be opened, nor read to their end."""
    source = Tar(io.BytesIO(tgz({"a": b"x" * 5_000, "b": b"y" * 5_000, "c": b"z"})), packed=True)
    found = []
    for member, open_it in source.members():
        if member.path == "b":
            found.append(open_it().read(10))
        if member.path == "c":
            found.append(open_it().read())

    assert found == [b"y" * 10, b"z"]


def test_harm() -> None:
    """Cut off, wrong sums, names of gigabytes: an end with a reason."""
    good = tgz({"a": b"x" * 5_000})
    with pytest.raises(BadArchive, match="damaged"):
        read(good[:-30], packed=True)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        facts = tarfile.TarInfo("a")
        facts.size = 2_000
        archive.addfile(facts, io.BytesIO(b"x" * 2_000))
    octets = bytearray(plain.getvalue())
    with pytest.raises(BadArchive, match="middle"):
        read(bytes(octets[:1_000]))
    octets[5] ^= 1
    with pytest.raises(BadArchive, match="not right"):
        read(bytes(octets))
    facts = tarfile.TarInfo("././@LongLink")
    facts.type, facts.size = b"L", 2**33
    with pytest.raises(BadArchive, match="64 kB"):
        read(facts.tobuf(tarfile.GNU_FORMAT))
    assert not is_tar(b"From x" + b"y" * 600)
