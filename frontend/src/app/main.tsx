import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { session } from "@/api/client";
import { startI18n } from "@/i18n/index";
import { applyTheme, readTheme } from "@/lib/theme";
import { App } from "./App";
import "./styles.css";

applyTheme(readTheme());
startI18n();
void session.start();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
