/** The only style of the page; the policy of the server allows it by its hash. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #12303d; --soft: #5b7681; --paper: #f4f8f9; --card: #fff; --line: #d9e5e9;
  --sea: #dcecf1; --good: #1f8a70; --late: #b7791f; --bad: #c0362c; --never: #8a9ba3 }
@media (prefers-color-scheme: dark) { :root { --ink: #e3eff3; --soft: #8fabb6; --paper: #0b1a21; --card: #11252e;
  --line: #1f3a46; --sea: #12303c; --good: #4cc9a4; --late: #e0ac4f; --bad: #ff7a6e; --never: #5d737d } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 2.5rem 1.25rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums }
header { display: flex; flex-wrap: wrap; gap: .25rem 2rem; justify-content: space-between; align-items: baseline }
h1 { margin: 0; font-size: 1rem; letter-spacing: .14em; text-transform: uppercase; color: var(--soft) }
h2 { margin: 0 0 .75rem; font-size: .8rem; letter-spacing: .1em; text-transform: uppercase; color: var(--soft) }
.headline { margin: .4rem 0 1.75rem; font-size: clamp(1.5rem, 4vw, 2.2rem); font-weight: 600; line-height: 1.2 }
time, .soft { color: var(--soft) }
section { margin-bottom: 1.25rem; padding: 1.25rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; overflow-x: auto }
table { width: 100%; border-collapse: collapse; font-size: .92rem }
th, td { padding: .45rem .8rem .45rem 0; text-align: right; white-space: nowrap; border-top: 1px solid var(--line) }
th { font-weight: 500; color: var(--soft); border-top: 0; vertical-align: bottom }
th:first-child, td:first-child { text-align: left }
td:last-child, th:last-child { padding-right: 0 }
small { color: var(--soft); font-weight: 400 }
ul { margin: 0; padding: 0; list-style: none }
li + li { margin-top: .6rem }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem 2rem; margin: 0 }
dt { font-size: .85rem; color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
.dot { display: inline-block; width: .6rem; height: .6rem; margin-right: .5rem; border-radius: 50%; background: var(--never) }
.reporting { background: var(--good); fill: var(--good) } .late { background: var(--late); fill: var(--late) }
.silent, .connected-but-silent, .firing, .not-ok { background: var(--bad); fill: var(--bad) } .pending { background: var(--late) }
.never-seen { background: var(--never); fill: var(--never) } .ok { background: var(--good) }
.stale { opacity: .45 }
.bay { display: block; width: 100% }
caption { caption-side: bottom; padding-top: .8rem; text-align: left; font-size: .85rem; color: var(--soft) }
.bay rect { fill: var(--sea) } .bay text { fill: var(--ink); font-size: 13px }
.bay .ring { fill: none; stroke: var(--bad); stroke-width: 2 }
a { color: inherit }
footer { color: var(--soft); font-size: .85rem }
`;
