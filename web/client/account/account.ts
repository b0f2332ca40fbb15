// One's own account: the browsers that are signed in, passwords and the second factor, sign-ins, mail programs, identities, rules for mail that comes in, what follows by itself, masked addresses, the junk filter, mail in from elsewhere and out, what was removed lately.
import { account } from "../api";
import { Pages, type Entry } from "../pages";
import { h } from "../dom";
import { signIn, starting } from "../signin";
import { away } from "./away";
import { deleted } from "./deleted";
import { forwarding } from "./forwarding";
import { identities } from "./identities";
import { imports } from "./imports";
import { junk } from "./junk";
import { masks } from "./masks";
import { own } from "./own";
import { passwords } from "./passwords";
import { programs } from "./programs";
import { rules } from "./rules";
import { signIns } from "./signins";
import { pages as t } from "../words/account/access";
import { p } from "../words/pages";

/** Every page, by what stands after # in its address; whoever is to know all of them reads them here. */
export const PAGES: Record<string, Entry> = {
  account: { group: t.you, title: p.account, draw: own },
  passwords: { title: t.passwords, draw: passwords },
  signins: { title: t.signIns, draw: signIns },
  programs: { title: t.programs, draw: programs },
  identities: { title: t.addresses, draw: identities },
  rules: { group: t.mail, title: t.rules, draw: rules },
  away: { title: t.away, draw: away },
  forwarding: { title: t.forwarding, draw: forwarding },
  masks: { title: t.masks, draw: masks },
  junk: { title: t.junk, draw: junk },
  deleted: { title: t.deleted, draw: deleted },
  imports: { title: t.imports, draw: imports },
};

const place = document.getElementById("app")!;
let pages: Pages | null = null;

async function begin(): Promise<void> {
  const state = await account.state();
  pages?.end();
  pages = null;
  if (state.signed_in && !state.webmail_only) {
    pages = new Pages(PAGES, place, state.account, [state.pages.includes("webmail") && h("a", { href: "/webmail/" }, t.webmail)], async () => { await account.logout(); await again(); });
    return;
  }
  signIn(place, p.account, state.hostname, true, async (name, password, code) => {
    await account.login({ name, password, code });
    await begin();
  });
}

const again = starting(place, begin);
