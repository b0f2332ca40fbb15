"""`pillarbox completion` and `manual`: what is made from the table of verbs for others to read."""
from argparse import Namespace

from workers.commands.site import Site


def completion(site: Site, arguments: Namespace) -> str:
    """The script for a shell."""
    from workers.completion import script
    return script(arguments.shell).rstrip("\n")


def manual(site: Site, arguments: Namespace) -> str:
    """The manual page."""
    from workers.manual import page
    return page().rstrip("\n")
