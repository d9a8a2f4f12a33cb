// Fails when the built SPA outgrows its budget (gzip): what /login loads first, and everything together.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const INITIAL_KB = 180;
const TOTAL_KB = 300;
const dist = new URL("../dist/", import.meta.url);
const size = (path) => gzipSync(readFileSync(new URL(path, dist))).length / 1000;

const html = readFileSync(new URL("index.html", dist), "utf8");
const initial = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]);
const all = readdirSync(new URL("assets/", dist)).filter((name) => /\.(js|css)$/.test(name)).map((name) => `assets/${name}`);
const sum = (paths) => paths.reduce((total, path) => total + size(path), 0);
const report = { initial: sum(initial), total: sum(all) };

process.stdout.write(`initial JS ${report.initial.toFixed(1)} kB gz (≤ ${INITIAL_KB}), total ${report.total.toFixed(1)} kB gz (≤ ${TOTAL_KB})\n`);
if (initial.length === 0 || report.initial > INITIAL_KB || report.total > TOTAL_KB) process.exit(1);
