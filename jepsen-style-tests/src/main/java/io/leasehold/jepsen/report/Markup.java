package io.leasehold.jepsen.report;

/** Writes HTML and SVG. Every text and every attribute is escaped. Confined to one thread. */
final class Markup {
  private final StringBuilder out = new StringBuilder(1 << 12);

  /** Begins an element; attributes are names and values in turn. */
  Markup open(String element, Object... attributes) {
    tag(element, attributes);
    out.append('>');
    return this;
  }

  Markup close(String element) {
    out.append("</").append(element).append('>');
    if (!element.equals("span") && !element.equals("a") && !element.equals("b")) {
      out.append('\n');
    }
    return this;
  }

  /** An element that holds a text alone. */
  Markup element(String element, String text, Object... attributes) {
    return open(element, attributes).text(text).close(element);
  }

  /** An element that holds nothing. */
  Markup empty(String element, Object... attributes) {
    tag(element, attributes);
    out.append("/>\n");
    return this;
  }

  Markup text(String text) {
    escape(text);
    return this;
  }

  Markup add(Markup other) {
    out.append(other.out);
    return this;
  }

  /** What the program itself holds: styles and scripts. Never what comes from a run. */
  Markup trusted(String markup) {
    out.append(markup);
    return this;
  }

  private void tag(String element, Object... attributes) {
    if (attributes.length % 2 != 0) {
      throw new IllegalArgumentException(element + ": an attribute without a value");
    }
    out.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(
          attributes[i + 1] instanceof Double number
              ? coordinate(number)
              : String.valueOf(attributes[i + 1]));
      out.append('"');
    }
  }

  /** A tenth of a pixel is as fine as anybody sees. */
  static String coordinate(double pixels) {
    long tenths = Math.round(pixels * 10);
    return tenths % 10 == 0 ? Long.toString(tenths / 10) : Double.toString(tenths / 10.0);
  }

  private void escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        case '\n', '\t' -> out.append(c);
        default -> out.append(visible(text, i, c));
      }
    }
  }

  /** What no document may hold is shown by a picture of it. */
  private static char visible(String text, int at, char c) {
    if (c < ' ') {
      return (char) ('\u2400' + c);
    }
    if (c == 0x7f) {
      return '\u2421';
    }
    boolean isHalf =
        (Character.isHighSurrogate(c)
                && (at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1))))
            || (Character.isLowSurrogate(c)
                && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1))));
    return isHalf || c == '\ufffe' || c == '\uffff' || (c >= 0x80 && c < 0xa0) ? '\ufffd' : c;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
