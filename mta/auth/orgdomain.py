"""Which name somebody registered: example.co.uk of a.b.example.co.uk, from the public suffix list.

For judgements that are not DMARC's, which walks the DNS instead (mta.auth.treewalk):
reputation, who belongs together, counts per organisation.  The answer costs no question.

The list is the one inside the package publicsuffixlist, whose version ends in the list's
date: a server that fetched it by itself would be one more thing to trust, to watch and
to fail, and from one month to the next few names change that matter to a judgement.  The
package comes out whenever the list changes; upgrading it is what keeps the list fresh.
Private suffixes (github.io) count: who shares them shares nothing else.
"""
from collections.abc import Iterable
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from mta.base.names import Domain


class Suffixes:
    """A public suffix list; without lines the one of the package.  Names under no rule: the last label is public."""

    def __init__(self, lines: Iterable[str] | None = None) -> None:
        self._list = PublicSuffixList(lines)

    def registered(self, domain: Domain) -> Domain | None:
        """The name one label below the public suffix; None if domain is itself a public suffix."""
        name = self._list.privatesuffix(domain.ascii)
        return Domain(name) if name else None


@lru_cache(maxsize=4_096)
def registered(domain: Domain) -> Domain | None:
    """The name that domain's owner registered; None if domain is a public suffix, which nobody did."""
    return _suffixes().registered(domain)


def organization(domain: Domain) -> Domain:
    """What stands for everything of domain's owner: the registered name, or domain itself if it is a public suffix."""
    return registered(domain) or domain


def related(one: Domain, other: Domain) -> bool:
    """Whether both belong to one organisation."""
    return one == other or organization(one) == organization(other)


@lru_cache(maxsize=1)
def _suffixes() -> Suffixes:
    """The package's list, read at its first use: 0.1 s and some megabytes, shared by what is forked afterwards."""
    return Suffixes()
