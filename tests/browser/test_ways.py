"""Transports and routes in a browser."""
from playwright.sync_api import Page, expect

from tests.browser.test_admin import admin, fits_a_phone
from tests.serving import Server

__all__ = ["admin"]


def test_transports_and_routes(admin: Page) -> None:
    """A relay and a route to it, a mistake, the trial, and all away again."""
    admin.goto("/admin/#ways")
    expect(admin.get_by_text("No routes: all mail goes direct.")).to_be_visible()
    admin.get_by_role("button", name="Add a transport").click()
    form = admin.get_by_role("dialog", name="Add a transport")
    form.get_by_label("Name", exact=True).fill("relay")
    form.get_by_label("Server").fill("smtp.relay.test")
    form.get_by_label("User name").fill("me")
    form.get_by_role("button", name="Add").click()
    expect(admin.get_by_text("user name and password go together")).to_be_visible()
    form.get_by_label("Password").fill("s3cret")
    form.get_by_role("button", name="Add").click()
    expect(form).to_have_count(0)
    expect(admin.get_by_text("smtp.relay.test, port 587")).to_be_visible()

    admin.get_by_role("button", name="Add a route").click()
    form = admin.get_by_role("dialog", name="Add a route")
    form.get_by_label("To the domain").fill("b.test")
    form.get_by_label("Goes").select_option("relay")
    form.get_by_role("button", name="Add").click()
    expect(admin.get_by_text("mail to b.test goes by relay")).to_be_visible()
    fits_a_phone(admin, "ways")

    trial = admin.get_by_role("region", name="Trial")
    trial.get_by_label("To").fill("bob@b.test")
    trial.get_by_role("button", name="Tell").click()
    expect(trial.get_by_text("It stays here")).to_be_visible()      # all mail of a localserve does

    admin.get_by_role("button", name="Remove relay").click()
    admin.get_by_role("button", name="Remove the transport").click()
    expect(admin.get_by_text("routes that name the transport relay: 1")).to_be_visible()
    admin.get_by_role("button", name="Change route 1").click()
    admin.get_by_role("dialog").get_by_label("Goes").select_option("fail")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("mail to b.test is given up")).to_be_visible()
    for name, deed in (("Remove route 1", "Remove the route"), ("Remove relay", "Remove the transport")):
        admin.get_by_role("button", name=name).click()
        admin.get_by_role("button", name=deed).click()
        expect(admin.get_by_role("button", name=name)).to_have_count(0)


def test_a_transport_changes(admin: Page, server: Server) -> None:
    """Its form has what is there but the password, which stays; a port that is none does not leave the form; somebody was faster."""
    server.command("transport", "add", "smart", "smart.test", "--username", "us", stdin=b"s3cret\n")
    admin.goto("/admin/#ways")
    admin.get_by_role("button", name="Change smart").click()
    form = admin.get_by_role("dialog", name="Transport smart")
    expect(form.get_by_label("User name")).to_have_value("us")
    expect(form.get_by_label("Password")).to_have_value("")
    form.get_by_label("Server").fill("no host at all")
    form.get_by_label("Port").fill("465")
    form.get_by_label("TLS", exact=True).select_option("implicit")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("status")).to_contain_text("no host at all")
    expect(form.get_by_label("Port")).to_have_value("465")
    fits_a_phone(admin, "transport-wrong")
    form.get_by_label("Server").fill("new.smart.test")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(admin.get_by_text("new.smart.test, port 465")).to_be_visible()
    [row] = [row for row in server.json("transport", "list") if row["name"] == "smart"]
    assert (row["host"], row["port"], row["tls"], row["username"]) == ("new.smart.test", 465, "implicit", "us")
    admin.get_by_role("button", name="Change smart").click()
    server.command("transport", "set", "smart", "--port", "587", "--tls", "starttls")
    form.get_by_label("Server").fill("mine.smart.test")
    form.get_by_role("button", name="Save").click()
    admin.get_by_role("dialog").filter(has=admin.get_by_role("alert")).get_by_role("button", name="Load it again").click()
    expect(admin.get_by_text("new.smart.test, port 587")).to_be_visible()
    expect(form).to_have_count(0)
    server.command("transport", "remove", "smart")
