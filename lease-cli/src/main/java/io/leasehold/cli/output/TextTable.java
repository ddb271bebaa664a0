package io.leasehold.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table in a frame, as etcdctl draws it: headings in the middle, cells to the right. */
final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();
  private final int[] widths;
  private final List<String> headings;

  TextTable(String... headings) {
    this.headings = List.of(headings).stream().map(text -> text.toUpperCase(Locale.ROOT)).toList();
    this.widths = this.headings.stream().mapToInt(TextTable::width).toArray();
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  void row(List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], width(cells.get(i)));
    }
    rows.add(cells);
  }

  private String frame() {
    StringBuilder line = new StringBuilder("+");
    for (int width : widths) {
      line.append("-".repeat(width + 2)).append('+');
    }
    return line.append('\n').toString();
  }

  String text() {
    StringBuilder out = new StringBuilder(frame()).append('|');
    for (int i = 0; i < widths.length; i++) {
      int gap = widths[i] - width(headings.get(i));
      out.append(' ')
          .append(" ".repeat(gap / 2))
          .append(headings.get(i))
          .append(" ".repeat(gap - gap / 2))
          .append(" |");
    }
    out.append('\n').append(frame());
    for (List<String> row : rows) {
      out.append('|');
      for (int i = 0; i < widths.length; i++) {
        out.append(' ')
            .append(" ".repeat(widths[i] - width(row.get(i))))
            .append(row.get(i))
            .append(" |");
      }
      out.append('\n');
    }
    return (rows.isEmpty() ? out : out.append(frame())).toString();
  }
}
