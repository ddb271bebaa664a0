package io.leasehold.cli.output;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Texts in the forms that Go's library gives them, which users of etcdctl know. */
public final class GoText {
  private static final int DECIMAL = 1000;
  private static final int SMALL = 10;
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

  private GoText() {}

  /** Puts bytes in quotes, as {@code %q} does. */
  public static String quoted(ByteString bytes) {
    StringBuilder out = new StringBuilder("\"");
    int at = 0;
    byte[] all = bytes.toByteArray();
    while (at < all.length) {
      int length = characterLength(all, at);
      String character = new String(all, at, length, StandardCharsets.UTF_8);
      if (length == 1 && all[at] < 0) {
        out.append(String.format(Locale.ROOT, "\\x%02x", all[at]));
      } else {
        quote(out, character.codePointAt(0));
      }
      at += length;
    }
    return out.append('"').toString();
  }

  /** Returns how many bytes the character there has; 1 if it is none. */
  private static int characterLength(byte[] all, int at) {
    int first = all[at] & 0xff;
    int length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
    if (at + length > all.length) {
      return 1;
    }
    return new String(all, at, length, StandardCharsets.UTF_8).indexOf('\ufffd') >= 0 ? 1 : length;
  }

  private static void quote(StringBuilder out, int character) {
    switch (character) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\t' -> out.append("\\t");
      case '\r' -> out.append("\\r");
      case 7 -> out.append("\\a");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      case 11 -> out.append("\\v");
      default -> {
        if (character < ' ' || character == 0x7f) {
          out.append(String.format(Locale.ROOT, "\\x%02x", character));
        } else {
          out.appendCodePoint(character);
        }
      }
    }
  }

  /**
   * Takes a text apart into words; what is in quotes is one, and quotes are taken off.
   *
   * @throws IllegalArgumentException if a quote is not closed
   */
  public static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = null;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' || c == '\'') {
        int end = closing(line, i);
        word = word == null ? new StringBuilder() : word;
        String inside = line.substring(i + 1, end);
        word.append(c == '"' ? unescaped(inside) : inside);
        i = end;
      } else if (Character.isWhitespace(c)) {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
      } else {
        word = word == null ? new StringBuilder() : word;
        word.append(c);
      }
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }

  /** Returns where the quote that opens at a place closes. */
  public static int closing(String line, int open) {
    char quote = line.charAt(open);
    int i = open + 1;
    while (i < line.length()) {
      if (line.charAt(i) == quote) {
        return i;
      }
      i += line.charAt(i) == '\\' && quote == '"' ? 2 : 1;
    }
    throw new IllegalArgumentException("a quote is not closed");
  }

  /** Resolves what follows backslashes. */
  public static String unescaped(String text) {
    StringBuilder out = new StringBuilder();
    boolean isEscaped = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && !isEscaped && i + 1 < text.length()) {
        isEscaped = true;
        continue;
      }
      out.append(
          !isEscaped
              ? c
              : switch (c) {
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                default -> c;
              });
      isEscaped = false;
    }
    return out.toString();
  }

  /** Writes a number of bytes in decimal units, with two digits at least: {@code 20 kB}. */
  public static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= DECIMAL && unit < UNITS.length - 1) {
      value /= DECIMAL;
      unit++;
    }
    double rounded = Math.floor(value * SMALL + 0.5) / SMALL;
    // Of two numbers that are as near, Go takes the even one.
    return unit > 0 && rounded < SMALL
        ? String.format(Locale.ROOT, "%.1f %s", rounded, UNITS[unit])
        : String.format(Locale.ROOT, "%.0f %s", Math.rint(rounded), UNITS[unit]);
  }

  /** Writes a lease's ID as etcdctl does. */
  public static String leaseId(long id) {
    return String.format(Locale.ROOT, "%016x", id);
  }
}
