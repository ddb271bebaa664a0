package io.leasehold.jepsen.report;

/** The frame of a page, and what both pages share. */
final class Page {
  private static final String STYLE =
      """
      :root { color-scheme: light; }
      body { margin: 0 auto; padding: 24px 28px 64px; max-width: 1160px; background: #fff; color: #1f2328;
        font: 15px/1.5 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
      h1 { font-size: 25px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 8px;
        padding-bottom: 4px; border-bottom: 1px solid #d8dee4; } h3 { font-size: 16px; margin: 24px 0 4px; }
      p { margin: 4px 0 10px; max-width: 960px; } .quiet { color: #57606a; } a { color: #0b5fa5; }
      code, pre { font: 13px/1.45 ui-monospace, "Liberation Mono", monospace; }
      pre { background: #f6f8fa; border: 1px solid #d8dee4; border-radius: 6px; padding: 10px 14px;
        white-space: pre-wrap; overflow-wrap: anywhere; }
      table { border-collapse: collapse; margin: 8px 0 16px; font-size: 14px; }
      th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 8px; border-bottom: 1px solid #e4e7eb;
        overflow-wrap: anywhere; }
      th { background: #f6f8fa; font-weight: 600; overflow-wrap: normal; } td.number, th.number { text-align: right;
        font-variant-numeric: tabular-nums; white-space: nowrap; } td.name { white-space: nowrap; }
      .wide { width: 100%; } .ruling { font-weight: 700; white-space: nowrap; }
      .banner { color: #fff; border-radius: 6px; padding: 10px 16px; margin: 14px 0; font-size: 17px; max-width: none; }
      .facts { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 12px 0; padding: 0; list-style: none; }
      .facts b { display: block; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
      .facts li { color: #57606a; font-size: 13px; } .facts b { color: #1f2328; }
      .legend { font-size: 13px; color: #57606a; margin: 2px 0 4px; } .legend span { margin-right: 16px; white-space: nowrap; }
      .legend i { display: inline-block; width: 14px; height: 10px; margin-right: 5px; border-radius: 2px; }
      .proof { border-left: 4px solid #b3001b; padding: 2px 0 2px 14px; margin: 14px 0; }
      .mark { color: #b3001b; font-weight: 700; white-space: nowrap; }
      svg { display: block; width: 100%; height: auto; margin: 2px 0 10px; }
      svg text { font-family: system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
      svg a:hover text, svg a:hover rect { opacity: 0.7; }
      nav { font-size: 14px; margin: 8px 0; } nav a { margin-right: 18px; }
      #tip { position: fixed; display: none; max-width: 560px; background: #fff; border: 1px solid #8c959f;
        border-radius: 6px; padding: 6px 10px; font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere;
        box-shadow: 0 4px 14px rgba(31, 35, 40, 0.2); pointer-events: none; z-index: 1; }
      @media print { body { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } svg { break-inside: avoid; } }
      """;

  /** Shows at once what the browser would show of itself after a while. */
  private static final String TIPS =
      """
      (function () {
        var tip = document.createElement('div');
        tip.id = 'tip';
        document.body.appendChild(tip);
        document.addEventListener('mouseover', function (event) {
          var mark = event.target.closest ? event.target.closest('.tip') : null;
          var title = mark && mark.querySelector('title');
          if (title) {
            mark.setAttribute('data-tip', title.textContent);
            mark.removeChild(title);
          }
          tip.style.display = mark ? 'block' : 'none';
          if (mark) { tip.textContent = mark.getAttribute('data-tip'); }
        });
        document.addEventListener('mousemove', function (event) {
          var left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
          var above = event.clientY + 18 + tip.offsetHeight > window.innerHeight;
          tip.style.left = Math.max(4, left) + 'px';
          tip.style.top = (above ? event.clientY - tip.offsetHeight - 10 : event.clientY + 18) + 'px';
        });
      })();
      """;

  private Page() {}

  static Markup of(String title, Markup body) {
    return new Markup()
        .trusted("<!DOCTYPE html>\n")
        .open("html", "lang", "en")
        .open("head")
        .empty("meta", "charset", "utf-8")
        .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
        .element("title", title)
        .open("style")
        .trusted(STYLE)
        .close("style")
        .close("head")
        .open("body")
        .add(body)
        .open("script")
        .trusted(TIPS)
        .close("script")
        .close("body")
        .close("html");
  }

  /** A line that says what colours mean: colours and words in turn. */
  static Markup legend(String... coloursAndWords) {
    Markup legend = new Markup().open("p", "class", "legend");
    for (int i = 0; i < coloursAndWords.length; i += 2) {
      legend
          .open("span")
          .element("i", "", "style", "background:" + coloursAndWords[i])
          .text(coloursAndWords[i + 1])
          .close("span");
    }
    return legend.close("p");
  }
}
