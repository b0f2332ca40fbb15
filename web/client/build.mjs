// Bundles the pages into a folder (web/static unless one is named): deterministic, so that
// a test can prove that what is committed was made from these sources.
import { build } from "esbuild";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "..", "static");
mkdirSync(out, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ["webmail/webmail.ts", "admin/admin.ts", "account/account.ts", "webmail/worker.ts", "style.css", "reading.css"],
  entryNames: "[name]",
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
});
// icon.png is icon.svg at 192 px, for notices: systems that show them draw no SVG.
for (const page of ["webmail.html", "admin.html", "account.html", "icon.svg", "icon.png", "webmail.webmanifest"]) copyFileSync(join(here, page), join(out, page));
