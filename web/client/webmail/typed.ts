// Recipients as people type them: which one is being typed, and what a suggestion makes of it.  Pure: no page is needed.

/** Where in a field the recipient stands that is being typed, and what there is of it. */
export interface Piece {
  start: number;
  end: number;
  word: string;
}

/** The recipient around the cursor: from one comma to the next, but not those within quotes, brackets or comments. */
export function piece(text: string, cursor: number): Piece {
  let start = 0, quoted = false, depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (quoted) {
      if (char === "\\") at += 1;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "<" || char === "(") depth += 1;
    else if (char === ">" || char === ")") depth = Math.max(0, depth - 1);
    else if (depth === 0 && (char === "," || char === ";" || char === "\n")) {
      if (at >= cursor) return made(text, start, at);
      start = at + 1;
    }
  }
  return made(text, start, text.length);
}

function made(text: string, start: number, end: number): Piece {
  return { start, end, word: text.slice(start, end).trim() };
}

/** Someone as a recipient is written. */
export function written(person: { name: string; address: string }): string {
  if (!person.name) return person.address;
  const name = /[",;:<>@()[\]\\]/.test(person.name) ? `"${person.name.replace(/(["\\])/g, "\\$1")}"` : person.name;
  return `${name} <${person.address}>`;
}

/** The field with someone in place of what was typed, and where the cursor is then. */
export function completed(text: string, at: Piece, person: { name: string; address: string }): { text: string; cursor: number } {
  const before = text.slice(0, at.start).trimEnd();
  const head = `${before}${before ? " " : ""}${written(person)}, `;
  return { text: head + text.slice(at.end).replace(/^\s*[,;\n]?\s*/, ""), cursor: head.length };
}

/** Whether nothing is missing: who typed that far means it. */
export function isWhole(word: string): boolean {
  return /^[^\s@<>,]+@[^\s@<>,.]+(\.[^\s@<>,.]+)+$/.test(word) || /<[^<>@]+@[^<>@]+>$/.test(word);
}
