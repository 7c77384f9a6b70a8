// Dark or light: as the system has it, until somebody says otherwise.

const THEMES = ["system", "light", "dark"];

function remembered() {
  try {
    return localStorage.getItem("llm-envs-theme");
  } catch {
    return null; // some browsers keep nothing for file://
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("llm-envs-theme", theme);
  } catch {
    // as above
  }
}

const theme = () => document.documentElement.dataset.theme || "system";

function nextTheme() {
  setTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
  say(`Theme: ${theme()}`);
}

document.documentElement.dataset.theme = THEMES.includes(remembered()) ? remembered() : "system";
