// Masked addresses: at which domains they may be made, and how many each account may have.
import { admin, type MaskRules } from "../api";
import { attempt, field, fill, h, notice } from "../dom";
import { number } from "../format";
import { table } from "../table";
import { masks as t } from "../words/admin/people";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function masks(main: HTMLElement): Promise<void> {
  draw(main, await admin.mask_rules());
}

function draw(main: HTMLElement, now: MaskRules): void {
  const again = (what: () => Promise<MaskRules>): Promise<boolean> => attempt(async () => { draw(main, await what()); notice(p.saved); });
  const account = h("select", null, ...now.accounts.map((one) => h("option", null, one.account)));
  const most = h("input", { type: "number", min: "0", placeholder: t.usual });
  fill(main, h("h1", null, p.masks),
    h("p", { class: "quiet" }, t.meaning),
    h("h2", null, p.domains),
    h("form", null, ...now.domains.map((one) => field(one.domain, h("input", { type: "checkbox", checked: one.allowed, onchange: (event: Event) => void again(() => admin.mask_domain({ domain: one.domain, allowed: (event.target as HTMLInputElement).checked })).then((done) => { if (!done) (event.target as HTMLInputElement).checked = one.allowed; }) })))),
    !now.domains.length && h("p", { class: "quiet" }, p.noDomain),
    h("h2", null, p.accounts),
    table([p.account, t.has, t.mayHave], now.accounts.map((one) => [one.account, number(one.used), number(one.most)]), p.noAccount),
    now.accounts.length > 0 && h("form", { onsubmit: (event: Event) => { event.preventDefault(); void again(() => admin.mask_limit({ account: account.value, most: most.value === "" ? null : Number(most.value) })); } },
      h("div", { class: "pairs" }, field(p.account, account), field(t.mayHave, most)), h("p", { class: "actions" }, h("button", { class: "button primary" }, s.save))));
}
