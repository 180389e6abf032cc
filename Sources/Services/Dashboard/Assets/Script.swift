/// What pages do beyond showing: they keep themselves up to date.
///
/// Without it they work as well, and stand still.
enum Script {
    static let text = #"""
        "use strict";
        (function () {
          const main = document.querySelector("main[data-watch]");
          if (!main || !window.EventSource) { return; }

          const bar = document.createElement("p");
          bar.className = "watch";
          const state = document.createElement("span");
          state.setAttribute("role", "status");
          const button = document.createElement("button");
          button.type = "button";
          bar.append(state, button);
          main.prepend(bar);

          let source = null;
          let paused = false;
          const shown = new Map();

          function say(text, kind) {
            if (state.textContent !== text) { state.textContent = text; }
            bar.className = "watch " + kind;
          }

          function put(key, html) {
            if (shown.get(key) === html) { return; }
            for (const region of document.querySelectorAll("[data-live]")) {
              if (region.dataset.live !== key) { continue; }
              // Nothing is taken from under somebody's keyboard.
              if (region.contains(document.activeElement)) { return; }
              region.innerHTML = html;
              shown.set(key, html);
            }
          }

          function open() {
            if (source || paused || document.hidden) { return; }
            say("Connecting…", "wait");
            source = new EventSource(location.pathname + "/live");
            source.addEventListener("open", function () { say("Live", "good"); });
            source.addEventListener("error", function () { say("Not connected: what you see is old", "bad"); });
            source.addEventListener("regions", function (event) {
              say("Live", "good");
              const list = JSON.parse(event.data);
              for (let index = 0; index + 1 < list.length; index += 2) { put(list[index], list[index + 1]); }
            });
            source.addEventListener("page", function (event) {
              const page = document.getElementById("page");
              if (page.contains(document.activeElement)) { return; }
              shown.clear();
              page.innerHTML = JSON.parse(event.data)[0];
            });
            source.addEventListener("over", function () { close(); location.reload(); });
          }

          function close() {
            if (source) { source.close(); }
            source = null;
          }

          function label() { button.textContent = paused ? "Go on" : "Pause"; }

          button.addEventListener("click", function () {
            paused = !paused;
            label();
            if (paused) { close(); say("Paused: what you see is old", "wait"); } else { open(); }
          });
          document.addEventListener("visibilitychange", function () { if (document.hidden) { close(); } else { open(); } });
          window.addEventListener("pagehide", close);
          label();
          open();
        })();
        """#
}
