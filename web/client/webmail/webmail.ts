// Where the webmail begins: whoever is signed in sees the mail, all others the form.
import { webmail } from "../api";
import { signIn, starting } from "../signin";
import { t } from "../words/reading";
import { Mail } from "./mail";

const place = document.getElementById("app")!;
let mail: Mail | null = null;

const begin = async (): Promise<void> => {
  const state = await webmail.state();
  if (state.signed_in) {
    // After a session has ended, the same person goes on where they were, with what they had written.
    if (mail && mail.account !== state.account_id) mail = mail.end();
    if (mail) return mail.resume(state);
    mail = new Mail(place, state, () => void again());
    return mail.start();
  }
  mail?.pause();
  signIn(place, t.webmail, state.hostname, true, async (name, password, code) => {
    await webmail.login({ name, password, code });
    await begin();
  });
};
const again = starting(place, begin);
// Without a worker (an old browser, a certificate that is not trusted) nothing is lost but the page while offline.
void navigator.serviceWorker?.register("/webmail/worker.js", { scope: "/webmail/" }).catch(() => undefined);
