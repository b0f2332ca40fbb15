"""`pillarbox upgrade`, `rollback` and `salvage`."""
import sys
from argparse import Namespace

from mta.base.errors import SetupError, UserError
from mta.store import upgrade as upgrading
from workers.commands.paper import Row, show
from workers.commands.site import Site


def upgrade(site: Site, arguments: Namespace) -> list[Row] | int:
    """Bring the databases up to date, or only try it; 1 if something is wrong afterwards."""
    from mta.store.migrate import prepare
    from mta.store.verify import problems

    site.enter()
    directory = site.config.data
    changes = upgrading.pending(directory)
    rows: list[Row] = [{"database": one.database, "schema": one.schema, "wanted": one.wanted, "size": one.size} for one in changes]
    if not changes:
        print("the databases are up to date", file=sys.stderr)
        return rows
    if arguments.dry_run:
        done = upgrading.rehearse(directory, site.clock)
        print("it was tried with copies, and would work; nothing was changed", file=sys.stderr)
    else:
        done = prepare(directory, site.clock)
    for line in done:
        print(line, file=sys.stderr)
    if arguments.dry_run:
        return rows
    wrong = problems(site.world.store, bodies=False)
    for text in wrong:
        print(text, file=sys.stderr)
    show(rows, as_json=arguments.json)
    return 1 if wrong else 0


def rollback(site: Site, arguments: Namespace) -> list[Row]:
    """Back to the databases from before the last upgrade."""
    directory = site.config.data
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise UserError("this puts the databases from before the last upgrade back: say --yes if you mean it")
        print("Put the databases from before the last upgrade back, for the program that goes with them?  Type yes: ", end="", flush=True)
        if sys.stdin.readline().strip() != "yes":
            raise UserError("nothing was changed")
    site.enter()
    back = upgrading.roll_back(directory)
    print("now install the program that goes with these databases, then start it: this one would upgrade them again", file=sys.stderr)
    if back.files is not None:
        print(f"{back.messages} messages came since; their files are kept in {back.files}, and `pillarbox salvage` brings them back: "
              "run it before the server", file=sys.stderr)
    return [{"database": name, "schema": version} for name, version in back.databases]


def salvage(site: Site, arguments: Namespace) -> int:
    """Make messages of mail files that the database does not know; 1 if some are nobody's or cannot be read."""
    from mta.flow import people
    from mta.flow import salvage as salvaging
    from mta.store.migrate import Plan, prepare

    site.enter()
    data = site.config.data
    if not (data / "pillarbox.db").exists():
        if not arguments.new_database or arguments.account is None:
            raise SetupError(f"{data} has no pillarbox.db: put an old one there, or say --new-database --account NAME to make a new one "
                             "in which the account NAME gets all the mail")
        prepare(data, site.clock, Plan(beside_mail=True))
    if arguments.new_database and arguments.account not in {row.name for row in people.all_accounts(site.world)}:
        people.add_account(site.world, arguments.account, by=site.by)

    def told(files: int) -> None:
        if sys.stderr.isatty() and files % 100 == 0:
            print(f"\r{files} files", end="", file=sys.stderr, flush=True)

    done = salvaging.run(site.world, arguments.account, dry=arguments.dry_run, told=told)
    if arguments.json:
        show([{"files": done.files, "messages": done.messages, "present": done.present, "nobody": done.nobody,
               "unreadable": done.unreadable}], as_json=True)
    else:
        verb = "would be made" if arguments.dry_run else "were made"
        print(f"{done.files} files that the database does not know; {sum(done.messages.values())} messages {verb} of them"
              f"{f', {done.present} were there already' if done.present else ''}")
        for name, count in sorted(done.messages.items()):
            print(f"  {name}: {count} in {salvaging.SALVAGED}")
    for text in done.unreadable:
        print(text, file=sys.stderr)
    if done.nobody:
        print(f"{len(done.nobody)} files bear no address of an account here: say --account NAME, who is to get them", file=sys.stderr)
    return 1 if done.nobody or done.unreadable else 0
