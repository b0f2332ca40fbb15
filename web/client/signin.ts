// The sign-in form, the same for all applications, and how each of them begins.
import { SIGNED_OUT, button, fill, field, h, hearing } from "./dom";
import { DIRECTION, LANGUAGE } from "./words/phrase";
import { s } from "./words/shared";

/** Begin now and whenever the session turns out to have ended; say so if the server cannot be asked. */
export function starting(place: HTMLElement, begin: () => Promise<void>): () => Promise<void> {
  let beginning = false;
  hearing();
  Object.assign(document.documentElement, { lang: LANGUAGE, dir: DIRECTION });
  const again = async (): Promise<void> => {
    if (beginning) return;
    beginning = true;
    try {
      await begin();
    } catch (problem) {
      settled(place);
      fill(place, h("div", { class: "signin" }, h("p", { class: "problem", role: "alert" }, problem instanceof Error ? problem.message : String(problem)),
        button("refresh", s.again, () => void again(), true)));
    } finally {
      beginning = false;
    }
  };
  addEventListener(SIGNED_OUT, () => { if (!place.querySelector("form.signin")) void again(); });
  void again();
  return again;
}

/** No longer waiting for something to show. */
export function settled(place: HTMLElement): void {
  place.classList.remove("loading");
  place.removeAttribute("aria-busy");
}

/** Show the form in `place`; `enter` signs in and rejects with the reason if it cannot.  A code is asked for when it turns out to be needed. */
export function signIn(place: HTMLElement, title: string, hostname: string, named: boolean, enter: (name: string, password: string, code: string) => Promise<void>): void {
  const name = h("input", { name: "username", autocomplete: "username", autocapitalize: "off", spellcheck: false, required: named });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const code = h("input", { name: "code", autocomplete: "one-time-code", autocapitalize: "off", spellcheck: false });
  const coded = field(s.signIn.code, code, s.signIn.codeHint);
  coded.hidden = true;
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { class: "button primary" }, s.signIn.enter);
  const form = h("form", {
    class: "signin",
    onsubmit: async (event: Event) => {
      event.preventDefault();
      submit.disabled = true;
      problem.textContent = "";
      try {
        await enter(name.value.trim(), password.value, coded.hidden ? "" : code.value);
      } catch (reason) {
        if ((reason as { code?: string }).code === "user:codeWanted" && coded.hidden) {
          coded.hidden = false;
          code.required = true;
          code.focus();
          return;
        }
        problem.textContent = reason instanceof Error ? reason.message : String(reason);
        (coded.hidden ? password : code).select();
      } finally {
        submit.disabled = false;
      }
    },
  },
    h("img", { src: "/static/icon.svg", alt: "", width: 56, height: 56 }),
    h("h1", null, title),
    h("p", { class: "quiet" }, hostname),
    named && field(s.signIn.name, name),
    field(s.signIn.password, password),
    coded,
    problem,
    submit);
  settled(place);
  fill(place, h("main", null, form));
  (named ? name : password).focus();
}
