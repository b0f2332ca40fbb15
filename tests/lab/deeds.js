// What readers do in the webmail, by its own buttons and keys as fast as the page takes them; and what the page shows.
({
  /** Do so many things by chance; the same for the same seed and the same mail. */
  async deeds(seed, count) {
    let state = seed >>> 0;
    const random = (most) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * most);
    };
    const all = (selector) => [...document.querySelectorAll(selector)];
    const click = (selector) => { const some = all(selector); some[random(some.length)]?.click(); };
    const press = (key, shiftKey = false) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
    const say = (text) => {
      const input = document.querySelector(".search input");
      input.value = text;
      input.form.requestSubmit();
    };
    const named = (text) => all(".notices button").find((one) => one.textContent === text)?.click();
    const kinds = [
      () => click(".list .row"), () => click(".list .row"), () => press("j"), () => press("k"), () => press("n"),
      () => click(".row input[type=checkbox]"), () => press("x"), () => press("ArrowDown", true), () => press("S"),
      () => click(".row .star"), () => press("m"), () => press("u"), () => press("s"),
      () => press("e"), () => press("#"), () => press("q"), () => named("Undo"), () => named("Undo"),
      () => click(".sidebar li > button:first-child"), () => document.querySelector(".sidebar [data-role=inbox]").click(),
      () => press("Escape"), () => press("C"), () => press("End"), () => press("Home"),
      () => { const list = document.querySelector(".list"); list.scrollTop = random(list.scrollHeight); },
      () => say(["letter", "is:unread", "from:carl", "subject:answer -letter", "is:flagged"][random(5)]),
    ];
    for (let left = count; left > 0; left -= 1) {
      kinds[random(kinds.length)]();
      await new Promise((done) => setTimeout(done, random(40)));
      // Who is asked says yes; what begins to be written is put away.
      document.querySelector("dialog[open] .danger")?.click();
      document.querySelector(".compose header button:last-child")?.click();
    }
  },

  /** What is to be seen now. */
  seen() {
    const boxes = {};
    for (const one of document.querySelectorAll(".sidebar li > button:first-child")) {
      const [, name, total, unread] = /^(.*): (\d+) messages, (\d+) unread$/.exec(one.title);
      boxes[name] = [Number(total), Number(unread)];
    }
    const rows = [...document.querySelectorAll(".list .row")].filter((row) => !row.closest("[hidden]")).map((row) => ({
      at: Number(row.getAttribute("aria-rowindex")) - 1, id: Number(row.id.slice(3)), unread: row.classList.contains("unread"),
      flagged: !!row.querySelector(".star.on"), labels: [...row.querySelectorAll(".tag")].map((tag) => tag.textContent),
      inner: row.classList.contains("inner"), total: Number(row.querySelector(".twist")?.textContent ?? 1), open: row.querySelector(".twist")?.getAttribute("aria-expanded") === "true",
    }));
    return { hash: location.hash, boxes, rows, length: Number(document.querySelector(".list").getAttribute("aria-rowcount")), empty: document.querySelector(".list").hidden,
      heading: document.querySelector(".heading h1").textContent, opened: document.querySelector(".row.open")?.id ?? "" };
  },

  /** Show another part of the list; whether there is more below. */
  async scroll(top) {
    const list = document.querySelector(".list");
    list.scrollTop = top;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return [list.scrollTop + list.clientHeight < list.scrollHeight - 1, list.clientHeight];
  },
})
