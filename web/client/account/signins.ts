// Who signed in to the account, and who tried to.
import { account, type SignIn } from "../api";
import { attempt, fill, h } from "../dom";
import { signInTable } from "../signinlog";
import { signIns as t, pages } from "../words/account/access";
import { p } from "../words/pages";

export async function signIns(main: HTMLElement): Promise<void> {
  draw(main, await account.sign_ins());
}

function draw(main: HTMLElement, rows: SignIn[]): void {
  const last = rows.at(-1);
  fill(main, h("h1", null, pages.signIns),
    h("p", { class: "quiet" }, t.meaning),
    signInTable(rows, false),
    rows.length % 100 === 0 && last !== undefined && h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: () => void attempt(async () => draw(main, [...rows, ...await account.sign_ins({ before: last.id })])) }, p.older)));
}
