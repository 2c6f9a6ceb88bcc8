// Owns the only script of the pages: it takes over the theme of the Control UI around the frame, and looks again from time to time. Without it, everything can be read just the same.

/** The Control UI tells its frames in these messages whether it is light or dark. */
const THEME_MESSAGE = "openclaw:widget-theme";

/**
 * The theme goes along in the address, so that the next page is in it from its first paint. A page that somebody
 * is working in, by keyboard or with a selection, is not taken away from under them.
 */
export const SCRIPT = `
(() => {
  const root = document.documentElement;
  const themed = (href, mode) => {
    const url = new URL(href, location.href);
    url.searchParams.set("theme", mode);
    return url.href;
  };
  const follow = (mode) => {
    if (mode !== "light" && mode !== "dark") return;
    root.dataset.theme = mode;
    for (const link of document.links) link.href = themed(link.href, mode);
    try {
      history.replaceState(null, "", themed(location.href, mode));
    } catch {}
  };
  addEventListener("message", ({ source, data }) => {
    if (parent === window || source !== parent) return;
    if (data && data.type === "${THEME_MESSAGE}") follow(data.mode);
  });
  const every = Number(root.dataset.refreshMs);
  const isBusy = () =>
    document.visibilityState !== "visible" ||
    (document.activeElement ?? document.body) !== document.body ||
    String(getSelection()) !== "" ||
    document.querySelector("details[open]") !== null;
  if (every > 0) setInterval(() => isBusy() || location.reload(), every);
})();
`;
