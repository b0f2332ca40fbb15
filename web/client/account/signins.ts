// Who signed in to the account, and who tried to.
import { account, type SignIn } from "../api";
import { attempt, fill, h } from "../dom";
import { signInTable } from "../signinlog";

export async function signIns(main: HTMLElement): Promise<void> {
  draw(main, await account.sign_ins());
}

function draw(main: HTMLElement, rows: SignIn[]): void {
  const last = rows.at(-1);
  fill(main, h("h1", null, "Sign-ins"),
    h("p", { class: "quiet" }, "Of the last 90 days. If one was not you: change your password, revoke the app password that was used, and sign out all others."),
    signInTable(rows, false),
    rows.length % 100 === 0 && last !== undefined && h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw(main, [...rows, ...await account.sign_ins({ before: last.id })])) }, "Older ones")));
}
