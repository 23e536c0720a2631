// Improves the pages; each of them works without it. Loaded before the body, so that the chosen theme paints first.
"use strict";

const root = document.documentElement;
const stored = (() => {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage may be forbidden: then the system's theme stays
  }
})();
if (stored === "light" || stored === "dark") root.dataset.theme = stored;

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function themeButton(button) {
  const use = button.querySelector("use");
  const sprite = use.getAttribute("href").split("#")[0];
  const show = () => {
    use.setAttribute("href", `${sprite}#${isDark() ? "sun" : "moon"}`);
    button.setAttribute("aria-label", isDark() ? "Use the light theme" : "Use the dark theme");
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {
      // the choice then lasts as long as the page
    }
    show();
  });
  show();
  button.hidden = false;
}

// A form that was sent once is not sent twice by an impatient second click.
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
}

// <form data-confirm="id">: ask in the dialog of that id first; its button with value "yes" goes on.
function confirmFirst(event) {
  const form = event.target;
  const dialog = document.getElementById(form.dataset.confirm ?? "");
  if (!dialog || form.dataset.confirmed) return;
  event.preventDefault();
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit();
    },
    { once: true },
  );
  dialog.showModal();
}

function localTime(time) {
  const when = new Date(time.dateTime);
  if (Number.isNaN(when.valueOf()) || when.getTimezoneOffset() === 0) return;
  const text = when.toLocaleString(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  time.title = text;
  const shown = document.createElement("span");
  shown.textContent = ` (${text} for you)`;
  time.append(shown);
}

function copyButton(button) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
    button.querySelector("span").textContent = "Copied";
  });
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("submit", confirmFirst);
document.addEventListener("submit", sendOnce);
document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-theme-toggle]").forEach(themeButton);
  document.querySelectorAll("time[data-local]").forEach(localTime);
  document.querySelectorAll("[data-copy]").forEach(copyButton);
  for (const button of document.querySelectorAll("[data-dismiss]")) {
    button.hidden = false;
    button.addEventListener("click", () => button.parentElement.remove());
  }
  for (const form of document.querySelectorAll("form[data-auto]")) {
    form.addEventListener("change", (event) => event.target.matches("select, [type=checkbox]") && form.requestSubmit());
  }
  document.querySelector("[aria-invalid=true]")?.focus();
});

// Back from the history: the page is shown as it was left, so open its forms again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});
