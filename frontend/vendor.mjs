// Copies the pinned front-end files into comptoir/ui and records them in vendor.lock.
//
//   npm ci --ignore-scripts && node vendor.mjs          writes the copies
//   npm ci --ignore-scripts && node vendor.mjs --check  exits 1 if a committed copy differs
//
// The copies are committed so that an installation from pip needs no Node.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const STATIC = "comptoir/ui/static/vendor";
const ICONS = "comptoir/ui/icons";
const files = new Map(); // path from the repository's root -> { bytes, from, licence }

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

function packaged(name, path) {
  const about = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
  const bytes = readFileSync(join(here, "node_modules", name, path));
  return { bytes, from: `${name}@${about.version}/${path}`, licence: about.license };
}

function copy(name, path, to) {
  files.set(to, packaged(name, path));
}

// A strict policy (img-src 'self') refuses data: addresses, so each becomes a file beside the style sheet.
function liftDataImages(css, folder, source) {
  const quoted = /url\((["'])data:image\/svg\+xml,(.*?)\1\)/g;
  return css.replace(quoted, (_, _quote, payload) => {
    const svg = Buffer.from(decodeURIComponent(payload));
    const name = `${sha256(svg).slice(0, 12)}.svg`;
    files.set(`${folder}/images/${name}`, { ...source, bytes: svg });
    return `url("images/${name}")`;
  });
}

function styleSheet(name, path, folder, file, layer) {
  const source = packaged(name, path);
  let css = source.bytes.toString("utf8").replace(/\/\*# sourceMappingURL=.*?\*\//g, "").trim();
  css = liftDataImages(css.replace(/^@charset "UTF-8";/, ""), folder, source);
  if (css.includes("url(data:") || css.includes('url("data:')) throw new Error(`a data: image is left in ${path}`);
  // In a layer of its own, so that any rule of ours wins without fighting over specificity.
  files.set(`${folder}/${file}`, { ...source, bytes: Buffer.from(`@charset "UTF-8";@layer ${layer}{${css}}\n`) });
}

// Icons are written into the page; the attributes are what is seen before the style sheet decides.
const ICON =
  '<svg class="icon" width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"' +
  ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">';
function icon(name) {
  const source = packaged("@tabler/icons", `icons/outline/${name}.svg`);
  const inner = source.bytes
    .toString("utf8")
    .replace(/<!--.*?-->/gs, "")
    .replace(/^.*?<svg[^>]*>/s, "")
    .replace(/<\/svg>\s*$/, "")
    .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
    .replace(/\s*\n\s*/g, "")
    .replace(/ \/>/g, "/>");
  const svg = `${ICON}${inner}</svg>\n`;
  files.set(`${ICONS}/${name}.svg`, { ...source, bytes: Buffer.from(svg) });
}

styleSheet("@tabler/core", "dist/css/tabler.min.css", `${STATIC}/tabler`, "tabler.css", "tabler");
for (const range of ["latin", "latin-ext", "vietnamese"]) {
  const file = `hanken-grotesk-${range}-wght-normal.woff2`;
  copy("@fontsource-variable/hanken-grotesk", `files/${file}`, `${STATIC}/hanken-grotesk/${file}`);
}
copy("@fontsource-variable/hanken-grotesk", "LICENSE", `${STATIC}/hanken-grotesk/LICENSE`);
copy("@tabler/icons", "LICENSE", `${ICONS}/LICENSE`);
readFileSync(join(here, "icons.txt"), "utf8").split("\n").filter(Boolean).forEach(icon);

const lock = {};
for (const [path, { bytes, from, licence }] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
  lock[path] = { from, licence, sha256: sha256(bytes) };
}
files.set("frontend/vendor.lock", { bytes: Buffer.from(`${JSON.stringify(lock, null, 1)}\n`) });

function present(folder) {
  try {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name).slice(root.length + 1));
  } catch {
    return [];
  }
}

const stray = [...present(STATIC), ...present(ICONS)].filter((path) => !files.has(path));
const read = (path) => {
  try {
    return readFileSync(join(root, path));
  } catch {
    return null;
  }
};
const changed = [...files].filter(([path, { bytes }]) => !read(path)?.equals(bytes)).map(([path]) => path);

if (process.argv.includes("--check")) {
  for (const path of [...changed, ...stray]) console.error(`differs from the pinned packages: ${path}`);
  process.exit(changed.length + stray.length ? 1 : 0);
}
stray.forEach((path) => rmSync(join(root, path)));
for (const path of changed) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), files.get(path).bytes);
}
console.log(`${files.size} files, ${changed.length} written, ${stray.length} removed`);
