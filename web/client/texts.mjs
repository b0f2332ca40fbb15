// Finds what the pages say outside of words/, where who translates it looks: `node texts.mjs [FOLDER]`.
//
// A text is a string (or a fixed part of a template) that reads like words: a space between letters, or a capital at its
// beginning.  Where only text can stand (what an element holds, its name, its title, what a dialog asks) a letter is enough.
import { API } from "typescript/unstable/sync";
import { SyntaxKind as Kind } from "typescript/unstable/ast";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const folder = process.argv[2] ?? dirname(fileURLToPath(import.meta.url));

/** Properties of an element that people read or hear. */
const SAID = new Set(["title", "placeholder", "alt", "aria-label", "label", "data-tip", "textContent"]);
/** Functions that put text into the page, and which of their arguments that is (Infinity: this one and all behind it). */
const MAKERS = {
  h: [2, Infinity], fill: [1, Infinity], append: [0, Infinity], table: [0, Infinity], columns: [0], button: [1], copier: [1], field: [0, 2], form: [0, 1], signIn: [1],
  dialog: [0], sure: [0, 1], notice: [0], progress: [0, 1], explained: [0, 1], say: [0], ApiError: [2], DOMException: [0],
};
/** Functions that take names for the program. */
const NAMING = new Set(["querySelector", "querySelectorAll", "closest", "setAttribute", "getAttribute", "removeAttribute", "addEventListener", "removeEventListener", "createElementNS",
  "setProperty", "removeProperty", "includes", "startsWith", "endsWith", "matchMedia", "Event", "Set", "RegExp", "split", "replace", "replaceAll", "toggle", "add", "icon", "execCommand",
  "run", "struct", "setRequestHeader", "copyable"]);
/** Elements that hold what is typed or read by programs. */
const LITERAL = new Set(["code", "pre"]);
/** What reads like words and is none: names that are the same in every language, and what the server calls things. */
const NAMES = new Set(["Pillarbox", "Android", "Chrome", "Edg", "Edge", "Firefox", "Linux", "Mac OS", "Opera", "Safari", "Windows", "Ed25519",
  "could be better", "not known", "signed out"]);
/** Has no words but the names that Unicode gives to scripts. */
const WORDLESS = new Set(["mixing.ts"]);
/** What capitals abbreviate has the same name in every language: "DKIM", "MTA-STS". */
const ABBREVIATION = /^ *[\dA-Z-]+ *$/;
const DRAWING = /^M[\d.]+[ \d.a-zA-Z-]*$/;
const MARKUP = /^<\/?[a-z]/;
const WORDS = /\p{L}[,;:.!?]* +\p{L}|^\p{Lu}\p{Ll}/u;
const STRINGS = new Set([Kind.StringLiteral, Kind.NoSubstitutionTemplateLiteral, Kind.TemplateHead, Kind.TemplateMiddle, Kind.TemplateTail]);
/** What a text goes through unchanged on its way into a call; so it does through functions that are given to these. */
const EACH = new Set(["map", "flatMap"]);
const THROUGH = new Set([Kind.ArrowFunction, Kind.ParenthesizedExpression, Kind.TemplateExpression, Kind.TemplateSpan, Kind.SpreadElement, Kind.ArrayLiteralExpression]);

const api = new API({});
const [project] = api.updateSnapshot({ openProjects: [join(folder, "tsconfig.json")] }).getProjects();
const seen = new Set();
for (const file of ["webmail/webmail.ts", "webmail/worker.ts", "account/account.ts", "admin/admin.ts"]) read(join(folder, file));
api.close();

/** Look through a file, and through what it imports. */
function read(path) {
  const source = seen.has(path) || path.startsWith(join(folder, "words/")) ? undefined : project.program.getSourceFile(path);
  seen.add(path);
  if (!source) return;
  if (!WORDLESS.has(relative(folder, path))) walk(source, source);
  for (const one of source.statements) {
    const from = one.kind === Kind.ImportDeclaration ? join(dirname(path), one.moduleSpecifier.text) : "";
    const named = from.endsWith(".ts") ? from : `${from}.ts`;
    if (existsSync(named)) read(named);
  }
}

function walk(node, source) {
  if (node.kind === Kind.ImportDeclaration || node.kind === Kind.LiteralType) return;
  const text = STRINGS.has(node.kind) ? node.text : "";
  if (/\p{L}/u.test(text) && !NAMES.has(text) && !ABBREVIATION.test(text) && !DRAWING.test(text) && !MARKUP.test(text)) {
    const place = placed(node);
    if (place === "said" || (place === "unknown" && WORDS.test(text))) {
      process.exitCode = 1;
      console.log(`${relative(folder, source.fileName)}:${source.text.slice(0, node.getStart(source)).split("\n").length}: ${JSON.stringify(text)} belongs into words/`);
    }
  }
  node.forEachChild((child) => { walk(child, source); });
}

/** Whether a text is "said" to people or "named" for the program, as far as can be seen. */
function placed(node) {
  for (let child = node, above = node.parent; above; child = above, above = above.parent) {
    switch (above.kind) {
      case Kind.BinaryExpression: {
        const kind = above.operatorToken.kind;
        if ([Kind.EqualsEqualsEqualsToken, Kind.ExclamationEqualsEqualsToken, Kind.InKeyword].includes(kind)) return "named";
        if (kind === Kind.EqualsToken) {
          const left = above.left.name?.text;
          return SAID.has(left) ? "said" : left === "className" ? "named" : "unknown";
        }
        break;
      }
      case Kind.CaseClause: case Kind.ElementAccessExpression: return "named";
      case Kind.ConditionalExpression: if (above.condition === child) return "named"; break;
      case Kind.PropertyAssignment:
        if (above.name === child) return "named";
        if (SAID.has(above.name.text)) return "said";
        return called(above.parent.parent) === "h" ? "named" : "unknown";
      case Kind.CallExpression: case Kind.NewExpression:
        if (child.kind !== Kind.ArrowFunction || !EACH.has(called(above))) return argued(above, child);
        break;
      default: if (!THROUGH.has(above.kind)) return "unknown";
    }
  }
  return "unknown";
}

/** What an argument of a call is. */
function argued(call, argument) {
  const name = called(call);
  const at = (call.arguments ?? []).indexOf(argument);
  if (at < 0) return "unknown";
  if (NAMING.has(name)) return "named";
  if (name === "h" && LITERAL.has(call.arguments[0].text)) return "named";
  const said = Object.hasOwn(MAKERS, name) ? MAKERS[name] : null;
  if (!said) return "unknown";
  return said.includes(at) || (said[1] === Infinity && at >= said[0]) ? "said" : "named";
}

/** The name of the function that is called, "" if this is no call. */
function called(call) {
  return call?.expression?.name?.text ?? call?.expression?.text ?? "";
}
