// What a message seems to lack, or may be wrong about, before it is sent.  Pure: no page is needed.

/** Words for "attached" in languages that people write; a part of a word counts where words grow together. */
const WORDS = /\b(attach(ed|ing|ment|ments)?|enclosed|enclosure|angehäng|anhang|anhänge|anlage|anlagen|anbei|beigefügt|beiliegend|pi[eè]ces? jointes?|ci-joint|joint|adjunt|anexo|anexa|allegat|in allegato|bijlage|bijgevoegd|bifoga|bilaga|vedhæft|vedlagt|vedlegg|liitteenä|liite|załącz|příloh|в приложении|прикреп|вложен|додат)/iu;

/** What the author wrote: without what is quoted and without the signature. */
export function ownWords(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => line === "-- ");
  const forwarded = lines.findIndex((line) => line.startsWith("---------- "));
  const last = [end, forwarded].filter((at) => at >= 0).reduce((one, other) => Math.min(one, other), lines.length);
  return lines.slice(0, last).filter((line) => !line.startsWith(">")).join("\n");
}

/** Whether it speaks of a file that is not there. */
export function lacksAttachment(subject: string, text: string, files: number): boolean {
  // An answer keeps the subject of what it answers, where the file was.
  const fresh = /^\s*(re|aw|sv|antw|fwd?|wg)\s*:/i.test(subject) ? "" : subject;
  return files === 0 && WORDS.test(`${fresh}\n${ownWords(text)}`);
}

/** Those addresses that belong to none of one's own domains. */
export function outside(addresses: string[], own: string[]): string[] {
  const domain = (address: string): string => address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  const ours = new Set(own.map(domain));
  return addresses.filter((address) => !ours.has(domain(address)));
}

/** How mail gets to one recipient, as far as it decides about protection. */
export interface Protected {
  way: string;
  requiretls: boolean;
  /** STARTTLS, MTA-STS, DNSSEC, DANE, REQUIRETLS. */
  bars: (boolean | null)[];
}

/** Whether REQUIRETLS can be asked for without being told: every server was seen to promise it, proven by DANE or MTA-STS. */
export function canRequire(ways: Protected[], inList: boolean): boolean {
  const away = ways.filter((one) => one.way !== "here");
  return !inList && away.length > 0 && away.every((one) => one.requiretls && (one.bars[1] === true || one.bars[3] === true));
}
