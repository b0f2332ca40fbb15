// What the junk filter has learned, and what the account chose about it.
import { account, type JunkLessons, type Preferences } from "../api";
import { edited, field, fill, h, notice } from "../dom";
import { junk as t } from "../words/account/mail";
import { p } from "../words/pages";
import { s } from "../words/shared";

export async function junk(main: HTMLElement): Promise<void> {
  const [chosen, learned] = await Promise.all([account.preferences(), account.junk_lessons()]);
  draw(main, chosen, learned);
}

/** What there is to go by, and whether that is enough. */
function lessons(learned: JunkLessons): HTMLElement {
  const others = learned.good > learned.own_good || learned.junk > learned.own_junk;
  const tile = (value: number, what: string): HTMLElement => h("div", { class: "tile" }, h("strong", null, value.toLocaleString()), h("span", null, what));
  return h("div", null,
    h("div", { class: "tiles" }, tile(learned.own_junk, t.ownJunk), tile(learned.own_good, t.ownGood),
      others && tile(learned.junk, t.junk), others && tile(learned.good, t.good)),
    h("p", { class: "quiet" }, learned.enough ? t.enough : t.few(learned.least_junk, learned.least_good),
      " ", t.how));
}

function draw(main: HTMLElement, chosen: Preferences, learned: JunkLessons): void {
  const box = (checked: boolean): HTMLInputElement => h("input", { type: "checkbox", checked });
  const filter = box(chosen.junk_filter), pass = box(chosen.subject_pass), slow = box(chosen.slow_first_time);
  const threshold = h("input", { type: "number", min: "50", max: "99.9", step: "0.1", required: true, value: String(Math.round(chosen.threshold * 1000) / 10) });
  const days = h("input", { type: "number", min: "0", max: "60", required: true, value: String(chosen.reject_days) });
  fill(main, h("h1", null, t.title),
    h("h2", null, t.learned), lessons(learned),
    h("h2", null, t.chosen),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void edited(async () => {
          draw(main, await account.preferences_change({ preferences: {
            junk_filter: filter.checked, threshold: Number(threshold.value) / 100, subject_pass: pass.checked, reject_days: Number(days.value), slow_first_time: slow.checked, version: chosen.version,
          } }), learned);
          notice(p.saved);
        }, () => junk(main));
      },
    },
      field(t.filter, filter, t.filterHint),
      field(t.threshold, threshold, t.thresholdHint),
      field(t.pass, pass, t.passHint),
      field(t.days, days, t.daysHint),
      field(t.slow, slow, t.slowHint),
      h("button", { class: "button primary" }, s.save)));
}
