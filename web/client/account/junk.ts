// What the junk filter has learned, and what the account chose about it.
import { account, type JunkLessons, type Preferences } from "../api";
import { edited, field, fill, h, notice } from "../dom";

export async function junk(main: HTMLElement): Promise<void> {
  const [chosen, learned] = await Promise.all([account.preferences(), account.junk_lessons()]);
  draw(main, chosen, learned);
}

/** What there is to go by, and whether that is enough. */
function lessons(learned: JunkLessons): HTMLElement {
  const others = learned.good > learned.own_good || learned.junk > learned.own_junk;
  const tile = (value: number, what: string): HTMLElement => h("div", { class: "tile" }, h("strong", null, value.toLocaleString()), h("span", null, what));
  return h("div", null,
    h("div", { class: "tiles" }, tile(learned.own_junk, "called junk by you"), tile(learned.own_good, "called good by you"),
      others && tile(learned.junk, "called junk by everybody here"), others && tile(learned.good, "called good by everybody here")),
    h("p", { class: "quiet" }, learned.enough ? "That is enough to judge mail by its words." : `Too few yet to judge mail by its words: that takes ${learned.least_junk} junk and ${learned.least_good} good messages.`,
      " Moving to Junk says junk; moving out of it, answering, archiving, or reading and keeping in the Inbox says good. Throwing away says nothing."));
}

function draw(main: HTMLElement, chosen: Preferences, learned: JunkLessons): void {
  const box = (checked: boolean): HTMLInputElement => h("input", { type: "checkbox", checked });
  const filter = box(chosen.junk_filter), pass = box(chosen.subject_pass), slow = box(chosen.slow_first_time);
  const threshold = h("input", { type: "number", min: "50", max: "99.9", step: "0.1", required: true, value: String(Math.round(chosen.threshold * 1000) / 10) });
  const days = h("input", { type: "number", min: "0", max: "60", required: true, value: String(chosen.reject_days) });
  fill(main, h("h1", null, "Junk"),
    h("h2", null, "What the filter has learned"), lessons(learned),
    h("h2", null, "What you chose"),
    h("form", {
      onsubmit: (event: Event) => {
        event.preventDefault();
        void edited(async () => {
          draw(main, await account.preferences_change({ preferences: {
            junk_filter: filter.checked, threshold: Number(threshold.value) / 100, subject_pass: pass.checked, reject_days: Number(days.value), slow_first_time: slow.checked, version: chosen.version,
          } }), learned);
          notice("Saved.");
        }, () => junk(main));
      },
    },
      field("Judge mail by its words", filter, "And learn them from what you move to Junk and out of it."),
      field("Words make junk from, %", threshold, "How sure the filter must be. Usual is 90; less finds more junk, and takes more good mail for it."),
      field("Let refused people in by their subject", pass, "A person whose mail was refused is told a word to put into the subject."),
      field("Days that refused mail is kept in Rejects", days, "So that a lost sign-up mail can be found; 0 keeps none."),
      field("Let strangers wait", slow, "Senders that nothing is known of and nothing speaks for wait some seconds; who sends junk often does not."),
      h("button", { class: "button primary" }, "Save")));
}
