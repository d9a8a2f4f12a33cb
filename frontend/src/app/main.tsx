import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { session } from "@/api/client";
import { startI18n } from "@/i18n/index";
import { startTheme } from "@/lib/theme";
import { App } from "./App";
import { startServiceWorker } from "./serviceWorker";
import "./styles.css";

startTheme();
startI18n();
void session.start();
startServiceWorker();

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
