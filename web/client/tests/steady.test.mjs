// Whatever happens while a list is read, scrolled and told of changes: in the end it shows what the server has.
import assert from "node:assert/strict";
import test from "node:test";
import { Rows } from "../webmail/rows.ts";
import { House, chance } from "./house.mjs";

const seen = (one) => `${one.id} ${one.flags.join()}`;

/** Two lists are the same; only the first difference is told, since drawing all of them takes the runner minutes. */
function same(rows, wanted, said) {
  const [are, should] = [rows, wanted].map((list) => [...list.map(seen), "the end"]);
  const at = are.findIndex((one, place) => one !== should[place]);
  assert.equal(are[at], should[at], `${said}, row ${at}`);
}

/** Do things by chance to a mailbox of some size that is shown in some manner, and compare at the end. */
async function follow(manner, size, seed) {
  const random = chance(seed);
  const house = new House(async () => { for (let left = random(6); left > 0; left -= 1) await new Promise(setImmediate); });
  const threads = Math.max(3, size / 4);
  const thread = () => (random(2) ? 1 + random(threads) : 0);
  for (let left = size; left > 0; left -= 1) house.add(1 + random(3) % 2, undefined, thread(), random(2) ? ["\\Seen"] : []);
  house.untold = [];
  const rows = new Rows({ mailbox: 1 }, manner);
  let again = false;
  const waits = [];
  const look = () => random(Math.max(1, rows.length));
  const hear = () => {
    const { changes, modseq } = house.told(1 + random(5));
    for (const change of changes) again = !rows.apply(change) || again;
    rows.reached(modseq);
  };
  const open = async (from) => { again = !(await rows.open(from, from + 30)) || again; };
  rows.reached(house.modseq);
  await open(0);
  for (let step = 0; step < 300; step += 1) {
    const ids = [...house.messages.keys()];
    const id = ids[random(ids.length)];
    const deeds = [() => house.add(1, random(2) ? undefined : 1 + random(size), thread()), () => house.remove(id), () => house.move(id, 1 + random(2)),
      () => house.flag(id, random(2) ? ["\\Seen"] : []), () => { const at = look(); waits.push(rows.need(at, at + 30)); },
      () => { const one = rows.rows[look()]; if (one && rows.threaded) waits.push(rows.toggle(one.thread_id)); }];
    deeds[random(deeds.length)]();
    if (random(3) === 0) hear();
    if (again && random(4) === 0) { again = false; waits.push(open(look())); }
    if (random(2)) await new Promise(setImmediate);
  }
  while (house.untold.length) hear();
  await Promise.all(waits);
  for (let tries = 0; again && tries < 5; tries += 1) { again = false; await open(0); }
  assert.equal(again, false);
  const said = `seed ${seed}`;
  if (rows.threaded) {
    while (await rows.need(rows.length, rows.length)) continue;
    const heads = house.heads(1);
    same(rows.read.filter((row) => !rows.inner.has(row.id)), heads.map(({ latest }) => latest), said);
    for (const { latest, total, unread } of heads) {
      assert.deepEqual(rows.heads.get(latest.thread_id), { total, unread }, said);
      if (!rows.opened.has(latest.thread_id)) continue;
      const at = rows.find(latest.id);
      const others = house.list(1).filter((one) => one.thread_id === latest.thread_id && one.id !== latest.id);
      same(rows.rows.slice(at + 1, at + 1 + others.length), others, `${said}, conversation ${latest.thread_id}`);
    }
    return;
  }
  const whole = house.list(1, manner.order);
  assert.equal(rows.length, whole.length, said);
  rows.rows.forEach((row, at) => row && assert.equal(seen(row), seen(whole[at]), `${said}, row ${at}`));
  for (let at = 0; at < rows.length; at += 30) await rows.need(at, at + 30);
  same(rows.read, whole, said);
}

const ROUNDS = Number(process.env.ROUNDS ?? 6);
const manners = [["newest", "off"], ["newest", "on"], ["newest", "unread"], ["oldest", "off"], ["largest", "off"]];
for (const [order, threads] of manners) {
  test(`${order}, conversations ${threads}: what is shown is what is there`, async () => {
    for (let seed = 1; seed <= ROUNDS; seed += 1) await follow({ order, threads }, seed % 3 ? 900 : 40, seed);
  });
}
