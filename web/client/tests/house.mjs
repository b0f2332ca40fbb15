// A mail server in memory for tests of lists: answers calls, and tells changes when a test lets it.

/** Numbers by chance, the same for the same seed. */
export function chance(seed) {
  let state = seed >>> 0;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}

export class House {
  modseq = 1;
  messages = new Map();
  untold = [];
  asked = [];
  #number = 0;

  constructor(delay = async () => undefined) {
    globalThis.fetch = async (path, { body }) => {
      const name = path.split("/").pop();
      this.asked.push(name);
      await delay();
      const text = JSON.stringify({ result: this[name](JSON.parse(body)) });
      await delay();
      return new Response(text);
    };
  }

  #tell(kind, facts) {
    this.untold.push({ type: kind, modseq: (this.modseq += 1), ...facts });
  }

  add(mailbox_id, received = this.#number + 1, thread_id = 0, flags = []) {
    const id = (this.#number += 1);
    const one = { id, mailbox_id, thread_id: thread_id || 1_000_000 + id, received, flags, keywords: [], from: [], to: [], subject: `${id}`, preview: "", date: null, size: id, attachments: 0 };
    this.messages.set(id, one);
    this.#tell("message_added", { message: one, at: mailbox_id });
    return one;
  }

  remove(id) {
    const one = this.messages.get(id);
    this.messages.delete(id);
    this.#tell("message_removed", { mailbox_id: one.mailbox_id, message_id: id });
  }

  move(id, mailbox_id) {
    const one = this.messages.get(id);
    if (one.mailbox_id === mailbox_id) return;
    this.#tell("message_removed", { mailbox_id: one.mailbox_id, message_id: id });
    this.messages.set(id, { ...one, mailbox_id });
    this.#tell("message_added", { message: { id }, at: mailbox_id });
  }

  flag(id, flags) {
    const one = this.messages.get(id);
    this.messages.set(id, { ...one, flags });
    this.#tell("message_flags", { mailbox_id: one.mailbox_id, message_id: id, flags, keywords: [] });
  }

  /** The next changes as the server tells them: messages as they are now, without those that are elsewhere by now. */
  told(most = 200) {
    const some = this.untold.splice(0, most);
    const until = some.at(-1)?.modseq ?? this.modseq;
    const changes = some.flatMap((one) => {
      if (one.type !== "message_added") return [structuredClone(one)];
      const now = this.messages.get(one.message.id);
      return now?.mailbox_id === one.at ? [{ type: one.type, modseq: one.modseq, message: structuredClone(now) }] : [];
    });
    return { changes, modseq: until };
  }

  list(mailbox_id, order = "newest") {
    const newest = (one, other) => other.received - one.received || other.id - one.id;
    const by = { newest, oldest: (one, other) => -newest(one, other), largest: (one, other) => other.size - one.size || other.id - one.id }[order];
    return [...this.messages.values()].filter((one) => one.mailbox_id === mailbox_id).sort(by);
  }

  page({ mailbox_id, skip, limit }) {
    return this.sorted_page({ mailbox_id, skip, limit, order: "newest" });
  }

  sorted_page({ mailbox_id, order, skip, limit }) {
    const all = this.list(mailbox_id, order);
    return { messages: all.slice(skip, skip + limit), total: all.length, next: null, modseq: this.modseq };
  }

  heads(mailbox_id) {
    const found = new Map();
    for (const one of this.list(mailbox_id)) {
      const head = found.get(one.thread_id) ?? { latest: one, total: 0, unread: 0 };
      head.total += 1;
      head.unread += Number(!one.flags.includes("\\Seen"));
      found.set(one.thread_id, head);
    }
    return [...found.values()];
  }

  conversations({ mailbox_id, before, limit }) {
    const left = this.heads(mailbox_id).filter(({ latest }) => !before || latest.received < before.received || (latest.received === before.received && latest.id < before.id));
    const some = left.slice(0, limit);
    const last = some.at(-1)?.latest;
    return { conversations: some, next: some.length < left.length ? { received: last.received, id: last.id } : null, modseq: this.modseq };
  }

  thread({ thread_id }) {
    return [...this.messages.values()].filter((one) => one.thread_id === thread_id).sort((one, other) => one.received - other.received || one.id - other.id);
  }
}
