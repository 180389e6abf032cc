/// How pages look: light or dark as the browser asks, wide or narrow, and on paper.
enum Stylesheet {
    static let text = #"""
        :root {
          color-scheme: light dark;
          --ground: #f4f6f7; --card: #ffffff; --text: #17222a; --soft: #4a5861; --line: #c9d2d7; --accent: #0b5c7d;
          --on-accent: #ffffff; --good: #14663a; --good-ground: #dff2e6; --warn: #7a4b00; --warn-ground: #fdf0d2;
          --bad: #a11c1c; --bad-ground: #fde4e2; --plain-ground: #e6ebee; --wave: #0b6e4f;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #10171b; --card: #19232a; --text: #e6edf1; --soft: #a9b8c1; --line: #37464f; --accent: #7cc7e8;
            --on-accent: #08222f; --good: #86dba9; --good-ground: #113522; --warn: #f3c877; --warn-ground: #3b2c0b;
            --bad: #ffaaa2; --bad-ground: #451816; --plain-ground: #2a3740; --wave: #6fe3b4;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, "Liberation Sans", sans-serif;
        }
        a { color: var(--accent); }
        a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
          outline: 3px solid var(--accent); outline-offset: 2px;
        }
        main:focus { outline: none; }
        .skip { position: absolute; left: -999rem; }
        .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1; }
        body > header {
          display: flex; flex-wrap: wrap; gap: .25rem 2rem; align-items: center; padding: .5rem 1.5rem;
          background: var(--card); border-bottom: 1px solid var(--line);
        }
        .brand { margin: 0; }
        nav ul { display: flex; flex-wrap: wrap; gap: .25rem; list-style: none; margin: 0; padding: 0; }
        nav a { display: block; padding: .4rem .8rem; border-radius: .4rem; text-decoration: none; color: var(--text); }
        nav a:hover { background: var(--plain-ground); }
        nav a[aria-current] { background: var(--accent); color: var(--on-accent); }
        main { padding: 1rem 1.5rem 2rem; max-width: 90rem; margin: 0 auto; }
        body > footer {
          display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; padding: .75rem 1.5rem;
          border-top: 1px solid var(--line); color: var(--soft);
        }
        body > footer p { margin: 0; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: .25rem 0 .75rem; }
        h2 { font-size: 1.2rem; margin: 1.75rem 0 .5rem; }
        h3 { font-size: 1rem; margin: 0 0 .25rem; }
        p { margin: .5rem 0; max-width: 75ch; }
        .soft, .note, caption { color: var(--soft); }
        .number { text-align: right; font-variant-numeric: tabular-nums; }
        code, pre { font-family: ui-monospace, "Liberation Mono", monospace; font-size: .9em; overflow-wrap: anywhere; }
        button {
          font: inherit; padding: .35rem .9rem; border: 1px solid var(--accent); border-radius: .4rem; cursor: pointer;
          background: var(--accent); color: var(--on-accent);
        }
        button.second, .watch button, footer button { background: transparent; color: var(--accent); }
        button:hover { filter: brightness(1.1); }
        input {
          font: inherit; padding: .35rem .6rem; border: 1px solid var(--soft); border-radius: .4rem; background: var(--card);
          color: var(--text); max-width: 100%;
        }
        label { display: block; font-weight: 600; margin: .5rem 0 .25rem; }
        form.inline { display: inline-block; margin: 0 .25rem .25rem 0; }
        form.line { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
        form.card button { margin: .75rem 0 0; display: block; }
        form.card input { width: 26rem; }
        form.filter { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: end; }
        form.filter input { width: 15rem; } form.filter input[type=checkbox] { width: auto; margin: .6rem .4rem .6rem 0; }
        form.filter label.tick { display: flex; align-items: center; }
        h1, h2, h3 { overflow-wrap: anywhere; }
        .card {
          background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .75rem 1rem; margin: 0 0 1rem;
        }
        .notice { background: var(--good-ground); color: var(--good); padding: .6rem 1rem; border-radius: .4rem; }
        .notice.bad { background: var(--bad-ground); color: var(--bad); }
        .notice.warn { background: var(--warn-ground); color: var(--warn); }
        .watch { float: right; margin: 0 0 .5rem 1rem; display: flex; gap: .75rem; align-items: center; font-size: .9rem; }
        .watch.good span { color: var(--good); } .watch.bad span { color: var(--bad); } .watch.wait span { color: var(--warn); }
        .badge { padding: .05rem .5rem; border-radius: 1rem; font-size: .85rem; white-space: nowrap; }
        .badge.good { background: var(--good-ground); color: var(--good); }
        .badge.warn { background: var(--warn-ground); color: var(--warn); }
        .badge.bad { background: var(--bad-ground); color: var(--bad); }
        .badge.plain { background: var(--plain-ground); color: var(--text); }
        .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; margin: 0 0 1rem; }
        .figure { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .5rem .9rem; }
        .figure.bad { border-color: var(--bad); background: var(--bad-ground); }
        .figure dt { color: var(--soft); font-size: .85rem; }
        .figure.bad dt, .figure.bad .note { color: var(--bad); }
        .figure dd { margin: 0; }
        .figure .value { font-size: 1.3rem; font-variant-numeric: tabular-nums; }
        .beds { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: .9rem; padding: 0; list-style: none; }
        .beds > li { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .9rem; }
        .bed-head { display: flex; justify-content: space-between; gap: .5rem; align-items: baseline; }
        .bed-head h2 { margin: 0; font-size: 1.1rem; }
        .vitals { display: grid; grid-template-columns: repeat(3, 1fr); gap: .25rem .75rem; margin: .4rem 0 0; }
        .vitals div { min-width: 0; }
        .vitals dt { color: var(--soft); font-size: .8rem; }
        .vitals dd { margin: 0; }
        .vitals .value { font-size: 1.35rem; font-variant-numeric: tabular-nums; }
        .vitals .reason { color: var(--soft); overflow-wrap: anywhere; }
        .old .value { color: var(--soft); }
        .spark { display: block; width: 100%; height: 1.4rem; }
        .spark path, .wave path { fill: none; stroke: var(--wave); stroke-width: 1.6; vector-effect: non-scaling-stroke; }
        .wave { display: block; width: 100%; height: 6rem; background: var(--card); border: 1px solid var(--line); border-radius: .4rem; }
        .beds .wave { height: 2.6rem; border: 0; }
        td .spark { width: 8rem; }
        .scroll { overflow-x: auto; margin: 0 0 1rem; }
        table { border-collapse: collapse; width: 100%; background: var(--card); border: 1px solid var(--line); }
        caption { text-align: left; padding: .25rem 0; font-size: .9rem; }
        th, td { text-align: left; padding: .4rem .7rem; border-top: 1px solid var(--line); vertical-align: top; }
        thead th { border-top: 0; font-size: .85rem; color: var(--soft); }
        td form.inline { margin: 0; }
        .steps { list-style: none; padding: 0; counter-reset: step; }
        .steps > li { counter-increment: step; border-left: .3rem solid var(--line); }
        .steps > li.verified { border-left-color: var(--good); }
        .steps > li.failed, .steps > li.missing { border-left-color: var(--bad); }
        .steps h3::before { content: counter(step) ". "; }
        .facts { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .15rem 1rem; margin: .4rem 0; }
        .facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
        summary { cursor: pointer; color: var(--accent); }
        pre { white-space: pre-wrap; background: var(--plain-ground); padding: .6rem; border-radius: .4rem; margin: .4rem 0; }
        @media (max-width: 40rem) {
          main, body > header, body > footer { padding-left: .9rem; padding-right: .9rem; }
          .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .3rem; }
          .watch { float: none; justify-content: space-between; margin: 0 0 .5rem; }
        }
        @media (prefers-reduced-motion: no-preference) { button { transition: filter .1s; } }
        @media print {
          :root { --ground: #fff; --card: #fff; --text: #000; --soft: #333; --line: #999; }
          nav, footer form, .watch, main form { display: none; }
          details > * { display: block; }
          .steps > li, .card { break-inside: avoid; }
        }
        """#
}
