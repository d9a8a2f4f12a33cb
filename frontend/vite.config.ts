import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const inProject = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Builds src/worker as /sw.js, and tells it which files make up this version: all but the page itself and data. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "chunk", id: inProject("./src/worker/worker.ts"), fileName: "sw.js" });
    },
    generateBundle(_options, bundle) {
      const worker = bundle["sw.js"];
      if (worker?.type !== "chunk") throw new Error("there is no service worker");
      const parts = Object.keys(bundle).filter((name) => name !== "sw.js" && /\.(js|css|svg)$/.test(name));
      const files = [...parts, "favicon.svg", "favicon-unread.svg", "manifest.webmanifest", "icons/icon-192.png"].map((name) => `/${name}`).sort();
      const version = createHash("sha256").update(JSON.stringify(files) + worker.code).digest("hex").slice(0, 12);
      worker.code = `const SHELL_VERSION=${JSON.stringify(version)},SHELL_FILES=${JSON.stringify(files)};${worker.code}`;
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), serviceWorker()],
  resolve: { alias: { "@": inProject("./src") } },
  build: {
    target: "es2023",
    // The content security policy has no `data:` for scripts, fonts or styles: everything is a file of this origin.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } },
  },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
