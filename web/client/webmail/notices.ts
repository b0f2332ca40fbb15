// The dialog "Notifications": whether this browser is told of new mail, what it is told, and which others are.
import { ApiError, webmail, type Push, type PushBrowser } from "../api";
import { attempt, button, dialog, fill, h, type Child } from "../dom";
import { browser, fullDate } from "../format";
import { notices as t } from "../words/notices";
import { isOn, keptUp, lacking, switchOff, switchOn, type Lack } from "./pushing";

/** Show it. */
export async function notices(account: number): Promise<void> {
  const begun = keptUp();
  let push: Push | undefined, lack: Lack | null = null;
  if (!(await attempt(async () => { [push, lack] = await Promise.all([webmail.push(), lacking()]); })) || !push) return;
  const page = new Notices(push, lack, account);
  void begun?.then(() => page.renew());
  await dialog<void>(t.title, () => [page.element]);
}

class Notices {
  // These stay when the rest is drawn anew: what changes in the one is read out, and who switched the other stays there.
  private readonly box = h("input", { type: "checkbox", role: "switch", "aria-describedby": "push-state", onchange: () => void this.turn() });
  private readonly state = h("p", { id: "push-state", role: "status" });
  private readonly rest = h("div", null);
  private readonly result = h("p", { role: "status" });
  readonly element = h("div", { class: "notifying" }, h("label", null, this.box, h("strong", null, t.own)), this.state, this.rest, this.result);
  private turning = false;

  constructor(private push: Push, private readonly lack: Lack | null, private readonly account: number) {
    this.draw();
  }

  /** Draw it as it is now, and leave the keyboard where it was. */
  private draw(push = this.push): void {
    this.push = push;
    const on = isOn(push), blocked = !this.lack && Notification.permission === "denied", cannot = this.lack !== null || blocked;
    this.box.checked = on && !blocked;
    this.box.disabled = cannot;
    this.state.className = cannot ? "hint" : "quiet";
    this.state.textContent = this.lack ? t.lacks[this.lack] : blocked ? t.blocked : on ? t.on : t.off;
    const at = this.rest.contains(document.activeElement) ? document.activeElement?.getAttribute("data-at") : null;
    fill(this.rest, ...this.choices(), ...this.devices());
    if (at) this.rest.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus();
  }

  /** What was still on its way when it opened has come. */
  async renew(): Promise<void> {
    await attempt(async () => {
      const now = await webmail.push();
      if (!this.turning) this.draw(now);
    });
  }

  private async turn(): Promise<void> {
    if (this.turning) return this.draw();
    const wanted = this.box.checked;
    this.turning = true;
    this.state.textContent = t.turning;
    await attempt(async () => {
      try {
        this.push = wanted ? (await switchOn(this.push, this.account)) ?? this.push : await switchOff(this.push);
      } catch (problem) {
        // What a browser says of its maker's service is not for people.
        throw problem instanceof DOMException ? new Error(t.notSubscribed) : problem;
      }
    });
    this.turning = false;
    this.draw();
  }

  private choices(): Child[] {
    const box = (name: "details" | "everywhere"): HTMLElement => {
      const input = h("input", { type: "checkbox", checked: this.push[name], "data-at": name, onchange: () => void attempt(async () => {
        this.push = await webmail.push_choose({ [name]: input.checked });
      }).then(() => this.draw()) });
      return h("label", null, input, t[name]);
    };
    return [h("fieldset", null, h("legend", null, t.what), box("details"), box("everywhere"))];
  }

  private devices(): Child[] {
    return [h("h3", null, t.devices), this.push.browsers.length ? h("ul", { class: "delayed" }, ...this.push.browsers.map((one) => this.device(one)))
      : h("p", { class: "quiet" }, t.none)];
  }

  private device(one: PushBrowser): HTMLElement {
    const name = browser(one.agent), failed = one.failure && (one.failed ?? 0) > (one.used ?? 0);
    return h("li", null,
      h("div", null, h("strong", null, name, one.this && ` (${t.thisOne})`),
        h("span", { class: "quiet" }, one.used ? t.used(fullDate(one.used), one.service) : t.unused(fullDate(one.created), one.service)),
        failed && h("span", { class: "bad" }, t.failed(fullDate(one.failed ?? 0), one.failure))),
      h("button", { type: "button", class: "button", "aria-label": t.testOf(name), "data-at": `test-${one.id}`, onclick: () => void this.test(one) }, t.test),
      button("close", t.removeOf(name), () => void this.remove(one)));
  }

  private async test(one: PushBrowser): Promise<void> {
    this.result.textContent = t.turning;
    let said = "", taken = false;
    await attempt(async () => {
      try {
        said = t.taken(await webmail.push_test({ id: one.id }));
        taken = true;
      } catch (problem) {
        // What its service said belongs beside it; whatever else went wrong does not.
        if (!(problem instanceof ApiError) || !["user:error", "user:notFound"].includes(problem.code)) throw problem;
        said = sentence(problem.message);
      }
    });
    this.result.className = taken ? "" : "bad";
    this.result.textContent = said;
    await this.renew();
  }

  private async remove(one: PushBrowser): Promise<void> {
    await attempt(async () => this.draw(one.this ? await switchOff(this.push) : await webmail.push_off({ id: one.id })));
    this.box.focus();
  }
}

/** With a capital and a full stop. */
function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
