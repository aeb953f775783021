namespace MiniMind.Training;

/// <summary>How a page looks, by day and by night, on narrow and on wide screens.</summary>
internal static class PageStyle
{
    /// <summary>Holds none of the characters that XML escapes: a browser reads a style as it stands.</summary>
    public const string Css = """

        :root { --page: #f4f5f7; --card: #ffffff; --text: #18202b; --soft: #505b6b; --edge: #d3d9e1; --grid: #e4e8ee;
          --a: #1c68ad; --b: #b04a00; --c: #13724a; --d: #7a3fa8; --good: #13724a; --bad: #b3261e; --link: #1c5fa0; --faint: .45; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #11151b; --card: #1a202a; --text: #e5e9ef; --soft: #a6b0be; --edge: #343d4b; --grid: #2a323e;
            --a: #6fb3f2; --b: #f5a55c; --c: #62cc9c; --d: #c79af0; --good: #62cc9c; --bad: #ff8a80; --link: #8cc2f5; --faint: .6; }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; max-width: 1240px; padding: 0 16px 32px; background: var(--page); color: var(--text);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
        h1 { font-size: 1.75rem; line-height: 1.2; margin: 28px 0 8px; }
        h2 { font-size: 1.35rem; margin: 36px 0 12px; }
        h3 { font-size: 1.05rem; margin: 0 0 4px; }
        h4 { font-size: 1rem; margin: 0 0 8px; }
        p { margin: 0 0 8px; }
        a { color: var(--link); }
        .good { color: var(--good); } .bad { color: var(--bad); }
        .note, figcaption p { color: var(--soft); font-size: .9rem; }
        nav ul, .keys { list-style: none; padding: 0; margin: 8px 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 16px 0 0; }
        .tiles div, figure, .scroll, .reply { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: 14px 16px; }
        .tiles dt { color: var(--soft); font-size: .85rem; }
        .tiles dd { margin: 0; font-size: 1.25rem; font-weight: 600; }
        .tiles small { display: block; color: var(--soft); font-size: .8rem; font-weight: 400; }
        .columns { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; align-items: stretch; }
        figure { margin: 0; min-width: 0; display: flex; flex-direction: column; justify-content: space-between; }
        svg { display: block; width: 100%; height: auto; margin-top: 8px; }
        svg text { font-size: 13px; fill: var(--soft); }
        .grid { stroke: var(--grid); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
        .s-a { --s: var(--a); } .s-b { --s: var(--b); } .s-c { --s: var(--c); } .s-d { --s: var(--d); }
        .dots { stroke: var(--s); stroke-width: 3; stroke-linecap: round; fill: none; opacity: var(--faint); }
        .bars { stroke: var(--s); stroke-width: 1.2; stroke-linecap: round; fill: none; opacity: var(--faint); }
        .line { stroke: var(--s); stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round; fill: none; }
        .rule { stroke: var(--s); stroke-width: 1.75; stroke-dasharray: 7 5; fill: none; }
        .reach { stroke: var(--s); stroke-width: 1.5; opacity: .65; }
        .marker { fill: var(--s); stroke: var(--card); stroke-width: 1; }
        .bar { fill: var(--s); stroke: var(--card); stroke-width: 1; opacity: .85; }
        .keys { margin: 6px 0 0; font-size: .85rem; gap: 2px 16px; }
        .key { display: inline-block; vertical-align: middle; margin-right: 7px; background: var(--s); }
        .key-dots { width: 8px; height: 8px; border-radius: 50%; opacity: var(--faint); }
        .key-line { width: 20px; height: 3px; }
        .key-round { width: 11px; height: 11px; border-radius: 50%; } .key-square { width: 10px; height: 10px; }
        .key-rule { width: 20px; height: 0; background: none; border-top: 2px dashed var(--s); }
        .scroll { overflow: auto; min-width: 0; margin: 0 0 16px; } .long { max-height: 30rem; }
        .columns .scroll { margin: 0; }
        section .columns { margin-bottom: 16px; }
        table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; font-weight: 600; padding-bottom: 6px; }
        th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-top: 1px solid var(--edge); overflow-wrap: normal; }
        thead th { border-top: 0; color: var(--soft); white-space: nowrap; }
        tbody th { font-weight: 400; color: var(--soft); }
        .replies { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px 16px; margin: 20px 0; }
        .replies h3, .replies .note { grid-column: 1 / -1; margin: 0; }
        .reply { border-left: 5px solid var(--bad); min-width: 0; } .reply.right { border-left-color: var(--good); }
        .reply dl { margin: 0; } .reply dt { color: var(--soft); font-size: .85rem; } .reply dd { margin: 0 0 8px; }
        .text { white-space: pre-wrap; }
        .written { font: .88rem/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; background: var(--page);
          border-radius: 6px; padding: 8px 10px; max-height: 24rem; overflow: auto; }
        .tag { color: var(--d); font-weight: 600; }
        summary { cursor: pointer; color: var(--link); font-size: .9rem; } details .written { margin-top: 6px; }
        footer { color: var(--soft); font-size: .85rem; margin-top: 32px; border-top: 1px solid var(--edge); padding-top: 12px; }
        @media (max-width: 760px) {
          .columns, .replies { grid-template-columns: minmax(0, 1fr); }
          .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          .tiles div, figure, .scroll, .reply { padding: 12px; }
          svg text { font-size: 18px; }
        }

        """;
}
