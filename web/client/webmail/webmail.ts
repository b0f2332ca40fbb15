// Where the webmail begins: whoever is signed in sees the mail, all others the form.
import { webmail } from "../api";
import { complain } from "../dom";
import { signIn } from "../signin";
import { Mail } from "./mail";

const place = document.getElementById("app")!;

async function begin(): Promise<void> {
  const state = await webmail.state();
  if (state.signed_in) {
    const mail = new Mail(place, state, () => void begin().catch(complain));
    await mail.start();
    return;
  }
  signIn(place, "Webmail", state.hostname, true, async (name, password) => {
    await webmail.login({ name, password });
    await begin();
  });
}

begin().catch(complain);
