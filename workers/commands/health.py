"""`pillarbox health`."""
import textwrap
from argparse import Namespace
from typing import Final

from mta.base.errors import SetupError, TemporaryError
from mta.flow import health
from workers import control
from workers.commands.paper import Row
from workers.commands.site import Site

WORDS: Final = {"good": "good", "attention": "look", "bad": "TROUBLE"}


def show_health(site: Site, arguments: Namespace) -> list[Row] | int:
    """Every part of the server in a line; 1 if one is bad."""
    try:
        roles, problem = control.ask(site.config.control_socket, "status")["roles"], ""
    except (TemporaryError, SetupError) as trouble:
        roles, problem = [], str(trouble)
    first = health.processes([role["role"] for role in roles if not role["ready"]], problem, sum(role["falls"] for role in roles),
                             sum(role["memory"] for role in roles))
    lines = [first, *health.lines(site.world)]
    if arguments.json:
        return [{"topic": line.topic, "state": line.state, "summary": line.summary, "todo": list(line.todo)} for line in lines]
    for line in lines:
        print(f"{line.topic:<14} {WORDS[line.state]:<8} {line.summary}")
        for said in line.todo:
            print(textwrap.fill(said, 100, initial_indent=" " * 24 + "- ", subsequent_indent=" " * 26, break_long_words=False))
    return 1 if any(line.state == "bad" for line in lines) else 0
