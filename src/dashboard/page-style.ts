/** The only style of the page; the policy of the server allows it by its hash. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #12303d; --soft: #4d6873; --paper: #f4f8f9; --card: #fff; --line: #d9e5e9;
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
  border-radius: 14px }
.scroll { overflow-x: auto }
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
nav { display: flex; gap: 1.25rem } nav a { text-decoration: none } nav [aria-current] { border-bottom: 2px solid var(--ink) }
.skip { position: absolute; left: -99rem } .skip:focus { left: 1rem; top: .5rem }
.connection { margin: .75rem 0 0; font-size: .85rem; color: var(--soft) } .connection.lost { color: var(--bad); font-weight: 600 }
tbody th { font-weight: 400; color: var(--ink); border-top: 1px solid var(--line) } section > div + .scroll { margin-top: 1rem } td.stale { opacity: 1; color: var(--soft); font-style: italic }
td.doubtful .value { text-decoration: underline wavy var(--late) }
.spark { width: 96px; height: 24px; margin-right: .6rem; vertical-align: middle } .spark polyline { fill: none; stroke: #2b6cb0; stroke-width: 1.5 }
.chart { min-height: 320px } .choice { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin-bottom: 1rem }
button, select, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: 8px;
  padding: .25rem .7rem; margin: 0 .3rem .3rem 0; max-width: 100% } button { cursor: pointer }
[aria-pressed=true] { background: var(--ink); color: var(--card) }
:focus-visible { outline: 3px solid #dd6b20; outline-offset: 2px }
form label { display: inline-flex; flex-direction: column; margin-right: .75rem; font-size: .85rem } .orders { margin-top: .4rem }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; font-size: .85rem } .legend li { margin: 0 }
.key { display: inline-block; width: 1.4rem; height: .2rem; margin-right: .4rem; vertical-align: middle; background: #dd6b20 }
.key.truth { background: #2b6cb0 } .key.before { background: repeating-linear-gradient(90deg, #dd6b20 0 4px, transparent 4px 8px) }
.choices { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem } .acknowledged { background: var(--late) } .stale.dot { background: var(--bad); opacity: .6 }
details { margin-top: 1rem } footer { color: var(--soft); font-size: .85rem }
`;
