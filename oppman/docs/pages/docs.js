/* Everything here improves pages that work without it: the theme, a filter for the contents, copying, printing. */
(() => {
  const root = document.documentElement;
  const stored = (value) => {
    try {
      if (value) localStorage.setItem("docs-theme", value);
      return localStorage.getItem("docs-theme");
    } catch {
      return null; // a browser may keep no storage for files
    }
  };
  if (stored()) root.dataset.theme = stored();

  document.addEventListener("DOMContentLoaded", () => {
    themes(document.querySelector(".theme"));
    filter(document.querySelector(".filter"));
    document.querySelectorAll("figure.code").forEach(copying);
    follow();
    const menu = document.getElementById("menu");
    menu.addEventListener("click", (event) => {
      if (event.target.closest("a") && menu.matches(":popover-open")) menu.hidePopover();
    });
  });

  function themes(button) {
    const dark = () =>
      root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    const label = () => (button.textContent = dark() ? "Light" : "Dark");
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      stored(root.dataset.theme);
      label();
    });
    button.hidden = false;
    label();
  }

  function filter(input) {
    const entries = [...document.querySelectorAll(".contents > li")];
    if (!entries.length) return;
    input.hidden = false;
    input.addEventListener("input", () => {
      const words = input.value.trim().toLowerCase().split(/\s+/);
      const fits = (link) => {
        const text = `${link.textContent} ${link.title}`.toLowerCase();
        return words.every((word) => text.includes(word));
      };
      for (const entry of entries) {
        const inner = [...entry.querySelectorAll("ul > li")];
        const whole = fits(entry.querySelector("a"));
        for (const item of inner) item.hidden = !whole && !fits(item.querySelector("a"));
        entry.hidden = !whole && inner.every((item) => item.hidden);
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !event.target.closest("input, textarea")) {
        event.preventDefault();
        input.focus();
      }
    });
  }

  function copying(figure) {
    if (!navigator.clipboard) return;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy", className: "quiet copy" });
    button.setAttribute("aria-label", `Copy: ${figure.querySelector("figcaption span").textContent}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(figure.querySelector("code").textContent);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    figure.querySelector("figcaption").append(button);
  }

  /* Mark in the contents what is being read. */
  function follow() {
    const links = new Map(
      [...document.querySelectorAll(".contents a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]),
    );
    const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    let current;
    const mark = () => {
      const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 140);
      const link = links.get((passed.at(-1) ?? headings[0])?.id);
      if (link === current) return;
      current?.removeAttribute("aria-current");
      link?.setAttribute("aria-current", "true");
      current = link;
      const menu = document.getElementById("menu");
      if (link && menu.scrollHeight > menu.clientHeight) {
        const [box, frame] = [link.getBoundingClientRect(), menu.getBoundingClientRect()];
        if (box.top < frame.top + 40 || box.bottom > frame.bottom - 40) menu.scrollTop += box.top - frame.top - frame.height / 3;
      }
    };
    let due = false;
    addEventListener("scroll", () => {
      if (due) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        mark();
      });
    }, { passive: true });
    mark();
  }
})();
