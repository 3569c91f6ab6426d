// Bundles the browser libraries named in package.json into the folder given (default: the lab's static/vendor).
// Usage: npm ci && node build.mjs [FOLDER]
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "../../src/groundup/lab/static/vendor");
const katex = join(here, "node_modules/katex/dist");

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "fonts"), { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ["d3.js", "katex.js", "editor.js"],
  outdir: out,
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none",
});

// Every browser that knows ES modules reads woff2; the other formats of the fonts are left out.
const style = readFileSync(join(katex, "katex.min.css"), "utf8");
writeFileSync(join(out, "katex.css"), style.replace(/,url\([^)]*\.(woff|ttf)\) format\("[a-z]+"\)/g, ""));
for (const name of readdirSync(join(katex, "fonts")).filter((one) => one.endsWith(".woff2"))) {
  cpSync(join(katex, "fonts", name), join(out, "fonts", name));
}

// The licence of every package that is in the bundles.
const lock = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
const texts = [];
for (const [place, { version, license, dev }] of Object.entries(lock.packages).sort()) {
  if (!place || dev) continue;
  const folder = join(here, place);
  const file = readdirSync(folder).find((name) => /^licen[sc]e/i.test(name));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${license}`;
  texts.push(`${place.replace("node_modules/", "")} ${version} (${license})\n\n${text}\n`);
}
writeFileSync(join(out, "LICENSES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));

const names = readdirSync(out, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1).replaceAll("\\", "/"))
  .sort();
const sums = names.map((name) => `${createHash("sha256").update(readFileSync(join(out, name))).digest("hex")}  ${name}`);
writeFileSync(join(out, "SHA256SUMS"), `${sums.join("\n")}\n`);
