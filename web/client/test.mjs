// Runs the tests of the pages' pure parts with node's own test runner: `node test.mjs`.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = join(dirname(fileURLToPath(import.meta.url)), "tests");
const names = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const out = mkdtempSync(join(tmpdir(), "pillarbox-client-"));
try {
  await build({ entryPoints: names.map((name) => join(here, name)), outdir: out, outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm", target: "es2022" });
  process.exitCode = spawnSync(process.execPath, ["--test", ...names.map((name) => join(out, name))], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true });
}
