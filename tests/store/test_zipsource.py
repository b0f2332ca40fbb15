"""mta.store.zipsource: archives of all writers, and those that are made to do harm."""
import io
import zipfile

import pytest

from mta.store.sources import BadArchive
from mta.store.zipsource import Zip


def make(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """An archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 2, 3, 4, 6)), content, method)
        archive.comment = comment
    return out.getvalue()


def read(octets: bytes) -> list[tuple[str, str, bytes]]:
    """Path, refusal and content of all members."""
    return [(member.path, member.refused, b"" if member.refused else open_it().read())
            for member, open_it in Zip(io.BytesIO(octets)).members()]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members(method: int) -> None:
    """Stored and deflated, with names in UTF-8, a comment at the end."""
    files = (("a", b"x" * 100_000), ("dir/", b""), ("Entwürfe/b", bytes(range(256)) * 10), ("empty", b""))
    octets = make(*files, method=method, comment=b"PK\5\6 not the end")

    assert read(octets) == [(name, "", content) for name, content in files if name != "dir/"]
    assert next(iter(Zip(io.BytesIO(octets)).members()))[0].changed == 1704164646.0


def test_in_any_order() -> None:
    """Each member by itself, more than once."""
    source = Zip(io.BytesIO(make(("a", b"one"), ("b", b"two"))))
    for _, open_it in source.members():
        assert open_it().read() == open_it().read()


def test_large_ones() -> None:
    """Sizes of zip64, as writers that stream have them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w", force_zip64=True) as file:
        file.write(b"large")
    assert read(out.getvalue()) == [("a", "", b"large")]


def test_harm() -> None:
    """Links, ways out, other methods, secrets, wrong sums and sizes, no directory: named, or an end with a reason."""
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../../x", "y")
        archive.writestr(zipfile.ZipInfo("z"), "z", zipfile.ZIP_BZIP2)
    assert [bool(refused) for _, refused, _ in read(out.getvalue())] == [True, True, True]
    good = make(("a", b"x" * 1_000))
    with pytest.raises(BadArchive, match="whole"):
        read(good[:-30])
    place = good.rindex(b"PK\1\2")
    for at, octets, words in ((24, b"\x10\0\0\0", "larger"), (16, b"\0\0\0\0", "check sum"), (42, b"\x50\0\0\0", "not where"),
                              (24, b"\xff\xff\0\0", "too early")):
        with pytest.raises(BadArchive, match=words):
            read(good[:place + at] + octets + good[place + at + 4:])
    secret = good[:place + 8] + b"\1\0" + good[place + 10:]
    assert read(secret)[0][1] == "it is encrypted"
