/** Inlined, so that a page needs only one request and can be printed without other files. */
export const style = `
:root { color-scheme: light dark; --surface: #fff; --ink: #17212b; --soft: #55616d; --line: #d9dfe4; --tint: #f3f6f7;
  --value: #0a6b62; --cost: #a4480c; --loss: #a3271f; }
@media (prefers-color-scheme: dark) { :root { --surface: #11181e; --ink: #e8edf1; --soft: #a3b0bb; --line: #2d3842;
  --tint: #1a232b; --value: #63cdbd; --cost: #f2a865; --loss: #ff9b8f; } }
@media print { :root { color-scheme: light; --surface: #fff; --ink: #000; --soft: #444; --line: #bbb; --tint: #fff;
  --value: #0a6b62; --cost: #a4480c; --loss: #a3271f; } }
@media (forced-colors: active) { :root { --surface: Canvas; --ink: CanvasText; --soft: CanvasText; --line: GrayText;
  --value: LinkText; --cost: CanvasText; --loss: CanvasText; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
.kind { margin: 0 0 .5rem; color: var(--soft); font-size: .875rem; }
h1 { margin: 0; font-size: clamp(1.6rem, 4.5vw, 2.25rem); line-height: 1.2; letter-spacing: -.015em; font-weight: 650;
  text-wrap: balance; }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; font-weight: 650; }
p { margin: .75rem 0; }
.lead { max-width: 38rem; color: var(--soft); }
.subject { margin: 0 0 .5rem; font-size: 1.125rem; font-weight: 650; overflow-wrap: anywhere; }
h1 + .subject { margin-top: .5rem; }
.headline { margin: 1.25rem 0 0; font-size: 1.375rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; text-wrap: balance; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 400; padding: .4rem 0; }
th[scope="col"] { text-align: right; color: var(--soft); font-size: .8125rem; }
td { text-align: right; padding: .4rem 0 .4rem .75rem; white-space: nowrap; }
tr + tr > * { border-top: 1px solid var(--line); }
th small, td small { color: var(--soft); font-size: .8125rem; }
td small { white-space: normal; }
.text { white-space: pre-line; overflow-wrap: anywhere; }
.strip { display: flex; flex-wrap: wrap; gap: 1px; margin: 1.25rem 0 .5rem; overflow: hidden; border: 1px solid var(--line);
  border-radius: .5rem; background: var(--line); font-variant-numeric: tabular-nums; }
.strip > div { display: flex; flex: 1 1 auto; flex-direction: column; padding: .625rem .875rem; background: var(--surface); }
.strip dt, .strip .change { color: var(--soft); font-size: .8125rem; }
.strip dt { flex: 1; }
.strip dd { margin: 0; font-size: 1.25rem; line-height: 1.35; font-weight: 650; white-space: nowrap; }
.strip .change { width: 0; min-width: 100%; font-weight: 400; white-space: normal; }
.strip small { font-size: .8125rem; font-weight: 400; white-space: normal; }
.loss { color: var(--loss); }
.others, .others ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; padding: 0; list-style: none; font-size: .875rem; }
.others > span { color: var(--soft); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2.5rem; }
svg { display: block; width: 100%; max-width: 40rem; height: auto; margin-top: .5rem; overflow: visible; font: 13px system-ui, sans-serif; }
.note { margin-top: 2rem; padding: 1rem 1.25rem; background: var(--tint); border-radius: .5rem; font-size: .9375rem; }
.note p { max-width: 46rem; margin: .25rem 0; }
.files { color: var(--soft); font-size: .9375rem; }
.files a { margin-left: .5rem; }
a { color: inherit; text-underline-offset: .2em; }
a:focus-visible { outline: 2px solid var(--value); outline-offset: 3px; }
@media screen and (max-width: 36rem) { .strip > div { flex-basis: calc(50% - 1px); } .strip > :nth-child(3) { flex-basis: 100%; } svg { font-size: 21px; } .pair { grid-template-columns: 1fr; } main { padding-top: 1.5rem; } }
@media screen and (max-width: 26rem) { .strip > div { padding-inline: .75rem; } .strip dd { font-size: 1.0625rem; } .strip dt, .strip .change { font-size: .75rem; }
  .range tr { display: grid; grid-template-columns: 1fr 1fr; } .range tr > [scope="row"] { grid-column: 1 / -1; padding-bottom: 0; }
  .range td { padding-left: 0; white-space: normal; overflow-wrap: anywhere; } .range td:empty { display: none; }
  .range tr > td { border-top: 0; } }
@page { size: A4; margin: 12mm 16mm; }
@media print { html { font-size: 10pt; } body { line-height: 1.4; } .files { display: none; }
  main, .lead, .note p { max-width: none; } main, .lead { padding: 0; } .pair { grid-template-columns: 1fr 1fr; } th, td { padding-top: .3rem; padding-bottom: .3rem; }
  h2 { margin-top: 1.25rem; } svg { max-height: 54mm; } .strip { margin: .75rem 0 .5rem; } .strip > div { padding: .25rem .5rem; } .strip dd { font-size: 1.125rem; } .strip dt, .strip .change { font-size: .75rem; }
  .note { margin-top: 1rem; padding: .5rem 0 0; border-top: 1px solid var(--line); border-radius: 0; }
  section, table, svg { break-inside: avoid; }
  html:has(.range) { font-size: 8.25pt; } .range p { margin: 0; } .range svg { max-height: 15mm; margin-top: 0; font-size: 16px; }
  .range ~ section svg { max-height: 32mm; font-size: 21px; } html:has(.range) h2 { margin: .75rem 0 .25rem; } html:has(.range) p { margin: .25rem 0; }
  html:has(.range) :is(th, td) { padding-top: .2rem; padding-bottom: .2rem; } }
`
