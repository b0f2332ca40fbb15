// One's own account: the password and the browsers that are signed in, mail programs, rules for mail that comes in, the junk filter.
import { account, type State } from "../api";
import { Pages, type Entry } from "../pages";
import { h } from "../dom";
import { signIn, starting } from "../signin";
import { junk } from "./junk";
import { own } from "./own";
import { programs } from "./programs";
import { rules } from "./rules";

const place = document.getElementById("app")!;
let pages: Pages | null = null;

async function begin(): Promise<void> {
  const state = await account.state();
  pages?.end();
  pages = null;
  if (state.signed_in) {
    pages = new Pages(entries(state), place, state.account, [state.pages.includes("webmail") && h("a", { href: "/webmail/" }, "Webmail")], async () => { await account.logout(); await again(); });
    return;
  }
  signIn(place, "Account", state.hostname, true, async (name, password) => {
    await account.login({ name, password });
    await begin();
  });
}

function entries(state: State): Record<string, Entry> {
  return {
    account: { title: "Account", draw: (main) => own(main, state) },
    programs: { title: "Mail programs", draw: programs },
    rules: { title: "Rules", draw: rules },
    junk: { title: "Junk", draw: junk },
  };
}

const again = starting(place, begin);
