// Owns how the pages look: one style sheet, without anything from outside.
import { DARK, LIGHT, variables } from "./palette.ts";

export const STYLE = `
:root{color-scheme:light;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${variables(DARK)}}}
:root[data-theme=dark]{color-scheme:dark;${variables(DARK)}}
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere;-webkit-text-size-adjust:100%}
.wrap{max-width:78rem;margin:0 auto;padding:1.5rem}
h1,h2,h3,p,dl,dd,ul,figure{margin:0;padding:0}
ul{list-style:none}
a{color:var(--link);text-underline-offset:.2em}
a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:4px}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.25rem;margin-bottom:1.5rem}
.top h1{font-size:1.375rem;line-height:1.3;font-weight:650;letter-spacing:-.01em}
.top nav{margin-left:auto;display:flex;gap:.25rem;padding:.25rem;background:var(--off-fill);border-radius:.625rem}
.top nav a{padding:.3125rem .875rem;border-radius:.4375rem;color:var(--off-text);text-decoration:none;font-weight:550}
.top nav a:hover{color:var(--text)}
.top nav a[aria-current]{background:var(--card);color:var(--text);box-shadow:0 1px 2px rgb(0 0 0/.14)}
.pill{display:inline-flex;align-items:center;gap:.4375rem;padding:.1875rem .6875rem .1875rem .5rem;border-radius:999px;
font-size:.875rem;font-weight:600;line-height:1.4}
.pill svg{flex:none;width:.875rem;height:.875rem;fill:currentColor}
.good{color:var(--good-text);background:var(--good-fill)}
.warning{color:var(--warning-text);background:var(--warning-fill)}
.bad{color:var(--bad-text);background:var(--bad-fill)}
.off{color:var(--off-text);background:var(--off-fill)}
.cards{display:grid;gap:1.25rem;align-items:start;grid-template-columns:repeat(auto-fill,minmax(min(100%,31rem),1fr))}
.wrap.one{max-width:52rem}
.one .cards{grid-template-columns:minmax(0,1fr)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.875rem;padding:1.25rem;min-width:0}
.card>*+*{margin-top:1.125rem}
.head{display:flex;flex-wrap:wrap;align-items:flex-start;justify-content:space-between;gap:.375rem 1rem}
.head h2{font-size:1.0625rem;line-height:1.4;font-weight:650;min-width:0}
.head h2 span{display:block;font-size:.8125rem;font-weight:400;color:var(--muted)}
.notes{display:grid;gap:.5rem}
.note{border-radius:.625rem;padding:.625rem .875rem;color:var(--text)}
.note strong{display:block;font-weight:600}
.note p{font-size:.9375rem}
.note b{font-weight:600}
.facts{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:1rem 1.25rem}
.facts dt{font-size:.8125rem;color:var(--muted)}
.facts dd{font-size:1.0625rem;font-weight:600;line-height:1.35}
.facts dd small{display:block;font-size:.8125rem;font-weight:400;color:var(--muted);line-height:1.4}
.chart figcaption{display:flex;flex-wrap:wrap;gap:.125rem 1.125rem;font-size:.8125rem;color:var(--muted);margin-bottom:.5rem}
.chart figcaption span:first-child{margin-right:auto}
.chart figcaption b{color:var(--text);font-weight:600}
.chart i{display:inline-block;width:.5625rem;height:.5625rem;border-radius:2px;margin-right:.375rem}
.key-in{background:var(--bar-in)}
.key-out{background:var(--bar-out)}
.chart svg{display:block;width:100%;height:5.5rem}
.bar-in{fill:var(--bar-in)}
.bar-out{fill:var(--bar-out)}
.base{stroke:var(--muted);stroke-opacity:.45;stroke-width:1;vector-effect:non-scaling-stroke}
.hours{display:flex;justify-content:space-between;font-size:.75rem;color:var(--muted);margin-top:.25rem}
details{border-top:1px solid var(--line);padding-top:.75rem}
summary{cursor:pointer;color:var(--muted);font-size:.875rem;width:fit-content}
summary:hover{color:var(--text)}
details[open] summary{margin-bottom:.625rem}
table{border-collapse:collapse;width:100%;font-size:.875rem}
caption{text-align:left;color:var(--muted);font-size:.8125rem;padding:.5rem 0 .25rem}
th,td{text-align:left;font-weight:400;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th[scope=row],thead th{color:var(--muted)}
tr:last-child>*{border-bottom:0}
.numbers{width:auto;min-width:min(100%,20rem)}
.quiet{color:var(--muted);font-size:.875rem}
.number{text-align:right;padding-right:0}
.number+.number{padding-left:.75rem}
.foot{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:1.5rem;color:var(--muted);font-size:.8125rem}
.empty{color:var(--muted);max-width:40rem}
.findings{display:grid;gap:0}
.finding{display:grid;grid-template-columns:6.75rem minmax(0,1fr);gap:.125rem .75rem;padding:.625rem 0;border-top:1px solid var(--line)}
.finding:first-child{border-top:0;padding-top:0}
.finding:last-child{padding-bottom:0}
.finding .pill{align-self:start;justify-self:start}
.finding p+p{color:var(--muted);font-size:.9375rem;grid-column:2}
@media (max-width:34rem){
.wrap{padding:1rem}
.card{padding:1rem}
.top nav{margin-left:0;width:100%}
.top nav a{flex:1;text-align:center}
.facts{grid-template-columns:repeat(2,minmax(0,1fr))}
.finding{grid-template-columns:minmax(0,1fr)}
.finding p+p{grid-column:1}
}
@media (forced-colors:active){.pill,.note,.card{border:1px solid}.bar-in{fill:CanvasText}.bar-out{fill:GrayText}}
`;
