"""Passwords that are guessed first: the only rule beside length.

There is no list of stolen passwords in here.  The words below were written down by hand
for this file, from what guessers are known to begin with: the words people choose when
they are asked for "a password" (of passwords, love, seasons, months, names, animals,
sports, keyboards) in the larger languages of Europe.  What people do to such a word to
please a rule is undone before it is looked up: capitals, digits and signs in front and
behind, digits for letters in it (p4ssw0rd), a word said twice.  So some 300 words
stand for many millions of passwords.  Besides: rows of keys, alphabets, numbers that
count or repeat, dates, and what belongs to the account: its name, its address, this host.
"""
import re
from collections.abc import Iterable
from typing import Final

TEXT: Final = """
password passwort passwd pass passphrase motdepasse contrasena senha wachtwoord haslo heslo parole losenord secret geheim admin
administrator root user test testing tester guest default changeme changethis letmein welcome willkommen bienvenue welkom login logon
signin access master mastermind server mail email webmail internet computer laptop system security secure private office company work
hello hallo hola bonjour ciao goodbye please thanks
qwerty qwertz azerty qwertyuiop qwertzuiop azertyuiop asdf asdfgh asdfghjkl yxcvbn zxcvbn zxcvbnm qazwsx qazwsxedc wsxedc qweasd qweasdzxc
abc abcd abcde abcdef abcdefg abcdefgh
love iloveyou loveyou ichliebedich liebe amour jetaime teamo amore lovely sweetheart darling honey schatz baby babygirl angel engel princess
prinzessin prince queen king sunshine sonnenschein flower blume rose star stars heaven happy lucky magic dream forever friend friends
family familie mother father mutter vater mama papa sister brother
spring summer autumn fall winter fruhling sommer herbst printemps automne hiver
january february march april may june july august september october november december januar februar marz mai juni juli oktober dezember
monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag sonntag weekend
michael michelle daniel daniela thomas andrea andreas alexander alexandra jennifer jessica joshua matthew andrew anthony robert william
charlie charles george james john joseph david jordan justin kevin martin peter paul patrick richard stefan stephan steven sebastian
christian christina maria marie anna julia laura lisa sarah sandra nicole natalie sabrina tobias florian philipp lukas hannah sophie emma
ashley amanda samantha thunder thomas1 maggie buster bailey ginger pepper cookie coco
monkey dragon tiger lion eagle falcon phoenix shadow wolf bear horse pony dolphin butterfly kitten kitty hund katze chat chien gato perro
elephant mouse rabbit snoopy panther unicorn
football fussball soccer baseball basketball hockey tennis golf rugby cricket arsenal chelsea liverpool barcelona realmadrid juventus bayern
superman batman spiderman starwars pokemon naruto matrix matrix1 gandalf harrypotter minecraft fortnite warcraft hunter ranger killer ninja
warrior pirate samurai merlin
london paris berlin madrid rome newyork america england germany deutschland france espana italia europa europe amsterdam hamburg munich
mercedes porsche ferrari yamaha toyota honda corvette mustang harley
whatever nothing something trustno trustno1 ilove freedom freiheit money geld chocolate schokolade cheese coffee kaffee banana orange apple
purple yellow silver golden diamond crystal summertime blessed jesus christ god grace hope faith
"""
WORDS: Final = frozenset(TEXT.split())
#: Rows that fingers run along, both ways.
ROWS: Final = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "yxcvbnm", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "01234567890",
               "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb", "qazwsxedcrfvtgb")
#: Digits and signs that stand for letters.
MEANT: Final = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "€": "e"})
#: A day, in whatever order: eight digits with a year of the last hundred.
DATE: Final = re.compile(r"(?:(?:19|20)\d\d[01]\d[0-3]\d|[0-3]\d[01]\d(?:19|20)\d\d|[01]\d[0-3]\d(?:19|20)\d\d)")


def why_guessable(password: str, own: Iterable[str] = ()) -> str:
    """Why guessers try this password early, for people; "" if they do not.  own are names that belong to whose it is."""
    plain = password.casefold()
    letters = "".join(char for char in plain if char.isalnum())
    if len(set(letters or plain)) < 3:
        return "it has hardly any different characters"
    if _is_row(letters):
        return "its keys or numbers follow one another"
    if DATE.fullmatch(letters):
        return "it is a date"
    cores = _cores(plain)
    for name in own:
        named = "".join(char for char in name.casefold() if char.isalnum())
        if len(named) > 2 and named in cores:
            return "it is a name that belongs to the account or this server"
    return "it is a common word, and digits or signs around it are guessed as well" if cores & WORDS else ""


def _cores(plain: str) -> set[str]:
    """What is left of a password without what people add to a word."""
    found = set()
    for text in (plain, plain.translate(MEANT)):
        alphanumeric = "".join(char for char in text if char.isalnum())
        bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
        for one in (alphanumeric, "".join(char for char in bare if char.isalnum())):
            found.add(one)
            half = len(one) // 2
            if half and one[:half] == one[half:]:
                found.add(one[:half])
    # Digits go first, then signs mean letters: "P@ssw0rd2030!" is both.
    stripped = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    found.add("".join(char for char in stripped.translate(MEANT) if char.isalnum()))
    return found


def _is_row(text: str) -> bool:
    """Whether a text is made of runs of at least three along rows of keys, to and fro."""
    both = [row for one in ROWS for row in (one, one[::-1])]
    at = 0
    while at < len(text):
        run = next((length for length in range(min(len(text) - at, 26), 2, -1) if any(text[at:at + length] in row for row in both)), 0)
        if not run:
            return False
        at += run
    return bool(text)
